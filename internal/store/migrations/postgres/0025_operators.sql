-- +goose Up
-- The same columns, tables and triggers as in ../sqlite, in PostgreSQL's dialect.

-- Calls under the key have parameters refused that they do not know.
ALTER TABLE keys ADD COLUMN is_strict BOOLEAN NOT NULL DEFAULT FALSE;

-- The audit log only grows. What is older than this time may be deleted, as the setting audit-retention has it:
-- so the row says from when on the log is whole, and it never goes back.
CREATE TABLE audit_kept (
	id    BIGINT PRIMARY KEY CHECK (id = 1), -- one row
	since BIGINT NOT NULL -- Unix ms
);
INSERT INTO audit_kept (id, since) VALUES (1, 0);
-- +goose StatementBegin
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	RAISE EXCEPTION '%', TG_ARGV[0];
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION audit_refuse_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF OLD.created_at >= COALESCE((SELECT k.since FROM audit_kept k), 0) THEN
		RAISE EXCEPTION 'entries of the audit log are kept: see audit_kept';
	END IF;
	RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit FOR EACH ROW
	EXECUTE FUNCTION audit_refuse('entries of the audit log do not change');
CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse_kept();
CREATE TRIGGER audit_untruncated BEFORE TRUNCATE ON audit FOR EACH STATEMENT
	EXECUTE FUNCTION audit_refuse('entries of the audit log are kept: see audit_kept');
CREATE TRIGGER audit_kept_rises BEFORE UPDATE ON audit_kept FOR EACH ROW
	WHEN (NEW.since < OLD.since) EXECUTE FUNCTION audit_refuse('audit_kept never goes back');
CREATE TRIGGER audit_kept_stays BEFORE DELETE ON audit_kept FOR EACH ROW
	EXECUTE FUNCTION audit_refuse('audit_kept never goes back');
CREATE TRIGGER audit_kept_untruncated BEFORE TRUNCATE ON audit_kept FOR EACH STATEMENT
	EXECUTE FUNCTION audit_refuse('audit_kept never goes back');

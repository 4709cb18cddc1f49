-- +goose Up
-- The same columns, tables and triggers as in ../postgres, in SQLite's dialect.

-- Calls under the key have parameters refused that they do not know.
ALTER TABLE keys ADD COLUMN is_strict BOOLEAN NOT NULL DEFAULT FALSE;

-- The audit log only grows. What is older than this time may be deleted, as the setting audit-retention has it:
-- so the row says from when on the log is whole, and it never goes back.
CREATE TABLE audit_kept (
	id    INTEGER PRIMARY KEY CHECK (id = 1), -- one row
	since BIGINT NOT NULL -- Unix ms
);
INSERT INTO audit_kept (id, since) VALUES (1, 0);
-- +goose StatementBegin
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
BEGIN
	SELECT RAISE(ABORT, 'entries of the audit log do not change');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit WHEN OLD.created_at >= (SELECT k.since FROM audit_kept k)
BEGIN
	SELECT RAISE(ABORT, 'entries of the audit log are kept: see audit_kept');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_unreplaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit a WHERE a.id = NEW.id)
BEGIN
	SELECT RAISE(ABORT, 'entries of the audit log do not change'); -- INSERT OR REPLACE
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_kept_rises BEFORE UPDATE ON audit_kept WHEN NEW.since < OLD.since
BEGIN
	SELECT RAISE(ABORT, 'audit_kept never goes back');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_kept_stays BEFORE DELETE ON audit_kept
BEGIN
	SELECT RAISE(ABORT, 'audit_kept never goes back');
END;
-- +goose StatementEnd

-- +goose Up
-- The same columns, tables, indexes and triggers as in ../postgres, in SQLite's dialect.

-- How many bytes an App's files may take together; 0 for what the server's settings say, and the highest number for no bound.
ALTER TABLE apps ADD COLUMN file_quota BIGINT NOT NULL DEFAULT 0;

-- An App that was deleted keeps its row, so that its number stands for no other one; its name is free.
ALTER TABLE apps ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;

-- What becomes of Apps that were deleted: how far that is, and then what is kept of them.
CREATE TABLE app_deletions (
	app_id      INTEGER PRIMARY KEY REFERENCES apps (id),
	name        TEXT NOT NULL, -- what it was called
	actor       TEXT NOT NULL, -- who has deleted it
	created_at  BIGINT NOT NULL,
	removed     BIGINT NOT NULL DEFAULT 0, -- rows that are gone so far
	files       BIGINT NOT NULL DEFAULT 0, -- and files,
	file_bytes  BIGINT NOT NULL DEFAULT 0, -- of so many bytes
	message_id  BIGINT NOT NULL DEFAULT 0, -- an emptied message that is kept while no other has a higher id
	finished_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX app_deletions_open ON app_deletions (app_id) WHERE finished_at = 0;

-- By what it is looked whether anything refers to a row that goes.
CREATE INDEX message_stars_room ON message_stars (room_id);
CREATE INDEX participant_data_user ON participant_data (user_id);
CREATE INDEX blocks_blocked ON blocks (blocked_id);
CREATE INDEX broadcasts_sender ON broadcasts (sender_id);
CREATE INDEX erasures_user ON erasures (user_id);

-- The audit log of an App that was deleted goes with it.
DROP TRIGGER audit_undeleted;
-- +goose StatementBegin
CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit WHEN OLD.created_at >= (SELECT k.since FROM audit_kept k)
	AND NOT EXISTS (SELECT 1 FROM apps a WHERE a.id = OLD.app_id AND a.deleted_at > 0)
BEGIN
	SELECT RAISE(ABORT, 'entries of the audit log are kept: see audit_kept');
END;
-- +goose StatementEnd

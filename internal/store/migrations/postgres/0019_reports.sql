-- +goose Up
-- The same columns and indexes as in ../sqlite.

-- What a backend has made of a report.
ALTER TABLE reports ADD COLUMN resolved_at BIGINT NOT NULL DEFAULT 0; -- 0 while it is open
ALTER TABLE reports ADD COLUMN resolved_by TEXT NOT NULL DEFAULT ''; -- in the backend's words, like the note
ALTER TABLE reports ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE INDEX reports_open ON reports (app_id, id) WHERE resolved_at = 0;
CREATE INDEX reports_resolved ON reports (app_id, id) WHERE resolved_at > 0;

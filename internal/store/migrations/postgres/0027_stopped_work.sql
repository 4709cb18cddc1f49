-- +goose Up
-- The same columns as in ../sqlite, in PostgreSQL's dialect.

-- An operator has had the rest not be done. It has a finished_at then.
ALTER TABLE broadcasts ADD COLUMN is_stopped BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE deletions ADD COLUMN is_stopped BOOLEAN NOT NULL DEFAULT FALSE;

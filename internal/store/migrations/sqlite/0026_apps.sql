-- +goose Up
-- The same columns as in ../postgres, in SQLite's dialect.

-- How many bytes an App's files may take together; 0 for what the server's settings say, and the highest number for no bound.
ALTER TABLE apps ADD COLUMN file_quota BIGINT NOT NULL DEFAULT 0;

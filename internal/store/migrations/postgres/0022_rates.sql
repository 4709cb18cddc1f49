-- +goose Up
-- The same columns as in ../sqlite, in PostgreSQL's dialect.

-- How many calls an App's callers may make in a minute; 0 is as many as they like.
ALTER TABLE apps ADD COLUMN backend_rate BIGINT NOT NULL DEFAULT 0;
ALTER TABLE apps ADD COLUMN user_rate BIGINT NOT NULL DEFAULT 0;

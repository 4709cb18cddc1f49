-- +goose Up
-- The same columns as in ../sqlite, in PostgreSQL's dialect.

-- What a call has come to, as JSON, until its answer is stored: of that the answer can be made again.
ALTER TABLE keyed_calls ADD COLUMN outcome BYTEA NOT NULL DEFAULT '';

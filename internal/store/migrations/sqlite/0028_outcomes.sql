-- +goose Up
-- The same columns as in ../postgres, in SQLite's dialect.

-- What a call has come to, as JSON, until its answer is stored: of that the answer can be made again.
ALTER TABLE keyed_calls ADD COLUMN outcome BLOB NOT NULL DEFAULT x'';

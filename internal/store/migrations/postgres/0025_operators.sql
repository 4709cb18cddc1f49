-- +goose Up
-- The same column as in ../sqlite, in PostgreSQL's dialect.

-- Calls under the key have parameters refused that they do not know.
ALTER TABLE keys ADD COLUMN is_strict BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

-- By what a backend lists messages of a type in a room. Nearly all messages are texts; looking for those goes
-- through the room itself, so they cost nothing here.
CREATE INDEX messages_type ON messages (room_id, type, created_at) WHERE type <> 1001;

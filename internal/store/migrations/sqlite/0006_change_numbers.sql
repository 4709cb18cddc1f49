-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

-- What change numbers are counted from; see change_number.go. All of them are higher than
-- any time in milliseconds, which stands in for the number of what is older than this table.
CREATE TABLE change_counter (
	id      INTEGER PRIMARY KEY CHECK (id = 1), -- one row
	n       BIGINT NOT NULL,
	cluster TEXT NOT NULL DEFAULT '' -- PostgreSQL's system identifier, where n was set
);
INSERT INTO change_counter (id, n) VALUES (1, 4503599627370496);

ALTER TABLE messages ADD COLUMN added BIGINT NOT NULL DEFAULT 0; -- number of its append; 0: created_at stands for it
ALTER TABLE messages ADD COLUMN changed BIGINT NOT NULL DEFAULT 0; -- number of its last edit or deletion, 0 if there was none
UPDATE messages SET changed = updated_at WHERE updated_at > created_at;
DROP INDEX messages_changed;
CREATE INDEX messages_changed ON messages (room_id, changed) WHERE updated_at > created_at;

ALTER TABLE hidden_messages ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
UPDATE hidden_messages SET changed = hidden_at;

ALTER TABLE rooms ADD COLUMN changed BIGINT NOT NULL DEFAULT 0; -- number of its newest change of any kind
ALTER TABLE rooms ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0; -- its time, which rises with each change
UPDATE rooms SET changed_at = last_message_at;
UPDATE rooms SET changed_at = (SELECT MAX(m.changed) FROM messages m WHERE m.room_id = rooms.id AND m.updated_at > m.created_at)
	WHERE changed_at < (SELECT MAX(m.changed) FROM messages m WHERE m.room_id = rooms.id AND m.updated_at > m.created_at);
UPDATE rooms SET changed_at = (SELECT a.changed_at FROM room_receipts a WHERE a.room_id = rooms.id)
	WHERE changed_at < (SELECT a.changed_at FROM room_receipts a WHERE a.room_id = rooms.id);
UPDATE rooms SET changed_at = (SELECT MAX(p.marked_at) FROM participants p WHERE p.room_id = rooms.id)
	WHERE changed_at < (SELECT MAX(p.marked_at) FROM participants p WHERE p.room_id = rooms.id);
UPDATE rooms SET changed = changed_at;

ALTER TABLE announcements ADD COLUMN number BIGINT NOT NULL DEFAULT 0; -- of the change that it tells of
CREATE INDEX announcements_number ON announcements (number, id);

-- How far a device is with what is handed out to it; see package device.
ALTER TABLE devices ADD COLUMN cursor BIGINT NOT NULL DEFAULT 0; -- all changes with lower numbers were handed out; negative while that is not certain
ALTER TABLE devices ADD COLUMN target BIGINT NOT NULL DEFAULT 0; -- if not 0, those below this one are being handed out
ALTER TABLE devices ADD COLUMN walked_room BIGINT NOT NULL DEFAULT 0; -- up to this room,
ALTER TABLE devices ADD COLUMN walked_at BIGINT NOT NULL DEFAULT 0; -- and in it up to the message created then
UPDATE devices SET cursor = synced_at - 30000, handed_out = '';

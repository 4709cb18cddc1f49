-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

-- By what an App's rooms are listed. A message only touches an index if it is the first of its
-- hour in the room.
ALTER TABLE rooms ADD COLUMN active_hour BIGINT NOT NULL DEFAULT 0; -- last_message_at, in hours since 1970
UPDATE rooms SET active_hour = last_message_at / 3600000;
CREATE INDEX rooms_app ON rooms (app_id, id);
CREATE INDEX rooms_type ON rooms (app_id, type, id);
CREATE INDEX rooms_active ON rooms (app_id, active_hour, id);
CREATE INDEX rooms_name ON rooms (app_id, lower(substr(name, 1, 100)), id) WHERE name <> '';
-- +goose StatementBegin
CREATE TRIGGER rooms_active_hour AFTER UPDATE OF last_message_at ON rooms
WHEN NEW.last_message_at / 3600000 <> NEW.active_hour
BEGIN
	UPDATE rooms SET active_hour = NEW.last_message_at / 3600000 WHERE id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rooms_first_hour AFTER INSERT ON rooms WHEN NEW.last_message_at / 3600000 <> NEW.active_hour
BEGIN
	UPDATE rooms SET active_hour = NEW.last_message_at / 3600000 WHERE id = NEW.id;
END;
-- +goose StatementEnd

-- The tags of rooms, as they are in rooms.tags.
CREATE TABLE room_tags (
	app_id  BIGINT NOT NULL,
	tag     TEXT NOT NULL,
	room_id BIGINT NOT NULL REFERENCES rooms (id),
	PRIMARY KEY (app_id, tag, room_id)
) WITHOUT ROWID;
CREATE INDEX room_tags_room ON room_tags (room_id);
INSERT OR IGNORE INTO room_tags (app_id, tag, room_id)
SELECT r.app_id, t.value, r.id FROM rooms r, json_each(r.tags) t WHERE r.tags NOT IN ('', '[]');
-- +goose StatementBegin
CREATE TRIGGER rooms_first_tags AFTER INSERT ON rooms WHEN NEW.tags NOT IN ('', '[]')
BEGIN
	INSERT OR IGNORE INTO room_tags (app_id, tag, room_id) SELECT NEW.app_id, t.value, NEW.id FROM json_each(NEW.tags) t;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rooms_new_tags AFTER UPDATE OF tags ON rooms WHEN NEW.tags <> OLD.tags
BEGIN
	DELETE FROM room_tags WHERE room_id = NEW.id;
	INSERT OR IGNORE INTO room_tags (app_id, tag, room_id) SELECT NEW.app_id, t.value, NEW.id FROM json_each(NEW.tags) t;
END;
-- +goose StatementEnd

-- Who may write. A message that is being written looks at the room's row, and at participants only
-- where anybody was ever restricted in the room.
ALTER TABLE rooms ADD COLUMN frozen_at BIGINT NOT NULL DEFAULT 0; -- since when only admins write
ALTER TABLE rooms ADD COLUMN restrictions BIGINT NOT NULL DEFAULT 0; -- counts changes of who may write, once there was one
-- Until when; 2^53 stands for no end.
ALTER TABLE participants ADD COLUMN silenced_until BIGINT NOT NULL DEFAULT 0; -- the user may not write
ALTER TABLE participants ADD COLUMN banned_until BIGINT NOT NULL DEFAULT 0; -- the user cannot be in the room, by name or by role
CREATE INDEX participants_admins ON participants (room_id, joined) WHERE is_explicit AND is_admin;
CREATE INDEX participants_silenced ON participants (room_id, user_id) WHERE silenced_until > 0;
CREATE INDEX participants_banned ON participants (room_id, user_id) WHERE banned_until > 0;

-- What backends keep with rooms and participants: a JSON object.
CREATE TABLE room_data (
	room_id BIGINT PRIMARY KEY REFERENCES rooms (id),
	data    TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE participant_data (
	room_id BIGINT NOT NULL REFERENCES rooms (id),
	user_id BIGINT NOT NULL REFERENCES users (id),
	data    TEXT NOT NULL,
	PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;

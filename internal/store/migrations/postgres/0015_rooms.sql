-- +goose Up
-- The same tables, columns and indexes as in ../sqlite, in PostgreSQL's dialect.

-- By what an App's rooms are listed. A message only touches an index if it is the first of its
-- hour in the room.
ALTER TABLE rooms ADD COLUMN active_hour BIGINT NOT NULL DEFAULT 0; -- last_message_at, in hours since 1970
UPDATE rooms SET active_hour = last_message_at / 3600000 WHERE last_message_at > 0;
CREATE INDEX rooms_app ON rooms (app_id, id);
CREATE INDEX rooms_type ON rooms (app_id, type, id);
CREATE INDEX rooms_active ON rooms (app_id, active_hour, id);
CREATE INDEX rooms_name ON rooms (app_id, lower(substr(name, 1, 100) COLLATE "C") COLLATE "C", id) WHERE name <> '';
-- Triggers, so that a node of the version before writes them, too.
-- +goose StatementBegin
CREATE FUNCTION rooms_set_active_hour() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	UPDATE rooms SET active_hour = NEW.last_message_at / 3600000 WHERE id = NEW.id;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER rooms_active_hour AFTER UPDATE OF last_message_at ON rooms FOR EACH ROW
	WHEN (NEW.last_message_at / 3600000 <> NEW.active_hour) EXECUTE FUNCTION rooms_set_active_hour();
CREATE TRIGGER rooms_first_hour AFTER INSERT ON rooms FOR EACH ROW
	WHEN (NEW.last_message_at / 3600000 <> NEW.active_hour) EXECUTE FUNCTION rooms_set_active_hour();

-- The tags of rooms, as they are in rooms.tags.
CREATE TABLE room_tags (
	app_id  BIGINT NOT NULL,
	tag     TEXT NOT NULL,
	room_id BIGINT NOT NULL REFERENCES rooms (id),
	PRIMARY KEY (app_id, tag, room_id)
);
CREATE INDEX room_tags_room ON room_tags (room_id);
INSERT INTO room_tags (app_id, tag, room_id)
SELECT DISTINCT r.app_id, t.value, r.id FROM rooms r, jsonb_array_elements_text(r.tags::jsonb) t WHERE r.tags NOT IN ('', '[]');
-- +goose StatementBegin
CREATE FUNCTION rooms_set_tags() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF TG_OP = 'UPDATE' THEN
		DELETE FROM room_tags WHERE room_id = NEW.id;
	END IF;
	INSERT INTO room_tags (app_id, tag, room_id)
	SELECT DISTINCT NEW.app_id, t.value, NEW.id FROM jsonb_array_elements_text(NEW.tags::jsonb) t;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER rooms_first_tags AFTER INSERT ON rooms FOR EACH ROW
	WHEN (NEW.tags NOT IN ('', '[]')) EXECUTE FUNCTION rooms_set_tags();
CREATE TRIGGER rooms_new_tags AFTER UPDATE OF tags ON rooms FOR EACH ROW
	WHEN (NEW.tags <> OLD.tags) EXECUTE FUNCTION rooms_set_tags();

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
);
CREATE TABLE participant_data (
	room_id BIGINT NOT NULL REFERENCES rooms (id),
	user_id BIGINT NOT NULL REFERENCES users (id),
	data    TEXT NOT NULL,
	PRIMARY KEY (room_id, user_id)
);

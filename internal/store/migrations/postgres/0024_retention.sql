-- +goose Up
-- The same tables, columns and indexes as in ../sqlite, in PostgreSQL's dialect.

-- How long an App keeps messages: of all rooms, or of those with a tag. Each rule has a job, which removes what is
-- older, room by room, once a day.
CREATE TABLE retention_rules (
	app_id       BIGINT NOT NULL REFERENCES apps (id),
	tag          TEXT NOT NULL, -- '' for the rooms none of whose tags has a rule
	days         BIGINT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	version      BIGINT NOT NULL, -- counts changes of the App's rules: what began before such a change ends
	begins_at    BIGINT NOT NULL, -- nothing is removed before
	job_id       BIGINT NOT NULL,
	at_room      BIGINT NOT NULL DEFAULT 0, -- rooms up to this one are done, in the last run
	started_at   BIGINT NOT NULL DEFAULT 0, -- of the last run
	finished_at  BIGINT NOT NULL DEFAULT 0, -- likewise; before started_at while it is under way
	run_messages BIGINT NOT NULL DEFAULT 0, -- what the last run has removed,
	run_files    BIGINT NOT NULL DEFAULT 0,
	run_bytes    BIGINT NOT NULL DEFAULT 0,
	messages     BIGINT NOT NULL DEFAULT 0, -- and all of them
	files        BIGINT NOT NULL DEFAULT 0,
	bytes        BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (app_id, tag)
);

-- Messages are removed from the beginning of a room. Counts of messages go on counting what is gone: see unread.go.
ALTER TABLE rooms ADD COLUMN expired_upto BIGINT NOT NULL DEFAULT 0; -- what was created until then is gone,
ALTER TABLE rooms ADD COLUMN expired_count BIGINT NOT NULL DEFAULT 0; -- which is so many of visible_count
ALTER TABLE rooms ADD COLUMN expired_hidden BIGINT NOT NULL DEFAULT 0; -- and so many that never showed
ALTER TABLE participants ADD COLUMN sent_expired BIGINT NOT NULL DEFAULT 0; -- so many of sent_count

-- What rests on a message that is removed is found by these; few users have such a thing.
CREATE INDEX participants_gaps ON participants (room_id, user_id) WHERE has_gaps;
CREATE INDEX message_pins_message ON message_pins (message_id);
CREATE INDEX message_stars_message ON message_stars (message_id);
CREATE INDEX hidden_messages_message ON hidden_messages (room_id, created_at);

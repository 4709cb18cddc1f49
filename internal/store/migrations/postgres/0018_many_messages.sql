-- +goose Up
-- The same tables, columns and indexes as in ../sqlite, in PostgreSQL's dialect.

-- Messages that a backend sends to many rooms, each worked off by a job. The columns of a message are those
-- of messages; its texts are sealed under id, which is a localID.
CREATE TABLE broadcasts (
	app_id      BIGINT NOT NULL REFERENCES apps (id),
	id          TEXT NOT NULL,
	sender_id   BIGINT NOT NULL REFERENCES users (id),
	type        BIGINT NOT NULL,
	body        TEXT NOT NULL,
	data        TEXT NOT NULL,
	filter_id   TEXT NOT NULL,
	is_hidden   BOOLEAN NOT NULL,
	quote       TEXT NOT NULL,
	file_id     TEXT NOT NULL, -- what its data names, '' for none
	rooms       BIGINT NOT NULL, -- how many
	created_at  BIGINT NOT NULL,
	finished_at BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (app_id, id)
);
CREATE INDEX broadcasts_open ON broadcasts (app_id, finished_at) WHERE finished_at = 0;
CREATE INDEX broadcasts_finished ON broadcasts (finished_at) WHERE finished_at > 0;

-- Where to, in the order of the call, and what has become of it.
CREATE TABLE broadcast_rooms (
	app_id       BIGINT NOT NULL,
	broadcast_id TEXT NOT NULL,
	place        BIGINT NOT NULL,
	room         TEXT NOT NULL, -- the id that was given,
	is_xc        BOOLEAN NOT NULL, -- which is the customer's or else the public one
	sent_at      BIGINT NOT NULL DEFAULT 0,
	code         TEXT NOT NULL DEFAULT '', -- why it was not sent; '' where it was, or still is to be
	failure      TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (app_id, broadcast_id, place)
);

-- Deletions of all messages that match something, each worked off by a job, room by room.
CREATE TABLE deletions (
	app_id      BIGINT NOT NULL REFERENCES apps (id),
	id          TEXT NOT NULL,
	room_id     BIGINT NOT NULL, -- only messages of this room; 0 for all of the App
	sender_id   BIGINT NOT NULL, -- only those of this user; 0 for anybody
	from_time   BIGINT NOT NULL, -- of their creation, both included
	until_time  BIGINT NOT NULL,
	below       BIGINT NOT NULL, -- only those that changes of lower numbers have appended
	at_room     BIGINT NOT NULL, -- the room that it has come to,
	at_time     BIGINT NOT NULL DEFAULT 0, -- up to where it is done there
	looked      BIGINT NOT NULL DEFAULT 0, -- at so many messages
	deleted     BIGINT NOT NULL DEFAULT 0,
	created_at  BIGINT NOT NULL,
	finished_at BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (app_id, id)
);
CREATE INDEX deletions_open ON deletions (app_id, finished_at) WHERE finished_at = 0;
CREATE INDEX deletions_finished ON deletions (finished_at) WHERE finished_at > 0;

-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

-- Durable work: what is to be done because of a commit, written by it.
CREATE TABLE jobs (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	kind       TEXT NOT NULL,
	app_id     BIGINT NOT NULL REFERENCES apps (id),
	subject    BIGINT NOT NULL DEFAULT 0, -- the id of what it is about, as its kind has it
	payload    TEXT NOT NULL DEFAULT '',
	created_at BIGINT NOT NULL,
	due_at     BIGINT NOT NULL, -- of one that is taken: when its lease ends
	owner      TEXT NOT NULL DEFAULT '', -- the process that has taken it
	lease      BIGINT NOT NULL DEFAULT 0, -- how often it was taken or moved
	attempts   BIGINT NOT NULL DEFAULT 0,
	last_error TEXT NOT NULL DEFAULT '',
	dead_at    BIGINT NOT NULL DEFAULT 0 -- when it was given up
);
CREATE INDEX jobs_due ON jobs (kind, due_at, id) WHERE dead_at = 0;
CREATE INDEX jobs_dead ON jobs (kind, dead_at, id) WHERE dead_at > 0;

-- Messages that users have written to be sent later. The columns of a message are those of messages.
CREATE TABLE scheduled_messages (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	app_id       BIGINT NOT NULL REFERENCES apps (id),
	owner_id     BIGINT NOT NULL REFERENCES users (id),
	room         TEXT NOT NULL, -- its public id; a personal room may not be there yet
	local_id     TEXT NOT NULL,
	type         BIGINT NOT NULL,
	body         TEXT NOT NULL,
	data         TEXT NOT NULL,
	filter_id    TEXT NOT NULL,
	is_hidden    BOOLEAN NOT NULL,
	quote        TEXT NOT NULL,
	reply_to     TEXT NOT NULL,
	forward_from TEXT NOT NULL,
	file_id      TEXT NOT NULL, -- what its data names, '' for none
	scheduled_at BIGINT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	job_id       BIGINT NOT NULL,
	failure      TEXT NOT NULL DEFAULT '' -- why it was not sent when it was due
);
CREATE INDEX scheduled_messages_owner ON scheduled_messages (owner_id, room, scheduled_at, id);
CREATE UNIQUE INDEX scheduled_messages_local ON scheduled_messages (app_id, local_id);

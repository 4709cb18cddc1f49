-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

-- What has happened in each App, for its backends: written by the transaction that did it.
CREATE TABLE feed_events (
	app_id  BIGINT NOT NULL REFERENCES apps (id),
	number  BIGINT NOT NULL, -- of the change
	id      BIGINT NOT NULL, -- counts events of one number
	kind    TEXT NOT NULL,
	room_id BIGINT NOT NULL,
	time    BIGINT NOT NULL, -- created_at of the message, 0 for none
	user_id BIGINT NOT NULL,
	at      BIGINT NOT NULL,
	data    TEXT NOT NULL, -- JSON, '' for nothing
	PRIMARY KEY (app_id, number, id)
) WITHOUT ROWID;

-- Up to where events are no longer kept.
ALTER TABLE apps ADD COLUMN feed_number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE apps ADD COLUMN feed_id BIGINT NOT NULL DEFAULT 0;

-- Where backends want to be called about events.
CREATE TABLE webhooks (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	app_id      BIGINT NOT NULL REFERENCES apps (id),
	url         TEXT NOT NULL,
	kinds       TEXT NOT NULL, -- JSON, [] for all
	room_tags   TEXT NOT NULL, -- JSON, [] for any
	room_types  TEXT NOT NULL, -- JSON, [] for any
	batch       BIGINT NOT NULL, -- events in one call
	sealed      BOOLEAN NOT NULL, -- texts stay as devices are sent them
	secrets     TEXT NOT NULL, -- JSON: with which calls are signed, the newest first
	state       TEXT NOT NULL CHECK (state IN ('active', 'paused', 'gone')),
	number      BIGINT NOT NULL, -- up to where, in the feed, events were delivered or are parked
	event_id    BIGINT NOT NULL,
	owner       TEXT NOT NULL DEFAULT '', -- the process that delivers
	lease       BIGINT NOT NULL DEFAULT 0, -- how often that was taken
	leased_to   BIGINT NOT NULL DEFAULT 0,
	failures    BIGINT NOT NULL DEFAULT 0, -- in a row
	retry_at    BIGINT NOT NULL DEFAULT 0, -- when it is called again after those
	last_error  TEXT NOT NULL DEFAULT '',
	failed_at   BIGINT NOT NULL DEFAULT 0,
	success_at  BIGINT NOT NULL DEFAULT 0,
	created_at  BIGINT NOT NULL,
	updated_at  BIGINT NOT NULL
);
CREATE INDEX webhooks_app ON webhooks (app_id, id);
CREATE INDEX webhooks_lease ON webhooks (leased_to, id) WHERE state = 'active';

-- Events that a webhook has not taken, and those behind them in their order.
CREATE TABLE webhook_parked (
	webhook_id BIGINT NOT NULL REFERENCES webhooks (id),
	number     BIGINT NOT NULL,
	event_id   BIGINT NOT NULL,
	lane       BIGINT NOT NULL, -- what is in order among itself: a room, or a user below zero
	kind       TEXT NOT NULL,
	room_id    BIGINT NOT NULL,
	time       BIGINT NOT NULL,
	user_id    BIGINT NOT NULL,
	at         BIGINT NOT NULL,
	data       TEXT NOT NULL,
	attempts   BIGINT NOT NULL,
	first_at   BIGINT NOT NULL, -- when it was tried first, 0 for not yet
	due_at     BIGINT NOT NULL, -- the highest there is while another of its lane is before it
	last_error TEXT NOT NULL,
	dead_at    BIGINT NOT NULL, -- when it was given up
	PRIMARY KEY (webhook_id, number, event_id)
) WITHOUT ROWID;
CREATE INDEX webhook_parked_due ON webhook_parked (webhook_id, due_at, number, event_id) WHERE dead_at = 0;
CREATE INDEX webhook_parked_lane ON webhook_parked (webhook_id, lane, number, event_id) WHERE dead_at = 0;
CREATE INDEX webhook_parked_dead ON webhook_parked (webhook_id, dead_at, number, event_id) WHERE dead_at > 0;

-- On which nodes users are connected, so that backends are told when they come and go.
CREATE TABLE presence (
	user_id BIGINT NOT NULL REFERENCES users (id),
	node    TEXT NOT NULL,
	app_id  BIGINT NOT NULL REFERENCES apps (id),
	PRIMARY KEY (user_id, node)
);
CREATE INDEX presence_node ON presence (node, user_id);
CREATE TABLE presence_nodes (
	node    TEXT PRIMARY KEY,
	seen_at BIGINT NOT NULL -- when it showed last that it is alive
);

-- Which address is asked before a device's message is stored.
CREATE TABLE before_hooks (
	app_id     BIGINT PRIMARY KEY REFERENCES apps (id),
	url        TEXT NOT NULL,
	secret     TEXT NOT NULL,
	timeout    BIGINT NOT NULL, -- in ms
	is_strict  BOOLEAN NOT NULL, -- without an answer nothing is stored
	updated_at BIGINT NOT NULL
);

-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

-- Calls of backends that were given an Idempotency-Key, with their answers. The row is written by the
-- transaction of what the call changes.
CREATE TABLE keyed_calls (
	app_id      BIGINT NOT NULL,
	call_key    TEXT NOT NULL,
	request     BLOB NOT NULL, -- the hash of path and body
	seed        BIGINT NOT NULL, -- what it makes by chance it makes of this, also when it is done again
	owner       TEXT NOT NULL, -- who is at it, or was
	begun_at    BIGINT NOT NULL,
	lease_until BIGINT NOT NULL, -- while it has no answer, when others may do it again
	answered_at BIGINT NOT NULL DEFAULT 0,
	answer      BLOB NOT NULL DEFAULT x'', -- its body, compressed
	PRIMARY KEY (app_id, call_key)
);
CREATE INDEX keyed_calls_begun ON keyed_calls (begun_at);

-- Who has changed what. Rows never change.
CREATE TABLE audit (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	app_id      BIGINT NOT NULL,
	created_at  BIGINT NOT NULL,
	actor_kind  TEXT NOT NULL, -- server_key, operator or server
	actor       TEXT NOT NULL, -- the key's id, or the operator's account
	action      TEXT NOT NULL, -- the call's path, or the command
	object_kind TEXT NOT NULL,
	object      TEXT NOT NULL,
	users       TEXT NOT NULL, -- whom else it was about, as a JSON list of xcUserIDs; the first of them
	user_count  BIGINT NOT NULL, -- how many those are in all
	address     TEXT NOT NULL,
	request_id  TEXT NOT NULL,
	result      TEXT NOT NULL -- ok, or what it was refused with
);
CREATE INDEX audit_time ON audit (app_id, created_at, id);
CREATE INDEX audit_action ON audit (app_id, action, created_at, id);
CREATE INDEX audit_object ON audit (app_id, object_kind, object, created_at, id);

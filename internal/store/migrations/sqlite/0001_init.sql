-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

CREATE TABLE heartbeat (
	id INTEGER PRIMARY KEY CHECK (id = 1), -- one row, rewritten to learn whether writing works
	at BIGINT NOT NULL,
	pad TEXT NOT NULL DEFAULT '' -- room that has to be there
);
INSERT INTO heartbeat (id, at) VALUES (1, 0);

CREATE TABLE apps (
	id             INTEGER PRIMARY KEY,
	name           TEXT NOT NULL UNIQUE,
	system_user_id BIGINT NOT NULL DEFAULT 0,
	created_at     BIGINT NOT NULL
);

CREATE TABLE keys (
	id         TEXT PRIMARY KEY,
	app_id     BIGINT NOT NULL REFERENCES apps (id),
	kind       TEXT NOT NULL CHECK (kind IN ('server', 'app')),
	label      TEXT NOT NULL DEFAULT '',
	salt       BLOB NOT NULL,
	hash       BLOB NOT NULL,
	created_at BIGINT NOT NULL,
	revoked_at BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX keys_app ON keys (app_id, created_at);

CREATE TABLE roles (
	app_id   BIGINT NOT NULL REFERENCES apps (id),
	code     TEXT NOT NULL,
	name     TEXT NOT NULL,
	icon_url TEXT NOT NULL,
	PRIMARY KEY (app_id, code)
) WITHOUT ROWID;

CREATE TABLE users (
	id               INTEGER PRIMARY KEY CHECK (id < 2147483648), -- SDKs read 32 bits
	app_id           BIGINT NOT NULL REFERENCES apps (id),
	xc_user_id       TEXT NOT NULL, -- '' for the App's system user
	fullname         TEXT NOT NULL,
	email            TEXT NOT NULL DEFAULT '',
	phone            TEXT NOT NULL DEFAULT '',
	username         TEXT NOT NULL DEFAULT '',
	username_key     TEXT NOT NULL DEFAULT '', -- lower case: usernames differ by more than case
	photo_thumbnail  TEXT NOT NULL DEFAULT '',
	photo_fullsize   TEXT NOT NULL DEFAULT '',
	role_code        TEXT NOT NULL DEFAULT '', -- roles need not be described in the table roles
	last_login_at    BIGINT NOT NULL DEFAULT 0,
	last_activity_at BIGINT NOT NULL DEFAULT 0,
	created_at       BIGINT NOT NULL,
	updated_at       BIGINT NOT NULL,
	deleted_at       BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX users_xc ON users (app_id, xc_user_id);
CREATE UNIQUE INDEX users_username ON users (app_id, username_key) WHERE username_key <> '';
CREATE INDEX users_role ON users (app_id, role_code, id) WHERE role_code <> '';

CREATE TABLE contacts (
	owner_id   BIGINT NOT NULL REFERENCES users (id),
	contact_id BIGINT NOT NULL REFERENCES users (id),
	created_at BIGINT NOT NULL,
	PRIMARY KEY (owner_id, contact_id)
) WITHOUT ROWID;

CREATE TABLE rooms (
	id              INTEGER PRIMARY KEY,
	app_id          BIGINT NOT NULL REFERENCES apps (id),
	xc_room_id      TEXT NOT NULL DEFAULT '', -- '' for personal rooms
	type            BIGINT NOT NULL,
	user_a          BIGINT NOT NULL DEFAULT 0, -- a personal room's users, the smaller first
	user_b          BIGINT NOT NULL DEFAULT 0,
	name            TEXT NOT NULL DEFAULT '',
	photo_thumbnail TEXT NOT NULL DEFAULT '',
	photo_fullsize  TEXT NOT NULL DEFAULT '',
	color           TEXT NOT NULL DEFAULT '',
	tags            TEXT NOT NULL DEFAULT '[]', -- JSON
	locked_at       BIGINT NOT NULL DEFAULT 0,
	deleted_at      BIGINT NOT NULL DEFAULT 0,
	created_at      BIGINT NOT NULL,
	updated_at      BIGINT NOT NULL,
	join_count      BIGINT NOT NULL DEFAULT 0, -- the next participant joins as number join_count + 1
	last_seq        BIGINT NOT NULL DEFAULT 0, -- the newest message's number
	last_message_at BIGINT NOT NULL DEFAULT 0, -- its created_at
	last_visible_at BIGINT NOT NULL DEFAULT 0, -- created_at of the newest message that is not hidden
	visible_count   BIGINT NOT NULL DEFAULT 0  -- messages that are not hidden
);
CREATE UNIQUE INDEX rooms_xc ON rooms (app_id, xc_room_id) WHERE xc_room_id <> '';
CREATE UNIQUE INDEX rooms_pair ON rooms (app_id, user_a, user_b) WHERE type = 1;

-- Everybody of these roles is in the room, for as long as both rows stand.
CREATE TABLE room_roles (
	app_id    BIGINT NOT NULL,
	role_code TEXT NOT NULL,
	room_id   BIGINT NOT NULL REFERENCES rooms (id),
	PRIMARY KEY (app_id, role_code, room_id)
) WITHOUT ROWID;
CREATE INDEX room_roles_room ON room_roles (room_id);

-- Who was put into a room by name (is_explicit), and what somebody did in it. A user
-- who is in by role alone has a row only once they have written something.
CREATE TABLE participants (
	user_id     BIGINT NOT NULL REFERENCES users (id),
	room_id     BIGINT NOT NULL REFERENCES rooms (id),
	is_explicit BOOLEAN NOT NULL,
	is_admin    BOOLEAN NOT NULL DEFAULT FALSE,
	joined      BIGINT NOT NULL DEFAULT 0, -- the order of joining within the room
	sent_count  BIGINT NOT NULL DEFAULT 0, -- own messages that are not hidden
	PRIMARY KEY (user_id, room_id)
) WITHOUT ROWID;
CREATE INDEX participants_room ON participants (room_id, joined) WHERE is_explicit;

CREATE TABLE messages (
	id             INTEGER PRIMARY KEY,
	app_id         BIGINT NOT NULL,
	room_id        BIGINT NOT NULL,
	seq            BIGINT NOT NULL,
	local_id       TEXT NOT NULL,
	sender_id      BIGINT NOT NULL,
	type           BIGINT NOT NULL,
	body           TEXT NOT NULL, -- in the SDKs' cipher, like data and quote_content
	data           TEXT NOT NULL,
	filter_id      TEXT NOT NULL,
	is_hidden      BOOLEAN NOT NULL,
	quote          TEXT NOT NULL, -- JSON, '' when there is none
	action         TEXT NOT NULL,
	target_user_id BIGINT NOT NULL,
	target_xc_id   TEXT NOT NULL,
	target_name    TEXT NOT NULL,
	created_at     BIGINT NOT NULL,
	updated_at     BIGINT NOT NULL,
	deleted_at     BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX messages_room ON messages (room_id, created_at);
CREATE UNIQUE INDEX messages_local ON messages (app_id, local_id);

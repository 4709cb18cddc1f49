-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

-- A ticket buys one login. Only its hash is kept.
CREATE TABLE auth_tickets (
	hash       BLOB PRIMARY KEY,
	app_id     BIGINT NOT NULL REFERENCES apps (id),
	user_id    BIGINT NOT NULL REFERENCES users (id),
	expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX auth_tickets_user ON auth_tickets (user_id, expires_at);
CREATE INDEX auth_tickets_expired ON auth_tickets (expires_at);

-- One sign-in on one device, from its ticket to its logout.
CREATE TABLE logins (
	id         INTEGER PRIMARY KEY,
	app_id     BIGINT NOT NULL REFERENCES apps (id),
	user_id    BIGINT NOT NULL REFERENCES users (id),
	device_id  TEXT NOT NULL,
	platform   TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL -- when its newest refresh token does
);
CREATE INDEX logins_user ON logins (user_id, id);
CREATE INDEX logins_expired ON logins (expires_at);

CREATE TABLE tokens (
	hash        BLOB PRIMARY KEY,
	login_id    BIGINT NOT NULL REFERENCES logins (id),
	kind        TEXT NOT NULL CHECK (kind IN ('access', 'refresh')),
	created_at  BIGINT NOT NULL,
	expires_at  BIGINT NOT NULL,
	replaced_at BIGINT NOT NULL DEFAULT 0 -- when a refresh token was exchanged
) WITHOUT ROWID;
CREATE INDEX tokens_login ON tokens (login_id, created_at);

-- How far a device is with what new_and_updated hands out.
CREATE TABLE devices (
	user_id    BIGINT NOT NULL REFERENCES users (id),
	device_id  TEXT NOT NULL,
	synced_at  BIGINT NOT NULL,
	handed_out TEXT NOT NULL DEFAULT '', -- JSON: what of the last moments it has already
	PRIMARY KEY (user_id, device_id)
) WITHOUT ROWID;
CREATE INDEX devices_idle ON devices (synced_at);

-- What a participant has read is a count, a time up to which nothing is unread, and the
-- spans of messages beyond it (docs/protocol.md, "Receipts").
ALTER TABLE participants ADD COLUMN read_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE participants ADD COLUMN read_upto BIGINT NOT NULL DEFAULT 0;
ALTER TABLE participants ADD COLUMN has_gaps BOOLEAN NOT NULL DEFAULT FALSE; -- read_spans goes beyond read_upto
ALTER TABLE participants ADD COLUMN marked_at BIGINT NOT NULL DEFAULT 0; -- when the user last marked messages
ALTER TABLE participants ADD COLUMN hides BIGINT NOT NULL DEFAULT 0; -- rows in hidden_messages
ALTER TABLE participants ADD COLUMN cleared_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE participants ADD COLUMN left_at BIGINT NOT NULL DEFAULT 0; -- the last message that one who left may see
ALTER TABLE participants ADD COLUMN muted_until BIGINT NOT NULL DEFAULT 0; -- 0 for not at all
ALTER TABLE participants ADD COLUMN pinned_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE participants ADD COLUMN marked_unread BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE participants ADD COLUMN read_spans BLOB NOT NULL DEFAULT x'';
ALTER TABLE participants ADD COLUMN delivered_spans BLOB NOT NULL DEFAULT x'';
CREATE INDEX participants_of_room ON participants (room_id);

-- What anybody has read or received of others' messages in a room.
CREATE TABLE room_receipts (
	room_id         BIGINT PRIMARY KEY REFERENCES rooms (id),
	changed_at      BIGINT NOT NULL DEFAULT 0,
	read_spans      BLOB NOT NULL DEFAULT x'',
	delivered_spans BLOB NOT NULL DEFAULT x''
) WITHOUT ROWID;

-- Messages that a user has deleted for himself.
CREATE TABLE hidden_messages (
	user_id    BIGINT NOT NULL,
	room_id    BIGINT NOT NULL,
	created_at BIGINT NOT NULL, -- the message's
	hidden_at  BIGINT NOT NULL,
	PRIMARY KEY (user_id, room_id, created_at)
) WITHOUT ROWID;

ALTER TABLE rooms ADD COLUMN people_version BIGINT NOT NULL DEFAULT 0; -- counts changes of who is in it

ALTER TABLE messages ADD COLUMN reply_to TEXT NOT NULL DEFAULT ''; -- JSON, '' when there is none
ALTER TABLE messages ADD COLUMN forward_from TEXT NOT NULL DEFAULT ''; -- likewise
ALTER TABLE messages ADD COLUMN is_edited BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX messages_changed ON messages (room_id, updated_at) WHERE updated_at > created_at;
CREATE INDEX messages_deleted ON messages (room_id, created_at) WHERE deleted_at > 0;

-- Whose contact somebody is.
CREATE INDEX contacts_of ON contacts (contact_id, owner_id);

-- What other nodes are to be told of, for those who could not hear it (PostgreSQL only).
CREATE TABLE announcements (
	id         INTEGER PRIMARY KEY,
	created_at BIGINT NOT NULL,
	payload    BLOB NOT NULL
);
CREATE INDEX announcements_time ON announcements (created_at);

-- Nodes that share this database find each other by its id.
CREATE TABLE installation (
	id TEXT PRIMARY KEY
);
INSERT INTO installation (id) VALUES (lower(hex(randomblob(16))));

-- Messages that a room has pinned, and that a user has starred.
CREATE TABLE message_pins (
	room_id    BIGINT NOT NULL REFERENCES rooms (id),
	message_id BIGINT NOT NULL REFERENCES messages (id),
	pinned_at  BIGINT NOT NULL,
	PRIMARY KEY (room_id, message_id)
) WITHOUT ROWID;
CREATE TABLE message_stars (
	user_id    BIGINT NOT NULL REFERENCES users (id),
	room_id    BIGINT NOT NULL REFERENCES rooms (id),
	message_id BIGINT NOT NULL REFERENCES messages (id),
	starred_at BIGINT NOT NULL,
	PRIMARY KEY (user_id, room_id, message_id)
) WITHOUT ROWID;

-- Pictures, videos, files and links of a room.
CREATE INDEX messages_shared ON messages (room_id, created_at) WHERE type IN (1002, 1003, 1004, 1010);

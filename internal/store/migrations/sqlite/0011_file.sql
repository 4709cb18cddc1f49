-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

-- Files that users have uploaded. What is in them is in the file store, under their id.
CREATE TABLE files (
	id           TEXT PRIMARY KEY, -- 32 hexadecimal digits
	app_id       BIGINT NOT NULL REFERENCES apps (id),
	owner_id     BIGINT NOT NULL REFERENCES users (id), -- who has uploaded it
	address      TEXT NOT NULL, -- 32 digits more, at the end of its URL
	name         TEXT NOT NULL,
	media_type   TEXT NOT NULL,
	size         BIGINT NOT NULL, -- bytes
	thumbnail    BIGINT NOT NULL, -- bytes of the small picture that was made of it, 0 for none
	width        BIGINT NOT NULL, -- pixels, 0 for what is no picture
	height       BIGINT NOT NULL,
	checksum     TEXT NOT NULL, -- SHA-256 in hexadecimal digits
	created_at   BIGINT NOT NULL,
	unused_since BIGINT NOT NULL -- 0 while a message or a photo names it
);
CREATE UNIQUE INDEX files_address ON files (address);
CREATE INDEX files_unused ON files (unused_since) WHERE unused_since > 0;

-- Which messages name a file: who may read one of them may have the file.
CREATE TABLE file_messages (
	file_id    TEXT NOT NULL REFERENCES files (id),
	room_id    BIGINT NOT NULL,
	message_id BIGINT NOT NULL,
	PRIMARY KEY (file_id, room_id, message_id)
) WITHOUT ROWID;
CREATE INDEX file_messages_message ON file_messages (message_id);

-- What the files of an App, and of each of its users, take together.
CREATE TABLE file_usage (
	app_id  BIGINT NOT NULL REFERENCES apps (id),
	user_id BIGINT NOT NULL, -- 0 for the App as a whole
	files   BIGINT NOT NULL,
	bytes   BIGINT NOT NULL, -- thumbnails included
	PRIMARY KEY (app_id, user_id)
) WITHOUT ROWID;

-- The photos of users. Which one is the main photo says the user's own row.
CREATE TABLE user_photos (
	id         INTEGER PRIMARY KEY,
	user_id    BIGINT NOT NULL REFERENCES users (id),
	file_id    TEXT NOT NULL REFERENCES files (id),
	thumbnail  TEXT NOT NULL, -- addresses
	fullsize   TEXT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX user_photos_user ON user_photos (user_id, id);
CREATE INDEX user_photos_file ON user_photos (file_id);

-- The photos that users have given to rooms.
CREATE TABLE room_photos (
	room_id BIGINT PRIMARY KEY REFERENCES rooms (id),
	file_id TEXT NOT NULL REFERENCES files (id)
);
CREATE INDEX room_photos_file ON room_photos (file_id);

-- Which place the content of the files is in: nodes that find another there do not start.
ALTER TABLE installation ADD COLUMN files TEXT NOT NULL DEFAULT '';

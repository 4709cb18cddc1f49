-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

-- Who has blocked whom. What that means in the personal room of the two, its row says, too: a
-- message that is being written looks there.
CREATE TABLE blocks (
	owner_id   BIGINT NOT NULL REFERENCES users (id),
	blocked_id BIGINT NOT NULL REFERENCES users (id),
	created_at BIGINT NOT NULL,
	PRIMARY KEY (owner_id, blocked_id)
) WITHOUT ROWID;
ALTER TABLE rooms ADD COLUMN blocks BIGINT NOT NULL DEFAULT 0; -- 1: user_a has blocked user_b; 2: the reverse; 3: both
ALTER TABLE messages ADD COLUMN withheld BOOLEAN NOT NULL DEFAULT FALSE; -- nobody but its sender ever sees it

-- What others see of a user's profile.
ALTER TABLE users ADD COLUMN bio TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN country_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN calling_code TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN phone_with_code TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN phone_verified BOOLEAN NOT NULL DEFAULT FALSE;
-- The digits under which address books find a user, those of the country included.
ALTER TABLE users ADD COLUMN phone_key TEXT NOT NULL DEFAULT '';
UPDATE users SET phone_key = REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(phone, ' ', ''), '+', ''), '-', ''), '(', ''), ')', ''), '.', ''), '/', '') WHERE phone <> '';
UPDATE users SET phone_key = '' WHERE phone_key <> '' AND (LENGTH(phone_key) < 7 OR LENGTH(phone_key) > 20 OR phone_key GLOB '*[^0-9]*');
CREATE INDEX users_phone ON users (app_id, phone_key) WHERE phone_key <> '';

-- How many numbers of an address book a user has looked up on a day.
CREATE TABLE phone_lookups (
	user_id BIGINT PRIMARY KEY REFERENCES users (id),
	day     BIGINT NOT NULL, -- since 1970, in UTC
	used    BIGINT NOT NULL
) WITHOUT ROWID;

-- What users have reported to the operator of the App.
CREATE TABLE reports (
	id          INTEGER PRIMARY KEY,
	app_id      BIGINT NOT NULL REFERENCES apps (id),
	reporter_id BIGINT NOT NULL REFERENCES users (id),
	user_id     BIGINT NOT NULL, -- who is reported; of a message its sender
	room_id     BIGINT NOT NULL DEFAULT 0, -- of the message, 0 where a user is reported
	message_id  BIGINT NOT NULL DEFAULT 0,
	category    TEXT NOT NULL,
	is_other    BOOLEAN NOT NULL, -- the category is the reporter's own words
	reason      TEXT NOT NULL,
	created_at  BIGINT NOT NULL
);
CREATE INDEX reports_app ON reports (app_id, id);
CREATE INDEX reports_reporter ON reports (reporter_id, created_at);

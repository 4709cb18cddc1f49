-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

-- By what a vendor knows the device of a login, for push notifications.
CREATE TABLE push_targets (
	login_id   BIGINT PRIMARY KEY REFERENCES logins (id) ON DELETE CASCADE, -- also where an older node ends it
	app_id     BIGINT NOT NULL REFERENCES apps (id),
	user_id    BIGINT NOT NULL REFERENCES users (id),
	kind       TEXT NOT NULL CHECK (kind IN ('fcm', 'apns', 'apns-sandbox', 'webpush')),
	token      TEXT NOT NULL, -- of a browser, the address of its subscription
	p256dh     TEXT NOT NULL DEFAULT '', -- of a browser, its keys
	auth       TEXT NOT NULL DEFAULT '',
	hash       BLOB NOT NULL, -- of kind and token, which may be longer than an index takes
	updated_at BIGINT NOT NULL
) WITHOUT ROWID;
-- A device that somebody else signs in on is theirs.
CREATE UNIQUE INDEX push_targets_hash ON push_targets (app_id, hash);
CREATE INDEX push_targets_user ON push_targets (user_id);

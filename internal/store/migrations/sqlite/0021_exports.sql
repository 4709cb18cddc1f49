-- +goose Up
-- The same table as in ../postgres, in SQLite's dialect.

-- Archives of everything that belongs to a user.
CREATE TABLE exports (
	id          TEXT PRIMARY KEY, -- 32 hexadecimal digits
	app_id      BIGINT NOT NULL REFERENCES apps (id),
	user_id     BIGINT NOT NULL REFERENCES users (id),
	created_at  BIGINT NOT NULL,
	finished_at BIGINT NOT NULL DEFAULT 0,
	file_id     TEXT NOT NULL DEFAULT '', -- the archive, which goes when nothing has named it for a day
	messages    BIGINT NOT NULL DEFAULT 0,
	files       BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX exports_user ON exports (user_id, created_at);

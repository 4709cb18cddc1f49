-- +goose Up
-- Users of whom everything is taken away, for good, and the receipts of that.

CREATE TABLE erasures (
	id          TEXT PRIMARY KEY, -- 32 hexadecimal digits
	app_id      BIGINT NOT NULL REFERENCES apps (id),
	user_id     BIGINT NOT NULL REFERENCES users (id),
	subject     TEXT NOT NULL,   -- a hash of this id and of the customer's id of the user, which is stored nowhere else
	created_at  BIGINT NOT NULL,
	position    BIGINT NOT NULL DEFAULT 0, -- messages up to this id are done
	erased      TEXT NOT NULL,             -- JSON: what is gone so far
	finished_at BIGINT NOT NULL DEFAULT 0,
	receipt     TEXT NOT NULL DEFAULT ''   -- signed, once it is finished
) WITHOUT ROWID;
CREATE INDEX erasures_app ON erasures (app_id, created_at, id);

-- By which receipts of an App are signed.
CREATE TABLE receipt_keys (
	app_id BIGINT PRIMARY KEY REFERENCES apps (id),
	seed   BLOB NOT NULL -- of an Ed25519 key
) WITHOUT ROWID;

CREATE INDEX files_owner ON files (owner_id, id);
CREATE INDEX reports_about ON reports (user_id, id);

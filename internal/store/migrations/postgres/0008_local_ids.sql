-- +goose Up
-- The same tables, columns and indexes as in ../sqlite.

-- Which localIDs are taken, so that a message which is sent again is stored once. They come in
-- generations: each is small while it is filled, and then changes no more; see local_id.go.
CREATE TABLE local_id_generations (
	id        BIGINT PRIMARY KEY,
	opened_at BIGINT NOT NULL,           -- Unix ms
	sealed_at BIGINT NOT NULL DEFAULT 0  -- Unix ms, since when nothing is added; 0 while it is open
);
CREATE INDEX local_id_generations_open ON local_id_generations (id) WHERE sealed_at = 0;
INSERT INTO local_id_generations (id, opened_at) VALUES (1048576, CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT));

CREATE TABLE local_ids (
	generation BIGINT NOT NULL,
	hash       BYTEA NOT NULL, -- of the App and the localID
	message_id BIGINT NOT NULL,
	PRIMARY KEY (generation, hash)
);

-- What a sealed generation may hold, to be kept in memory.
CREATE TABLE local_id_filters (
	generation BIGINT PRIMARY KEY,
	bits       BYTEA NOT NULL
);

-- How far the messages of before are entered, in parts; the index messages_local finds them
-- until then.
CREATE TABLE older_local_ids (
	id          BIGINT PRIMARY KEY CHECK (id = 1), -- no row once the index is gone
	position    BIGINT NOT NULL,            -- messages up to this id are entered
	last        BIGINT NOT NULL,            -- the newest of before
	generation  BIGINT NOT NULL DEFAULT 1,  -- the one for those that follow
	finished_at BIGINT NOT NULL DEFAULT 0   -- Unix ms
);
INSERT INTO older_local_ids (id, position, last) SELECT 1, MIN(id) - 1, MAX(id) FROM messages HAVING MAX(id) IS NOT NULL;

-- Where there are none, nobody needs that index. SQLite cannot ask: the store drops it there.
-- +goose StatementBegin
DO $$ BEGIN
	IF NOT EXISTS (SELECT 1 FROM messages) THEN
		DROP INDEX messages_local;
	END IF;
END $$;
-- +goose StatementEnd

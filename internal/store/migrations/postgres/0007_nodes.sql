-- +goose Up
-- The nodes that share this database. What one has committed may have reached nobody, so the
-- others must know that it is there, even if the bus between them is away.
CREATE TABLE nodes (
	id      TEXT PRIMARY KEY,
	beats   BIGINT NOT NULL,  -- how often it has shown that it is alive
	seen_at BIGINT NOT NULL   -- Unix ms, by its own clock: when it did so last
);

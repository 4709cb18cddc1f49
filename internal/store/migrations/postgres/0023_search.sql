-- +goose Up
-- The index of messages by the words that they have. It can be made anew from the messages. On SQLite it is in a
-- file of its own: see ../../search_file.go.

CREATE TABLE message_search (
	message_id BIGINT PRIMARY KEY,
	app_id     BIGINT NOT NULL,
	words      TSVECTOR NOT NULL -- of its text, and what says whose it is and where it stands
);
CREATE INDEX message_search_words ON message_search USING GIN (words) WITH (gin_pending_list_limit = 512);
-- The words of a message go with its row, whoever deletes that.
-- +goose StatementBegin
CREATE FUNCTION messages_unindex() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	DELETE FROM message_search WHERE message_id = OLD.id;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER messages_unindexed AFTER DELETE ON messages FOR EACH ROW EXECUTE FUNCTION messages_unindex();

-- How far the index is: one row.
CREATE TABLE search_state (
	id        BIGINT PRIMARY KEY CHECK (id = 1),
	built     TEXT NOT NULL,            -- of which database, by which version of the terms; '' for not begun
	position  BIGINT NOT NULL,          -- messages up to this id were looked at, while it is being made
	until     BIGINT NOT NULL,          -- and up to which they are to be; 0 once it is made
	holder    TEXT NOT NULL DEFAULT '', -- the process that writes it
	lease     BIGINT NOT NULL DEFAULT 0, -- how often that was taken
	leased_to BIGINT NOT NULL DEFAULT 0
);
INSERT INTO search_state (id, built, position, until) VALUES (1, '', 0, 0);

-- Up to which event of each App it has got.
CREATE TABLE search_places (
	app_id   BIGINT PRIMARY KEY,
	number   BIGINT NOT NULL,
	event_id BIGINT NOT NULL,
	at       BIGINT NOT NULL -- of that event, by which it is known again
);

-- Between which ids the messages of an hour are.
CREATE TABLE search_hours (
	hour  BIGINT PRIMARY KEY, -- since 1970
	first BIGINT NOT NULL,
	last  BIGINT NOT NULL
);

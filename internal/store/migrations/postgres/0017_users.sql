-- +goose Up
-- The same tables, columns and indexes as in ../sqlite, in PostgreSQL's dialect.

-- Who may not sign in for a while.
ALTER TABLE users ADD COLUMN deactivated_at BIGINT NOT NULL DEFAULT 0; -- 0 for one who may

-- By what an App's users are listed. The sum keeps PostgreSQL from looking for one user in them, by the App alone,
-- while it knows nothing of the table yet.
CREATE INDEX users_app ON users ((app_id + 0), id);
CREATE INDEX users_updated ON users ((app_id + 0), updated_at, id);
CREATE INDEX users_deactivated ON users (app_id, id) WHERE deactivated_at > 0;
CREATE INDEX users_deleted ON users (app_id, id) WHERE deleted_at > 0;

-- The words of users' full names, as far as these are 100 characters: A to Z in lower case.
CREATE TABLE user_words (
	app_id  BIGINT NOT NULL,
	word    TEXT COLLATE "C" NOT NULL,
	user_id BIGINT NOT NULL REFERENCES users (id),
	PRIMARY KEY (app_id, word, user_id)
);
CREATE INDEX user_words_user ON user_words (user_id);
INSERT INTO user_words (app_id, word, user_id)
SELECT DISTINCT u.app_id, w.word, u.id FROM users u,
	unnest(string_to_array(lower(substr(u.fullname, 1, 100) COLLATE "C"), ' ')) w (word) WHERE w.word <> '' AND u.xc_user_id <> '';
-- Triggers, so that a node of the version before writes them, too.
-- +goose StatementBegin
CREATE FUNCTION users_set_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF TG_OP = 'UPDATE' THEN
		DELETE FROM user_words WHERE user_id = NEW.id;
	END IF;
	INSERT INTO user_words (app_id, word, user_id)
	SELECT DISTINCT NEW.app_id, w.word, NEW.id
	FROM unnest(string_to_array(lower(substr(NEW.fullname, 1, 100) COLLATE "C"), ' ')) w (word) WHERE w.word <> '';
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER users_first_words AFTER INSERT ON users FOR EACH ROW
	WHEN (NEW.xc_user_id <> '') EXECUTE FUNCTION users_set_words();
CREATE TRIGGER users_new_words AFTER UPDATE OF fullname ON users FOR EACH ROW
	WHEN (NEW.xc_user_id <> '' AND NEW.fullname <> OLD.fullname) EXECUTE FUNCTION users_set_words();

-- What backends keep with users: a JSON object.
CREATE TABLE user_data (
	user_id BIGINT PRIMARY KEY REFERENCES users (id),
	data    TEXT NOT NULL
);

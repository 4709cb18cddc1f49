-- +goose Up
-- The same tables, columns and indexes as in ../postgres, in SQLite's dialect.

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
	word    TEXT NOT NULL,
	user_id BIGINT NOT NULL REFERENCES users (id),
	PRIMARY KEY (app_id, word, user_id)
) WITHOUT ROWID;
CREATE INDEX user_words_user ON user_words (user_id);
INSERT OR IGNORE INTO user_words (app_id, word, user_id)
WITH RECURSIVE parts (app_id, user_id, word, rest) AS (
	SELECT app_id, id, '', lower(substr(fullname, 1, 100)) || ' ' FROM users WHERE xc_user_id <> ''
	UNION ALL
	SELECT app_id, user_id, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM parts WHERE rest <> ''
)
SELECT app_id, word, user_id FROM parts WHERE word <> '';
-- +goose StatementBegin
CREATE TRIGGER users_first_words AFTER INSERT ON users WHEN NEW.xc_user_id <> ''
BEGIN
	INSERT OR IGNORE INTO user_words (app_id, word, user_id)
	SELECT NEW.app_id, w.word, NEW.id FROM (
		WITH RECURSIVE parts (word, rest) AS (
			SELECT '', lower(substr(NEW.fullname, 1, 100)) || ' '
			UNION ALL
			SELECT substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM parts WHERE rest <> ''
		)
		SELECT word FROM parts WHERE word <> ''
	) w;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER users_new_words AFTER UPDATE OF fullname ON users WHEN NEW.xc_user_id <> '' AND NEW.fullname <> OLD.fullname
BEGIN
	DELETE FROM user_words WHERE user_id = NEW.id;
	INSERT OR IGNORE INTO user_words (app_id, word, user_id)
	SELECT NEW.app_id, w.word, NEW.id FROM (
		WITH RECURSIVE parts (word, rest) AS (
			SELECT '', lower(substr(NEW.fullname, 1, 100)) || ' '
			UNION ALL
			SELECT substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM parts WHERE rest <> ''
		)
		SELECT word FROM parts WHERE word <> ''
	) w;
END;
-- +goose StatementEnd

-- What backends keep with users: a JSON object.
CREATE TABLE user_data (
	user_id BIGINT PRIMARY KEY REFERENCES users (id),
	data    TEXT NOT NULL
) WITHOUT ROWID;

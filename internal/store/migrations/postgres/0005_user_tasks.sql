-- +goose Up
-- What is due in a user's personal rooms since the user was changed: they are to be closed
-- or opened (account), or told of a new profile. A later change takes its place.
CREATE TABLE user_tasks (
	user_id      BIGINT PRIMARY KEY REFERENCES users (id),
	app_id       BIGINT NOT NULL REFERENCES apps (id),
	kind         TEXT NOT NULL CHECK (kind IN ('account', 'profile')),
	version      BIGINT NOT NULL, -- the user's updated_at
	position     BIGINT NOT NULL DEFAULT 0, -- rooms up to this id are done
	leased_until BIGINT NOT NULL -- until then somebody is at work on it
);
CREATE INDEX user_tasks_due ON user_tasks (leased_until);

-- The rooms beyond the position that are done.
CREATE TABLE user_task_rooms (
	user_id BIGINT NOT NULL,
	room_id BIGINT NOT NULL,
	PRIMARY KEY (user_id, room_id)
);

-- What a caller who hung up has left undone so far.
INSERT INTO user_tasks (user_id, app_id, kind, version, leased_until)
SELECT u.id, u.app_id, 'account', u.updated_at, 0 FROM users u WHERE EXISTS (
	SELECT 1 FROM participants p JOIN rooms r ON r.id = p.room_id
	JOIN users o ON o.id = CASE WHEN r.user_a = u.id THEN r.user_b ELSE r.user_a END
	WHERE p.user_id = u.id AND p.is_explicit AND r.type = 1 AND r.user_a <> r.user_b AND r.last_message_at > 0
		AND ((u.deleted_at > 0 AND r.locked_at = 0) OR (u.deleted_at = 0 AND o.deleted_at = 0 AND r.locked_at > 0)));

-- +goose Up
-- What people read where the App itself speaks. Its name is for operators.
ALTER TABLE apps ADD COLUMN title TEXT NOT NULL DEFAULT '';
UPDATE apps SET title = CASE WHEN name = 'default' THEN 'Parlor' ELSE name END;
UPDATE users SET fullname = 'Parlor'
	WHERE fullname = 'default' AND id IN (SELECT system_user_id FROM apps WHERE name = 'default');

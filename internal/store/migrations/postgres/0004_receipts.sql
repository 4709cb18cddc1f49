-- +goose Up
-- Those who have read a message are looked for in parts, by their ids.
DROP INDEX participants_of_room;
CREATE INDEX participants_of_room ON participants (room_id, user_id);

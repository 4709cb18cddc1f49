package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// RoomData returns what backends keep with rooms, which must have been found in the caller's App.
func (s *Store) RoomData(ctx context.Context, rooms []chat.RoomID) (map[chat.RoomID]chat.OwnData, error) {
	data := map[chat.RoomID]chat.OwnData{}
	if len(rooms) == 0 {
		return data, nil
	}
	err := engine.Each(ctx, s.eng, intoData(data), `SELECT d.room_id, d.data FROM room_data d WHERE `+s.eng.IDInList("d.room_id", "$1"), s.eng.IDListArg(idsOf(rooms)))
	return data, s.explain(err)
}

// SetRoomData keeps data with a room in place of what was kept, "" for nothing.
func (tx *Tx) SetRoomData(ctx context.Context, room chat.RoomID, data chat.OwnData) error {
	if data == "" {
		_, err := tx.conn.Exec(ctx, `DELETE FROM room_data WHERE room_id = $1`, room)
		return err
	}
	_, err := tx.conn.Exec(ctx, `INSERT INTO room_data (room_id, data) VALUES ($1, $2)
		ON CONFLICT (room_id) DO UPDATE SET data = excluded.data`, room, string(data))
	return err
}

// ParticipantData returns what backends keep with users in a room.
func (s *Store) ParticipantData(
	ctx context.Context, room chat.RoomID, users []chat.UserID,
) (map[chat.UserID]chat.OwnData, error) {
	data := map[chat.UserID]chat.OwnData{}
	if len(users) == 0 {
		return data, nil
	}
	err := engine.Each(ctx, s.eng, intoData(data), `SELECT d.user_id, d.data FROM participant_data d WHERE d.room_id = $1 AND `+s.eng.IDInList("d.user_id", "$2"),
		room, s.eng.IDListArg(idsOf(users)))
	return data, s.explain(err)
}

// SetParticipantData keeps data with a user in a room in place of what was kept, "" for nothing.
func (tx *Tx) SetParticipantData(ctx context.Context, room chat.RoomID, user chat.UserID, data chat.OwnData) error {
	if data == "" {
		_, err := tx.conn.Exec(ctx, `DELETE FROM participant_data WHERE room_id = $1 AND user_id = $2`, room, user)
		return err
	}
	_, err := tx.conn.Exec(ctx, `INSERT INTO participant_data (room_id, user_id, data) VALUES ($1, $2, $3)
		ON CONFLICT (room_id, user_id) DO UPDATE SET data = excluded.data`, room, user, string(data))
	return err
}

// UserData returns what backends keep with users, who must have been found in the caller's App.
func (s *Store) UserData(ctx context.Context, users []chat.UserID) (map[chat.UserID]chat.OwnData, error) {
	data := map[chat.UserID]chat.OwnData{}
	err := engine.Each(ctx, s.eng, intoData(data), `SELECT d.user_id, d.data FROM user_data d WHERE `+s.eng.IDInList("d.user_id", "$1"), s.eng.IDListArg(idsOf(users)))
	return data, s.explain(err)
}

// SetUserData keeps data with a user in place of what was kept, "" for nothing.
func (tx *Tx) SetUserData(ctx context.Context, user chat.UserID, data chat.OwnData) error {
	if data == "" {
		_, err := tx.conn.Exec(ctx, `DELETE FROM user_data WHERE user_id = $1`, user)
		return err
	}
	_, err := tx.conn.Exec(ctx, `INSERT INTO user_data (user_id, data) VALUES ($1, $2)
		ON CONFLICT (user_id) DO UPDATE SET data = excluded.data`, user, string(data))
	return err
}

// intoData collects rows of an id and what is kept under it.
func intoData[ID ~int64](data map[ID]chat.OwnData) func(engine.Row) error {
	return func(r engine.Row) error {
		var id ID
		var text string
		err := r.Scan(&id, &text)
		data[id] = chat.OwnData(text)
		return err
	}
}

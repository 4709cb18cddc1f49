package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// pairKey finds a personal room.
type pairKey struct {
	app  chat.AppID
	pair chat.Pair
}

// PersonalRoomID finds the room of two users, or CodeNotFound where they have none yet.
func (s *Store) PersonalRoomID(ctx context.Context, app chat.AppID, pair chat.Pair) (chat.RoomID, error) {
	if id, ok := s.cache.pairs.get(pairKey{app, pair}); ok {
		return id, nil
	}
	ticket := s.cache.ticket()
	r, err := scanRoom(s.eng.Row(ctx, pairQuery, app, pair.A, pair.B))
	if engine.NoRows(err) {
		return 0, chat.RoomNotFound()
	}
	if err == nil {
		s.cache.pairs.put(pairKey{app, pair}, r.ID, ticket)
	}
	return r.ID, s.explain(err)
}

const pairQuery = roomSelect + `WHERE r.app_id = $1 AND r.user_a = $2 AND r.user_b = $3 AND r.type = 1`

// PersonalRoom finds the room of two users, or makes it with both in it.
func (tx *Tx) PersonalRoom(ctx context.Context, app chat.AppID, pair chat.Pair) (chat.Room, error) {
	r, err := scanRoom(tx.conn.Row(ctx, pairQuery, app, pair.A, pair.B))
	if !engine.NoRows(err) {
		return roomOr404(r, err)
	}
	if r, err = tx.CreateRoom(ctx, chat.Room{App: app, Type: chat.Personal, Pair: pair}); err != nil {
		return r, err
	}
	both := slices.Compact([]chat.UserID{pair.A, pair.B}) // one, where somebody writes to themselves
	if _, err = tx.AddParticipants(ctx, r.ID, both); err != nil {
		return r, err
	}
	// Only now, with the users' rows held by those who refer to them: whoever deletes one of
	// the two finds the room and closes it, or was there before.
	live, err := tx.LiveAmong(ctx, both...)
	if err == nil && len(live) < len(both) {
		err = chat.UserNotFound()
	}
	if err != nil {
		return r, err
	}
	if err := tx.RecordRoomOpened(ctx, r, 0, both); err != nil {
		return r, err
	}
	return tx.takeBlocks(ctx, r) // likewise
}

// PersonalRooms lists up to limit personal rooms of a user that somebody has written in,
// the latest used first. Saved messages are not among them.
func (s *Store) PersonalRooms(ctx context.Context, app chat.AppID, user chat.UserID, limit int) ([]chat.Room, error) {
	return s.personalRooms(ctx, " ORDER BY r.last_message_at DESC", app, user, limit)
}

// PersonalRoomsAfter is PersonalRooms in the order of their ids, from the one behind after on.
func (s *Store) PersonalRoomsAfter(
	ctx context.Context, app chat.AppID, user chat.UserID, after chat.RoomID, limit int,
) ([]chat.Room, error) {
	return s.personalRooms(ctx, " AND p.room_id > $4 ORDER BY p.room_id", app, user, limit, after)
}

func (s *Store) personalRooms(ctx context.Context, which string, args ...any) (rooms []chat.Room, err error) {
	err = engine.Each(ctx, s.eng, func(row engine.Row) error {
		r, err := scanRoom(row)
		rooms = append(rooms, r)
		return err
	}, `SELECT `+roomColumns+` FROM participants p JOIN rooms r ON r.id = p.room_id
		WHERE p.user_id = $2 AND p.is_explicit AND +r.app_id = $1 AND r.type = 1 AND r.deleted_at = 0
			AND r.user_a <> r.user_b AND r.last_message_at > 0`+which+` LIMIT $3`, args...)
	return rooms, s.explain(err)
}

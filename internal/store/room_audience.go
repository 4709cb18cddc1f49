package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// wholeAudience is how large a room may be to have its participants read one and all.
const wholeAudience = 1000

// Audience returns who is in the room, unless those are too many.
func (s *Store) Audience(ctx context.Context, room chat.RoomID) (a chat.Audience, err error) {
	// The version first: whoever comes while the list is read makes it higher.
	if err := s.eng.Row(ctx, `SELECT r.people_version, EXISTS (SELECT 1 FROM room_roles rr WHERE rr.room_id = r.id)
		FROM rooms r WHERE r.id = $1`, room).Scan(&a.Version, &a.ByRole); err != nil {
		return a, s.explain(err)
	}
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		var admin bool
		var kind, place int64
		err := r.Scan(&id, &admin, &kind, &place)
		a.Users = append(a.Users, id)
		return err
	}, participantQuery, room, wholeAudience+1, 0)
	if a.Whole = len(a.Users) <= wholeAudience; !a.Whole {
		a.Users = nil
	}
	return a, s.explain(err)
}

// InAudience returns those of users, a few thousand at most, who are in the room.
func (s *Store) InAudience(ctx context.Context, room chat.RoomID, users []chat.UserID) (in []chat.UserID, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		in = append(in, id)
		return err
	}, `SELECT p.user_id FROM participants p WHERE p.room_id = $1 AND p.is_explicit
		AND `+s.eng.IDInList("p.user_id", "$2")+`
		UNION SELECT u.id FROM users u JOIN room_roles rr ON rr.app_id = u.app_id AND rr.role_code = u.role_code
		WHERE rr.room_id = $1 AND u.role_code <> '' AND u.deleted_at = 0 AND `+s.eng.IDInList("u.id", "$2")+notBanned,
		room, s.eng.IDListArg(idsOf(users)))
	return in, s.explain(err)
}

// RoomsOf returns the ids of all rooms that a user is in.
func (s *Store) RoomsOf(ctx context.Context, user chat.UserID) (rooms []chat.RoomID, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.RoomID
		err := r.Scan(&id)
		rooms = append(rooms, id)
		return err
	}, `SELECT p.room_id FROM participants p WHERE p.user_id = $1 AND p.is_explicit
		UNION SELECT rr.room_id FROM users u JOIN room_roles rr ON rr.app_id = u.app_id AND rr.role_code = u.role_code
		WHERE u.id = $1 AND u.role_code <> '' AND u.deleted_at = 0`+notBanned, user)
	return rooms, s.explain(err)
}

// Acquainted returns who is to learn whether user is online: partners in personal rooms
// and those who have them as a contact, but nobody where one of the two has blocked the other.
func (s *Store) Acquainted(ctx context.Context, user chat.UserID) (ids []chat.UserID, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT CASE WHEN r.user_a = $1 THEN r.user_b ELSE r.user_a END FROM participants p JOIN rooms r ON r.id = p.room_id
		WHERE p.user_id = $1 AND p.is_explicit AND r.type = 1 AND r.deleted_at = 0 AND r.user_a <> r.user_b
			AND r.blocks = 0
		UNION SELECT c.owner_id FROM contacts c WHERE c.contact_id = $1
			AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = $1 AND b.blocked_id = c.owner_id)
			AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = c.owner_id AND b.blocked_id = $1)
		LIMIT $2`, user, chat.MaxAnswer)
	return ids, s.explain(err)
}

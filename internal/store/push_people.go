package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// PeopleWalk is how far a walk through the people of a room has come: first those who are in it by
// name, in the order of joining, then those of each of its roles. The zero value is its beginning.
type PeopleWalk struct {
	Joined int64       `json:"joined,omitempty"` // of the last one by name
	ByRole bool        `json:"byRole,omitempty"` // those by name are over
	Role   string      `json:"role,omitempty"`   // the role that the walk is at,
	User   chat.UserID `json:"user,omitempty"`   // and the last one of it
	Done   bool        `json:"done,omitempty"`
}

// PushPeople goes on with a walk through the people of a message's room, looks at up to limit of
// them, and returns those who have a device to push to. Whether they are to be sent the message is
// for PushWanted to say.
func (s *Store) PushPeople(
	ctx context.Context, m *chat.Message, w PeopleWalk, limit int,
) (users []chat.UserID, next PeopleWalk, err error) {
	if !w.ByRole {
		users, next, err = s.pushPeopleByName(ctx, m, w, limit)
	} else {
		users, next, err = s.pushPeopleByRole(ctx, m, w, limit)
	}
	return users, next, s.explain(err)
}

func (s *Store) pushPeopleByName(
	ctx context.Context, m *chat.Message, w PeopleWalk, limit int,
) (users []chat.UserID, next PeopleWalk, err error) {
	seen := 0
	next = w
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		var reachable bool
		err := r.Scan(&next.Joined, &id, &reachable)
		if seen++; reachable && id != m.Sender {
			users = append(users, id)
		}
		return err
	}, `SELECT p.joined, p.user_id, EXISTS (SELECT 1 FROM push_targets t WHERE t.user_id = p.user_id)
		FROM participants p WHERE p.room_id = $1 AND p.is_explicit AND p.joined > $2 ORDER BY p.joined LIMIT $3`,
		m.Room, w.Joined, limit)
	next.ByRole = seen < limit
	return users, next, err
}

// pushPeopleByRole takes one role at a time. Who is in the room by name as well was met before, unless they were put into
// it since.
func (s *Store) pushPeopleByRole(
	ctx context.Context, m *chat.Message, w PeopleWalk, limit int,
) (users []chat.UserID, next PeopleWalk, err error) {
	next = w
	after := ">"
	if w.User != 0 {
		after = ">="
	}
	err = s.eng.Row(ctx, `SELECT rr.role_code FROM room_roles rr WHERE rr.room_id = $1 AND rr.role_code `+after+` $2
		ORDER BY rr.role_code LIMIT 1`, m.Room, w.Role).Scan(&next.Role)
	if engine.NoRows(err) {
		next.Done = true
		return nil, next, nil
	}
	if err != nil {
		return nil, next, err
	}
	if next.Role != w.Role {
		next.User = 0
	}
	seen := 0
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var reachable bool
		err := r.Scan(&next.User, &reachable)
		if seen++; reachable && next.User != m.Sender {
			users = append(users, next.User)
		}
		return err
	}, `SELECT u.id, EXISTS (SELECT 1 FROM push_targets t WHERE t.user_id = u.id)
			AND NOT EXISTS (SELECT 1 FROM participants p WHERE p.user_id = u.id AND p.room_id = $1 AND p.is_explicit AND p.joined <= $6)
		FROM users u WHERE u.app_id = $2 AND u.role_code = $3 AND u.role_code <> '' AND u.id > $4 ORDER BY u.id LIMIT $5`,
		m.Room, m.App, next.Role, next.User, limit, w.Joined)
	if seen < limit {
		next.User = 0 // the next role's turn
	}
	return users, next, err
}

// PushWanted returns those of users who are to be notified of a message now: they are in its room,
// have neither muted nor cleared it, and have not blocked the sender.
func (s *Store) PushWanted(ctx context.Context, m *chat.Message, users []chat.UserID) (wanted []chat.UserID, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		wanted = append(wanted, id)
		return err
	}, `SELECT u.id FROM users u LEFT JOIN participants p ON p.user_id = u.id AND p.room_id = $1
		WHERE `+s.eng.IDInList("u.id", "$2")+` AND +u.app_id = $3 AND u.deleted_at = 0 AND u.id <> $4
			AND (COALESCE(p.is_explicit, FALSE) OR u.role_code <> '' AND EXISTS (SELECT 1 FROM room_roles rr
				WHERE rr.app_id = u.app_id AND rr.role_code = u.role_code AND rr.room_id = $1))
			AND COALESCE(p.banned_until, 0) = 0 AND COALESCE(p.muted_until, 0) <= $5 AND COALESCE(p.cleared_at, 0) < $6
			AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = u.id AND b.blocked_id = $4)`,
		m.Room, s.eng.IDListArg(idsOf(users)), m.App, m.Sender, s.nowMS(), m.CreatedAt)
	return wanted, s.explain(err)
}

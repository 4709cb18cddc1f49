package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// SetAdmins gives users of the room the admin right, or takes it, and returns those whom
// that changed. A user who is in by role alone gets a row that says so.
func (tx *Tx) SetAdmins(ctx context.Context, room chat.RoomID, users []chat.UserID, admin bool) ([]chat.UserID, error) {
	touch(tx, roomPeople{room})
	if err := tx.restricted(ctx, room); err != nil {
		return nil, err
	}
	return tx.changed(ctx, users, `UPDATE participants SET is_admin = $3
		WHERE `+tx.store.eng.IDInList("user_id", "$1")+` AND room_id = $2 AND is_explicit AND is_admin <> $3
		RETURNING user_id`, room, admin)
}

// AdminCount counts the room's admins.
func (tx *Tx) AdminCount(ctx context.Context, room chat.RoomID) (n int, err error) {
	err = tx.conn.Row(ctx, `SELECT COUNT(*) FROM participants
		WHERE room_id = $1 AND is_explicit AND is_admin`, room).Scan(&n)
	return n, err
}

// NamedAmong returns those of users who were put into the room by name.
func (tx *Tx) NamedAmong(ctx context.Context, room chat.RoomID, users []chat.UserID) (map[chat.UserID]bool, error) {
	return tx.among(ctx, `SELECT p.user_id FROM participants p WHERE p.room_id = $1 AND p.is_explicit
		AND `+tx.store.eng.IDInList("p.user_id", "$2"), room, tx.store.eng.IDListArg(idsOf(users)))
}

// OtherAdmins lists the room's admins but for users.
func (tx *Tx) OtherAdmins(ctx context.Context, room chat.RoomID, users []chat.UserID) (others []chat.UserID, err error) {
	among := make(map[chat.UserID]bool, len(users))
	for _, u := range users {
		among[u] = true
	}
	err = engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		if !among[id] {
			others = append(others, id)
		}
		return err
	}, `SELECT p.user_id FROM participants p WHERE p.room_id = $1 AND p.is_explicit AND p.is_admin ORDER BY p.joined`, room)
	return others, err
}

// Targets are users as notices name them.
func (tx *Tx) Targets(ctx context.Context, users []chat.UserID) (map[chat.UserID]chat.Target, error) {
	people := make(map[chat.UserID]chat.Target, len(users))
	err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var t chat.Target
		err := r.Scan((*int64)(&t.User), &t.XCID, &t.Name)
		people[t.User] = t
		return err
	}, `SELECT u.id, u.xc_user_id, u.fullname FROM users u WHERE `+tx.store.eng.IDInList("u.id", "$1"),
		tx.store.eng.IDListArg(idsOf(users)))
	return people, err
}

// among collects the ids that a query returns.
func (tx *Tx) among(ctx context.Context, query string, args ...any) (map[chat.UserID]bool, error) {
	in := map[chat.UserID]bool{}
	err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		in[id] = true
		return err
	}, query, args...)
	return in, err
}

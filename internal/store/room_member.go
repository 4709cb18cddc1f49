package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// memberColumns tell what user $2 is in room r, joined with memberJoin.
const memberColumns = `COALESCE(p.is_explicit, FALSE), COALESCE(p.is_admin, FALSE), COALESCE(p.read_upto, 0),
	COALESCE(p.has_gaps, FALSE), COALESCE(p.cleared_at, 0), COALESCE(p.left_at, 0),
	EXISTS (SELECT 1 FROM users u JOIN room_roles rr ON rr.app_id = u.app_id AND rr.role_code = u.role_code
		WHERE u.id = $2 AND u.role_code <> '' AND u.deleted_at = 0 AND rr.room_id = r.id)
		AND COALESCE(p.banned_until, 0) = 0, COALESCE(p.silenced_until, 0), COALESCE(p.banned_until, 0) > 0`

const memberJoin = ` LEFT JOIN participants p ON p.room_id = r.id AND p.user_id = $2 `

// membershipQuery begins a query for a room and what user $2 is in it.
const membershipQuery = `SELECT ` + roomColumns + `, ` + memberColumns + ` FROM rooms r` + memberJoin

func scanMembership(row engine.Row) (r chat.Room, m chat.Membership, err error) {
	var explicit, byRole bool
	r, err = scanRoom(row, &explicit, &m.Admin, &m.ReadUpTo, &m.HasHoles, &m.ClearedAt, &m.LeftAt, &byRole,
		&m.SilencedUntil, &m.Banned)
	m.In = explicit || byRole
	return r, m, err
}

// RoomFor finds a room by its public id, and what user is in it. Absent rooms are
// CodeNotFound; deleted ones are found.
func (s *Store) RoomFor(
	ctx context.Context, app chat.AppID, ref chat.RoomRef, user chat.UserID,
) (r chat.Room, m chat.Membership, err error) {
	if ref.Type == chat.Personal {
		r, m, err = scanMembership(s.eng.Row(ctx, membershipQuery+
			`WHERE r.app_id = $1 AND r.user_a = $3 AND r.user_b = $4 AND r.type = 1`, app, user, ref.Pair.A, ref.Pair.B))
	} else {
		r, m, err = scanMembership(s.eng.Row(ctx, membershipQuery+
			`WHERE r.app_id = $1 AND r.id = $3 AND r.type = $4`, app, user, ref.ID, ref.Type))
	}
	if engine.NoRows(err) {
		return r, m, chat.RoomNotFound()
	}
	return r, m, s.explain(err)
}

// RoomByIDFor is RoomFor by the room's own id.
func (s *Store) RoomByIDFor(
	ctx context.Context, app chat.AppID, id chat.RoomID, user chat.UserID,
) (r chat.Room, m chat.Membership, err error) {
	r, m, err = scanMembership(s.eng.Row(ctx, membershipQuery+`WHERE r.app_id = $1 AND r.id = $3`, app, user, id))
	if engine.NoRows(err) {
		return r, m, chat.RoomNotFound()
	}
	return r, m, s.explain(err)
}

// RoomForUpdateFor is RoomByIDFor that keeps others from changing the room until the commit.
func (tx *Tx) RoomForUpdateFor(
	ctx context.Context, app chat.AppID, id chat.RoomID, user chat.UserID,
) (r chat.Room, m chat.Membership, err error) {
	r, m, err = scanMembership(tx.conn.Row(ctx, membershipQuery+`WHERE r.app_id = $1 AND r.id = $3`+
		tx.store.eng.ForUpdate("r"), app, user, id))
	if engine.NoRows(err) {
		err = chat.RoomNotFound()
	}
	return r, m, err
}

// RoomMember is a room and what a user is in it.
type RoomMember struct {
	Room   chat.Room
	Member chat.Membership
}

// RoomsFor finds rooms of the App by their ids, deleted ones included, and what user is in
// each. Those that do not exist drop out.
func (s *Store) RoomsFor(
	ctx context.Context, app chat.AppID, ids []chat.RoomID, user chat.UserID,
) (list []RoomMember, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		room, member, err := scanMembership(r)
		list = append(list, RoomMember{room, member})
		return err
	}, membershipQuery+`WHERE +r.app_id = $1 AND `+s.eng.IDInList("r.id", "$3"), app, user, s.eng.IDListArg(idsOf(ids)))
	return list, s.explain(err)
}

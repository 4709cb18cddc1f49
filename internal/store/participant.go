package store

import (
	"context"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// participantQuery lists who is in room $1: those put there by name in the order they
// joined, then those whose role belongs to the room, by user id. Role membership is
// nowhere copied; it is these joins.
const participantQuery = `SELECT user_id, is_admin, by_role, place FROM (
		SELECT p.user_id, p.is_admin, 0 AS by_role, p.joined AS place
		FROM participants p WHERE p.room_id = $1 AND p.is_explicit
		UNION ALL
		SELECT u.id, COALESCE(p.is_admin, FALSE), 1, u.id
		FROM room_roles rr
		JOIN users u ON u.app_id = rr.app_id AND u.role_code = rr.role_code AND u.role_code <> '' AND u.deleted_at = 0
		LEFT JOIN participants p ON p.user_id = u.id AND p.room_id = rr.room_id
		WHERE rr.room_id = $1 AND NOT COALESCE(p.is_explicit, FALSE) AND COALESCE(p.banned_until, 0) = 0
	) everybody ORDER BY by_role, place LIMIT $2 OFFSET $3`

// participantUsers is participantQuery with the users themselves.
const participantUsers = `SELECT ` + userColumns + `, p.is_admin FROM (` + participantQuery + `) p
	JOIN users u ON u.id = p.user_id` + userRoleJoin + `ORDER BY p.by_role, p.place`

const participantCount = `SELECT
	(SELECT COUNT(*) FROM participants p WHERE p.room_id = $1 AND p.is_explicit) +
	(SELECT COUNT(*) FROM room_roles rr
		JOIN users u ON u.app_id = rr.app_id AND u.role_code = rr.role_code AND u.role_code <> '' AND u.deleted_at = 0
		WHERE rr.room_id = $1 AND NOT EXISTS (
			SELECT 1 FROM participants p WHERE p.user_id = u.id AND p.room_id = rr.room_id AND (p.is_explicit OR p.banned_until > 0)))`

// Participants returns one page of who is in the room, which must have been found in
// the caller's App, and all of its admins.
func (s *Store) Participants(ctx context.Context, room chat.Room, page chat.Page) (chat.Participants, error) {
	if !s.cache.enabled {
		out, err := s.participantsAtOnce(ctx, room, page)
		return out, s.explain(err)
	}
	list, total, err := s.participantList(ctx, room, page)
	if err != nil {
		return chat.Participants{}, s.explain(err)
	}
	users, err := s.Users(ctx, room.App, list.users)
	if err != nil {
		return chat.Participants{}, err
	}
	return chat.Participants{Users: users, Total: total, Admin: list.admins}, nil
}

// participantsAtOnce reads users and membership in one query, where nothing is cached
// and every query is a round trip.
func (s *Store) participantsAtOnce(
	ctx context.Context, room chat.Room, page chat.Page,
) (out chat.Participants, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var admin bool
		u, err := scanUser(r, &admin)
		out.Users = append(out.Users, &u)
		if admin {
			out.Admin = append(out.Admin, u.ID)
		}
		return err
	}, participantUsers, room.ID, page.Limit+1, page.Offset)
	if err != nil {
		return out, err
	}
	if out.Total = len(out.Users); page.Offset == 0 && out.Total <= page.Limit {
		return out, nil
	}
	out.Users = out.Users[:min(len(out.Users), page.Limit)]
	out.Total, out.Admin, err = s.countAndAdmins(ctx, room)
	return out, err
}

// participantList reads a page of ids and all admins. A room that fits into the page
// costs one query, and nothing while it stays as it is.
func (s *Store) participantList(
	ctx context.Context, room chat.Room, page chat.Page,
) (list participantList, total int, err error) {
	if list, ok := s.cache.lists.get(room.ID); ok && page.Offset == 0 && len(list.users) <= page.Limit {
		return list, len(list.users), nil
	}
	ticket := s.cache.ticket()
	depends, err := s.dependsOfList(ctx, room)
	if err != nil {
		return list, 0, err
	}
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		var admin bool
		var byRole, place int64
		err := r.Scan(&id, &admin, &byRole, &place)
		list.users = append(list.users, id)
		if admin {
			list.admins = append(list.admins, id)
		}
		return err
	}, participantQuery, room.ID, page.Limit+1, page.Offset)
	if err != nil {
		return list, 0, err
	}
	if page.Offset == 0 && len(list.users) <= page.Limit {
		if len(list.users) <= cachedParticipants {
			s.cache.lists.put(room.ID, list, ticket, depends...)
		}
		return list, len(list.users), nil
	}
	list.users = list.users[:min(len(list.users), page.Limit)]
	total, list.admins, err = s.countAndAdmins(ctx, room)
	return list, total, err
}

// countAndAdmins is what a page of a large room does not show by itself.
func (s *Store) countAndAdmins(ctx context.Context, room chat.Room) (total int, admins []chat.UserID, err error) {
	if err := s.eng.Row(ctx, participantCount, room.ID).Scan(&total); err != nil {
		return 0, nil, err
	}
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		admins = append(admins, id)
		return err
	}, `SELECT user_id FROM participants WHERE room_id = $1 AND is_explicit AND is_admin ORDER BY joined LIMIT $2`,
		room.ID, chat.MaxAnswer)
	return total, admins, err
}

// dependsOfList is what a cached list of the room's participants has to be thrown away
// for: who was put in, and who holds the room's roles.
func (s *Store) dependsOfList(ctx context.Context, room chat.Room) ([]stripe, error) {
	if !s.cache.enabled {
		return nil, nil
	}
	depends := []stripe{stripeOf(roomPeople{room.ID})}
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var code string
		err := r.Scan(&code)
		depends = append(depends, stripeOf(roleHolders{room.App, code}))
		return err
	}, `SELECT role_code FROM room_roles WHERE room_id = $1`, room.ID)
	return depends, err
}

// AddParticipants puts users, each named once, into the room by name, in this order, and returns those
// who were not there by name before. What they did in the room earlier stands. Who is
// banned stays out. It is one statement, however many they are: others wait for the same commit.
func (tx *Tx) AddParticipants(ctx context.Context, room chat.RoomID, users []chat.UserID) ([]chat.UserID, error) {
	var last int64
	err := tx.conn.Row(ctx, `UPDATE rooms SET join_count = join_count + $1, people_version = people_version + 1
		WHERE id = $2 RETURNING join_count`,
		len(users), room).Scan(&last)
	if err != nil {
		return nil, fmt.Errorf("join order: %w", err)
	}
	touch(tx, roomPeople{room})
	return tx.changed(ctx, users, `INSERT INTO participants (user_id, room_id, is_explicit, joined)
		SELECT x.value, $2, TRUE, $3 + x.place FROM `+tx.store.eng.Ordered("$1")+` x WHERE TRUE
		ON CONFLICT (user_id, room_id) DO UPDATE SET is_explicit = TRUE, joined = excluded.joined, left_at = 0,
				banned_until = 0
			WHERE NOT participants.is_explicit AND participants.banned_until <= $4
		RETURNING user_id`, room, last-int64(len(users)), tx.store.nowMS())
}

// RemoveParticipants takes users out who were put into the room by name, and their
// admin right with it, and returns those whom that concerned. Their role may keep them in.
func (tx *Tx) RemoveParticipants(ctx context.Context, room chat.RoomID, users []chat.UserID) ([]chat.UserID, error) {
	if err := tx.peopleChanged(ctx, room); err != nil {
		return nil, err
	}
	return tx.changed(ctx, users, `UPDATE participants SET is_explicit = FALSE, is_admin = FALSE
		WHERE `+tx.store.eng.IDInList("user_id", "$1")+` AND room_id = $2 AND is_explicit RETURNING user_id`, room)
}

// changed runs a statement on the list of users, its first parameter, and returns those
// whose ids it returns, in the order of users.
func (tx *Tx) changed(ctx context.Context, users []chat.UserID, query string, args ...any) ([]chat.UserID, error) {
	hit := make(map[chat.UserID]bool, len(users))
	err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		hit[id] = true
		return err
	}, query, append([]any{tx.store.eng.IDListArg(idsOf(users))}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("change participants: %w", err)
	}
	list := make([]chat.UserID, 0, len(hit))
	for _, u := range users {
		if hit[u] {
			list = append(list, u)
		}
	}
	return list, nil
}

// RemoveAllParticipants empties a room of those who were put there by name.
func (tx *Tx) RemoveAllParticipants(ctx context.Context, room chat.RoomID) error {
	if err := tx.peopleChanged(ctx, room); err != nil {
		return err
	}
	_, err := tx.conn.Exec(ctx, `UPDATE participants SET is_explicit = FALSE, is_admin = FALSE
		WHERE room_id = $1 AND is_explicit`, room)
	return err
}

// peopleChanged tells everybody who keeps a list of the room's people that it is old.
// It locks the room's row, as whoever changes participants must.
func (tx *Tx) peopleChanged(ctx context.Context, room chat.RoomID) error {
	touch(tx, roomPeople{room})
	_, err := tx.conn.Exec(ctx, `UPDATE rooms SET people_version = people_version + 1,
		restrictions = `+restricted+` WHERE id = $1`, room)
	return err
}

// InByRole returns those of users whom a role holds in the room.
func (tx *Tx) InByRole(ctx context.Context, room chat.RoomID, users []chat.UserID) (map[chat.UserID]bool, error) {
	in := map[chat.UserID]bool{}
	err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		in[id] = true
		return err
	}, `SELECT u.id FROM users u JOIN room_roles rr ON rr.app_id = u.app_id AND rr.role_code = u.role_code
		WHERE rr.room_id = $1 AND u.role_code <> '' AND `+tx.store.eng.IDInList("u.id", "$2")+notBanned,
		room, tx.store.eng.IDListArg(idsOf(users)))
	return in, err
}

// SetLeft notes what the last message is that those who left may see.
func (tx *Tx) SetLeft(ctx context.Context, room chat.RoomID, users []chat.UserID, at int64) error {
	_, err := tx.conn.Exec(ctx, `UPDATE participants SET left_at = $3 WHERE `+tx.store.eng.IDInList("user_id", "$1")+
		` AND room_id = $2 AND NOT is_explicit`, tx.store.eng.IDListArg(idsOf(users)), room, at)
	return err
}

// ParticipantCount counts who is in the room, by name or by role.
func (tx *Tx) ParticipantCount(ctx context.Context, room chat.RoomID) (n int, err error) {
	err = tx.conn.Row(ctx, participantCount, room).Scan(&n)
	return n, err
}

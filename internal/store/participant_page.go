package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// ParticipantPage lists up to limit of those in a room whom only names, behind a place in that
// list, and returns the place of the next page; next.Done says that there is none. The room must
// have been found in the caller's App. First come those by name in the order of joining, then those
// of each of the room's roles, by user id. So who stays in the room comes once.
func (s *Store) ParticipantPage(
	ctx context.Context, room chat.Room, only chat.Only, w PeopleWalk, limit int,
) (list []chat.Participant, next PeopleWalk, err error) {
	next = w
	for !next.Done && len(list) < limit {
		var part []chat.Participant
		part, next, err = s.participantPart(ctx, room, only, next, limit-len(list))
		if err != nil {
			return nil, w, s.explain(err)
		}
		list = append(list, part...)
	}
	return s.withPeople(ctx, room, only, list, next)
}

// participantPart looks at up to limit of them.
func (s *Store) participantPart(
	ctx context.Context, room chat.Room, only chat.Only, w PeopleWalk, limit int,
) ([]chat.Participant, PeopleWalk, error) {
	switch only {
	case chat.OnlySilenced:
		return s.restrictedPart(ctx, "p.silenced_until > $4", room, w, limit)
	case chat.OnlyBanned:
		return s.restrictedPart(ctx, "p.banned_until > 0 AND p.banned_until > $4", room, w, limit)
	case chat.OnlyAdmins:
		list, next, err := s.namedPart(ctx, " AND p.is_admin", room, w, limit)
		next.Done = next.ByRole
		return list, next, err
	case chat.OnlyByRole:
		w.ByRole = true
	}
	if !w.ByRole {
		list, next, err := s.namedPart(ctx, "", room, w, limit)
		next.Done = next.ByRole && only == chat.OnlyByName
		return list, next, err
	}
	return s.rolePart(ctx, room, w, limit)
}

const participantColumns = `COALESCE(p.is_explicit, FALSE), COALESCE(p.is_admin, FALSE), COALESCE(p.joined, 0),
	COALESCE(p.silenced_until, 0), COALESCE(p.banned_until, 0)`

func scanParticipant(r engine.Row) (p chat.Participant, err error) {
	err = r.Scan((*int64)(&p.ID), &p.ByName, &p.Admin, &p.Joined, &p.SilencedUntil, &p.BannedUntil)
	return p, err
}

func (s *Store) namedPart(
	ctx context.Context, which string, room chat.Room, w PeopleWalk, limit int,
) (list []chat.Participant, next PeopleWalk, err error) {
	next = w
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		p, err := scanParticipant(r)
		list, next.Joined = append(list, p), p.Joined
		return err
	}, `SELECT p.user_id, `+participantColumns+` FROM participants p
		WHERE p.room_id = $1 AND p.is_explicit AND p.joined > $2`+which+` ORDER BY p.joined LIMIT $3`,
		room.ID, w.Joined, limit)
	next.ByRole = len(list) < limit
	return list, next, err
}

func (s *Store) restrictedPart(
	ctx context.Context, which string, room chat.Room, w PeopleWalk, limit int,
) (list []chat.Participant, next PeopleWalk, err error) {
	next = w
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		p, err := scanParticipant(r)
		list, next.User = append(list, p), p.ID
		return err
	}, `SELECT p.user_id, `+participantColumns+` FROM participants p
		WHERE p.room_id = $1 AND p.user_id > $2 AND `+which+` ORDER BY p.user_id LIMIT $3`,
		room.ID, w.User, limit, s.nowMS())
	next.Done = len(list) < limit
	return list, next, err
}

// rolePart takes one role at a time. Who is in the room by name as well was met before.
func (s *Store) rolePart(
	ctx context.Context, room chat.Room, w PeopleWalk, limit int,
) (list []chat.Participant, next PeopleWalk, err error) {
	next = w
	after := ">"
	if w.User != 0 {
		after = ">="
	}
	err = s.eng.Row(ctx, `SELECT rr.role_code FROM room_roles rr WHERE rr.room_id = $1 AND rr.role_code `+after+` $2
		ORDER BY rr.role_code LIMIT 1`, room.ID, w.Role).Scan(&next.Role)
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
		p, err := scanParticipant(r)
		if seen++; !p.ByName && p.BannedUntil == 0 {
			p.Role = next.Role
			list = append(list, p)
		}
		next.User = p.ID
		return err
	}, `SELECT u.id, `+participantColumns+` FROM users u LEFT JOIN participants p ON p.user_id = u.id AND p.room_id = $1
		WHERE u.app_id = $2 AND u.role_code = $3 AND u.role_code <> '' AND u.deleted_at = 0 AND u.id > $4
		ORDER BY u.id LIMIT $5`, room.ID, room.App, next.Role, next.User, limit)
	if seen < limit {
		next.User = 0 // the next role's turn
	}
	return list, next, err
}

// withPeople adds the users themselves and what backends keep with them, and ends the page earlier
// where that is much.
func (s *Store) withPeople(
	ctx context.Context, room chat.Room, only chat.Only, list []chat.Participant, next PeopleWalk,
) ([]chat.Participant, PeopleWalk, error) {
	ids := make([]chat.UserID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	users, err := s.Users(ctx, room.App, ids)
	if err != nil {
		return nil, next, err
	}
	data, err := s.ParticipantData(ctx, room.ID, ids)
	if err != nil {
		return nil, next, err
	}
	size := 0
	for i := range list {
		p := &list[i]
		p.User, p.Data = users[i], data[p.ID]
		if size += p.Size(); i > 0 && size > chat.MaxListedBytes {
			return list[:i], placeOf(only, &list[i-1]), nil
		}
	}
	return list, next, nil
}

// placeOf is the place in a list behind one of its participants.
func placeOf(only chat.Only, p *chat.Participant) PeopleWalk {
	switch {
	case only == chat.OnlySilenced || only == chat.OnlyBanned:
		return PeopleWalk{User: p.ID}
	case p.Role != "":
		return PeopleWalk{ByRole: true, Role: p.Role, User: p.ID}
	}
	return PeopleWalk{Joined: p.Joined}
}

package store

import (
	"cmp"
	"context"
	"math"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// ParticipantPage lists up to limit of those in a room whom only names, behind a place in that
// list, and returns the place of the next page; next.Done says that there is none. The room must
// have been found in the caller's App. The list of all, and of those by role, is in the order of user ids:
// who stays in the room comes once, whether by name, by role, or now so and then so. That of those by
// name is in the order of joining. A page may have fewer, or none, and not be the last.
func (s *Store) ParticipantPage(
	ctx context.Context, room chat.Room, only chat.Only, w PeopleWalk, limit int,
) (list []chat.Participant, next PeopleWalk, err error) {
	list, next, err = s.participantPart(ctx, room, only, w, limit)
	if err != nil {
		return nil, w, s.explain(err)
	}
	return s.withPeople(ctx, room, only, list, next)
}

// participantPart is ParticipantPage without the users themselves.
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
	case chat.OnlyByName:
		list, next, err := s.namedPart(ctx, "", room, w, limit)
		next.Done = next.ByRole
		return list, next, err
	}
	return s.peoplePart(ctx, room, only, w, limit)
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

// peopleLooked bounds the rows of a room that are looked at for a page of those who are in it by name, peopleAtOnce at
// least at a time: among them are those of people who have left, or are in it by a role.
const (
	peopleLooked = 2000
	peopleAtOnce = 200
)

// peoplePart merges those who are in the room by name and those of each of its roles by their ids.
func (s *Store) peoplePart(
	ctx context.Context, room chat.Room, only chat.Only, w PeopleWalk, limit int,
) (list []chat.Participant, next PeopleWalk, err error) {
	end := noPerson // up to here the list is whole
	if only != chat.OnlyByRole {
		if list, end, err = s.namedByID(ctx, room, w.User, limit); err != nil {
			return nil, w, err
		}
	}
	roles, err := s.roomRoles(ctx, room.ID)
	if err != nil {
		return nil, w, err
	}
	for _, role := range roles {
		part, upTo, err := s.roleByID(ctx, room, role, w.User, limit)
		if err != nil {
			return nil, w, err
		}
		list, end = append(list, part...), min(end, upTo)
	}
	slices.SortFunc(list, func(a, b chat.Participant) int { return cmp.Compare(a.ID, b.ID) })
	n, _ := slices.BinarySearchFunc(list, end, func(p chat.Participant, end chat.UserID) int {
		if p.ID <= end {
			return -1
		}
		return 1
	})
	if n > limit {
		n, end = limit, list[limit-1].ID
	}
	return list[:n], PeopleWalk{User: end, Done: end == noPerson}, nil
}

// noPerson is behind all users.
const noPerson = chat.UserID(math.MaxInt64)

// namedByID lists who are in the room by name, behind a user: limit or more, unless they are the last, or much was looked
// at. Behind end there may be more.
func (s *Store) namedByID(
	ctx context.Context, room chat.Room, after chat.UserID, limit int,
) (list []chat.Participant, end chat.UserID, err error) {
	end = after
	part := max(limit, peopleAtOnce)
	for looked := 0; looked < peopleLooked && len(list) < limit; looked += part {
		n := 0
		err = engine.Each(ctx, s.eng, func(r engine.Row) error {
			p, err := scanParticipant(r)
			if n++; p.ByName {
				list = append(list, p)
			}
			end = p.ID
			return err
		}, `SELECT p.user_id, `+participantColumns+` FROM participants p
			WHERE p.room_id = $1 AND p.user_id > $2 ORDER BY p.user_id LIMIT $3`, room.ID, end, part)
		if err != nil || n < part {
			return list, noPerson, err
		}
	}
	return list, end, nil
}

// roleByID is namedByID for those who are in by a role alone.
func (s *Store) roleByID(
	ctx context.Context, room chat.Room, role string, after chat.UserID, limit int,
) (list []chat.Participant, end chat.UserID, err error) {
	n := 0
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		p, err := scanParticipant(r)
		if n++; !p.ByName && p.BannedUntil == 0 {
			p.Role = role
			list = append(list, p)
		}
		end = p.ID
		return err
	}, `SELECT u.id, `+participantColumns+` FROM users u LEFT JOIN participants p ON p.user_id = u.id AND p.room_id = $1
		WHERE u.app_id = $2 AND u.role_code = $3 AND u.role_code <> '' AND u.deleted_at = 0 AND u.id > $4
		ORDER BY u.id LIMIT $5`, room.ID, room.App, role, after, limit)
	if n < limit {
		end = noPerson
	}
	return list, end, err
}

// roomRoles are the roles that are in a room.
func (s *Store) roomRoles(ctx context.Context, room chat.RoomID) (roles []string, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var code string
		err := r.Scan(&code)
		roles = append(roles, code)
		return err
	}, `SELECT rr.role_code FROM room_roles rr WHERE rr.room_id = $1`, room)
	return roles, err
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
	if only == chat.OnlyByName || only == chat.OnlyAdmins {
		return PeopleWalk{Joined: p.Joined}
	}
	return PeopleWalk{User: p.ID}
}

package store

import (
	"context"
	"slices"
	"strconv"
	"unicode/utf8"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Rooms are looked at in parts, and of one page no more than these: where few pass the filter, a
// page may be empty and not the last.
const (
	roomsAtOnce = 250
	roomsLooked = 2000
)

const hourMS = 3_600_000

// roomWalk is the order in which rooms of an App are looked at, found by one index.
type roomWalk struct {
	query string // $1 is the App, the last parameter the limit
	args  func(after chat.RoomCursor) []any
	next  func(room chat.RoomID, key string) chat.RoomCursor
}

// RoomPage lists up to limit rooms of an App behind a cursor, and returns the cursor of the next
// page; more says that there may be one. participant is who f.Participant names, nil for nobody.
//
// One of the filter's conditions decides by which index rooms are looked at: the participant, else
// the tag, the name, the activity, the type. What else there is is asked of each room. By activity
// rooms come in the order of the hour of their newest message, by name in that of names, otherwise
// in the order in which they were made. So none is missed that is in the list all the time, and none comes
// twice, unless the hour or the name by which it is sorted rises meanwhile.
func (s *Store) RoomPage(
	ctx context.Context, app chat.AppID, f chat.RoomFilter, participant *chat.User, after chat.RoomCursor, limit int,
) (list []chat.ListedRoom, next chat.RoomCursor, more bool, err error) {
	w := s.roomWalk(f, participant)
	next = after
	size := 0
	for looked := 0; looked < roomsLooked; {
		part := min(roomsAtOnce, roomsLooked-looked)
		found := 0
		full := false
		err := engine.Each(ctx, s.eng, func(row engine.Row) error {
			var l chat.ListedRoom
			var key string
			r, err := scanRoom(row, &l.LastMessageAt, &key)
			l.Room, l.Behind = r, w.next(r.ID, key)
			found++
			if err != nil || full {
				return err
			}
			if f.Admits(&l.Room, l.LastMessageAt) {
				if full = len(list) == limit || size > chat.MaxListedBytes; full {
					return nil
				}
				size += l.Size()
				list = append(list, l)
			}
			next = l.Behind
			return nil
		}, w.query, append(append([]any{app}, w.args(next)...), part)...)
		if err != nil {
			return nil, after, false, s.explain(err)
		}
		if full {
			return s.withData(ctx, list, next, true)
		}
		if found < part {
			return s.withData(ctx, list, next, false)
		}
		looked += found
	}
	return s.withData(ctx, list, next, true)
}

// withData adds to rooms what backends keep with them, and ends the page earlier where that is much.
func (s *Store) withData(
	ctx context.Context, list []chat.ListedRoom, next chat.RoomCursor, more bool,
) ([]chat.ListedRoom, chat.RoomCursor, bool, error) {
	ids := make([]chat.RoomID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	data, err := s.RoomData(ctx, ids)
	if err != nil {
		return nil, next, false, err
	}
	size := 0
	for i := range list {
		list[i].Data = data[list[i].ID]
		if size += list[i].Size(); i > 0 && size > chat.MaxListedBytes {
			return list[:i], list[i-1].Behind, true, nil
		}
	}
	return list, next, more, nil
}

// roomWalk chooses the index.
func (s *Store) roomWalk(f chat.RoomFilter, participant *chat.User) roomWalk {
	const columns = `SELECT ` + roomColumns + `, r.last_message_at, `
	byID := func(room chat.RoomID, _ string) chat.RoomCursor { return chat.RoomCursor{Room: room} }
	switch {
	case participant != nil:
		return roomWalk{
			columns + `'' FROM (SELECT room_id FROM (
					SELECT p.room_id FROM participants p WHERE p.user_id = $2 AND p.room_id > $4 AND p.is_explicit
					ORDER BY p.room_id LIMIT $5) named
				UNION SELECT room_id FROM (
					SELECT rr.room_id FROM room_roles rr WHERE rr.app_id = $1 AND rr.role_code = $3 AND rr.role_code <> ''
						AND rr.room_id > $4 AND COALESCE((SELECT b.banned_until FROM participants b
							WHERE b.user_id = $2 AND b.room_id = rr.room_id), 0) = 0
					ORDER BY rr.room_id LIMIT $5) held
				ORDER BY room_id LIMIT $5) k JOIN rooms r ON r.id = k.room_id AND +r.app_id = $1 ORDER BY k.room_id`,
			func(after chat.RoomCursor) []any { return []any{participant.ID, participant.Role.Code, after.Room} }, byID,
		}
	case f.Tag != "":
		return roomWalk{
			columns + `'' FROM (SELECT t.room_id FROM room_tags t WHERE t.app_id = $1 AND t.tag = $2 AND t.room_id > $3
				ORDER BY t.room_id LIMIT $4) k JOIN rooms r ON r.id = k.room_id AND +r.app_id = $1 ORDER BY k.room_id`,
			func(after chat.RoomCursor) []any { return []any{f.Tag, after.Room} }, byID,
		}
	case f.Prefix != "":
		from := chat.LowerASCII(f.Prefix)
		name := s.eng.NameKey("r.name")
		return roomWalk{
			columns + name + ` FROM rooms r WHERE r.app_id = $1 AND r.name <> '' AND (` + name + `, r.id) > ($2, $3)
				AND ` + name + ` < $4 ORDER BY ` + name + `, r.id LIMIT $5`,
			func(after chat.RoomCursor) []any { return []any{max(from, after.Name), after.Room, behind(from)} },
			func(room chat.RoomID, key string) chat.RoomCursor { return chat.RoomCursor{Name: key, Room: room} },
		}
	case f.ActiveSince > 0 || f.ActiveUntil > 0:
		until := int64(chat.Forever)
		if f.ActiveUntil > 0 {
			until = f.ActiveUntil / hourMS
		}
		return roomWalk{
			columns + `CAST(r.active_hour AS TEXT) FROM rooms r WHERE r.app_id = $1 AND (r.active_hour, r.id) > ($2, $3)
				AND r.active_hour <= $4 ORDER BY r.active_hour, r.id LIMIT $5`,
			func(after chat.RoomCursor) []any {
				return []any{max(after.Hour, f.ActiveSince/hourMS), after.Room, until}
			},
			func(room chat.RoomID, key string) chat.RoomCursor {
				hour, _ := strconv.ParseInt(key, 10, 64) // it is a column of numbers
				return chat.RoomCursor{Hour: hour, Room: room}
			},
		}
	case f.Type != 0:
		return roomWalk{
			columns + `'' FROM rooms r WHERE r.app_id = $1 AND r.type = $2 AND r.id > $3 ORDER BY r.id LIMIT $4`,
			func(after chat.RoomCursor) []any { return []any{f.Type, after.Room} }, byID,
		}
	}
	return roomWalk{
		columns + `'' FROM rooms r WHERE r.app_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3`,
		func(after chat.RoomCursor) []any { return []any{after.Room} }, byID,
	}
}

// behind is the first text that is sorted behind all that begin with prefix, by code points.
func behind(prefix string) string {
	runes := []rune(prefix)
	for i, r := range slices.Backward(runes) {
		switch r {
		case utf8.MaxRune:
			continue
		case 0xD7FF: // surrogates are no characters
			r = 0xDFFF
		}
		return string(append(runes[:i], r+1))
	}
	return string(utf8.MaxRune) + string(utf8.MaxRune)
}

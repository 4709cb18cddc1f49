package store

import (
	"context"

	"parlor/internal/chat"
)

// roomListQuery finds the rooms of user $1 in App $2: those they were put into by name
// and those of their role $3. It walks the user's own index entries, so it costs what
// the user's rooms cost, however many others there are.
//
// filter narrows both halves by their room_id.
func roomListQuery(filter func(column string) string) string {
	return `SELECT r.id, r.last_visible_at, r.visible_count - p.sent_count
		FROM participants p JOIN rooms r ON r.id = p.room_id
		WHERE p.user_id = $1 AND p.is_explicit AND r.app_id = $2 AND r.deleted_at = 0 AND r.last_visible_at > 0` + filter("p.room_id") + `
	UNION ALL
	SELECT r.id, r.last_visible_at, r.visible_count - COALESCE(p.sent_count, 0)
		FROM room_roles rr JOIN rooms r ON r.id = rr.room_id
		LEFT JOIN participants p ON p.user_id = $1 AND p.room_id = rr.room_id
		WHERE rr.app_id = $2 AND rr.role_code = $3 AND r.deleted_at = 0 AND r.last_visible_at > 0
			AND NOT COALESCE(p.is_explicit, FALSE)` + filter("rr.room_id") + `
	ORDER BY 2 DESC, 1 DESC LIMIT $4 OFFSET $5`
}

// RoomList returns the rooms that user is in, the newest visible message first, with
// that message and the count of unread ones. only, unless empty, names the rooms to
// look at by the customer's ids. more says that the page was not the last.
func (s *Store) RoomList(ctx context.Context, user *chat.User, only []string, page chat.Page) (list []chat.RoomSummary, more bool, err error) {
	args := []any{user.ID, user.App, user.Role.Code, page.Limit + 1, page.Offset}
	filter := func(string) string { return "" }
	if len(only) > 0 {
		ids, err := s.roomIDs(ctx, user.App, only)
		if err != nil {
			return nil, false, s.explain(err)
		}
		filter = func(column string) string { return " AND " + s.eng.idInList(column, "$6") }
		args = append(args, s.eng.idListArg(ids))
	}
	var lines []listLine
	err = each(ctx, s.eng, func(r scanner) error {
		var l listLine
		err := r.Scan(&l.room, &l.createdAt, &l.unread)
		lines = append(lines, l)
		return err
	}, roomListQuery(filter), args...)
	if err != nil {
		return nil, false, s.explain(err)
	}
	if more = len(lines) > page.Limit; more {
		lines = lines[:page.Limit]
	}
	list, err = s.summaries(ctx, user, lines)
	return list, more, s.explain(err)
}

// listLine is what the list query says of one room.
type listLine struct {
	messageKey // of its newest visible message
	unread     int64
}

// summaries puts in the place of ids what they stand for, each kind in one query.
func (s *Store) summaries(ctx context.Context, viewer *chat.User, lines []listLine) ([]chat.RoomSummary, error) {
	rooms, err := s.roomsByID(ctx, viewer.App, lines)
	if err != nil {
		return nil, err
	}
	messages, err := s.latestMessages(ctx, viewer.App, lines)
	if err != nil {
		return nil, err
	}
	list := make([]chat.RoomSummary, len(lines))
	people := make([]chat.UserID, 2*len(lines)) // the sender and, in a personal room, the partner
	for i, l := range lines {
		list[i] = chat.RoomSummary{Room: rooms[i], Last: messages[i], Unread: l.unread}
		people[2*i] = messages[i].Sender
		people[2*i+1] = messages[i].Sender
		if rooms[i].Type == chat.Personal {
			people[2*i+1] = rooms[i].Pair.Other(viewer.ID)
		}
	}
	users, err := s.Users(ctx, viewer.App, people)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Sender = users[2*i]
		if list[i].Room.Type == chat.Personal {
			list[i].Partner = users[2*i+1]
		}
	}
	return list, nil
}

// roomsByID finds the room of each line.
func (s *Store) roomsByID(ctx context.Context, app chat.AppID, lines []listLine) ([]*chat.Room, error) {
	rooms := make([]*chat.Room, len(lines))
	place := map[chat.RoomID]int{}
	var missing []int64
	for i, l := range lines {
		if r, ok := s.cache.rooms.get(l.room); ok {
			rooms[i] = r
		} else {
			place[l.room] = i
			missing = append(missing, int64(l.room))
		}
	}
	if len(missing) == 0 {
		return rooms, nil
	}
	ticket := s.cache.ticket()
	err := each(ctx, s.eng, func(row scanner) error {
		r, err := scanRoom(row)
		if err == nil {
			rooms[place[r.ID]] = &r
			s.keepRoom(&r, ticket)
		}
		return err
	}, roomSelect+`WHERE +r.app_id = $1 AND `+s.eng.idInList("r.id", "$2"), app, s.eng.idListArg(missing))
	return rooms, err
}

// latestMessages finds the message of each line by room and time, which the list query
// has read together with the counts: a message that came since does not mix with older
// counts.
func (s *Store) latestMessages(ctx context.Context, app chat.AppID, lines []listLine) ([]*chat.Message, error) {
	messages := make([]*chat.Message, len(lines))
	place := map[messageKey]int{}
	var missing [][2]int64
	for i, l := range lines {
		if m, ok := s.cache.latest.get(l.messageKey); ok {
			messages[i] = m
		} else {
			place[l.messageKey] = i
			missing = append(missing, [2]int64{int64(l.room), l.createdAt})
		}
	}
	if len(missing) == 0 {
		return messages, nil
	}
	ticket := s.cache.ticket()
	err := each(ctx, s.eng, func(row scanner) error {
		m, err := scanMessage(row)
		if err != nil {
			return err
		}
		key := messageKey{m.Room, m.CreatedAt}
		messages[place[key]] = &m
		if len(m.Body)+len(m.Data)+len(m.Quote.Content)+len(m.Quote.Title)+len(m.Quote.ImageURL) <= cachedTextBytes {
			s.cache.latest.put(key, &m, ticket, stripeOf(roomMessages{m.Room}))
		}
		return nil
	}, messageSelect+`FROM `+s.eng.pairs("$2")+` k JOIN messages m ON m.room_id = k.a AND m.created_at = k.b
		WHERE +m.app_id = $1`, app, jsonText(missing)) // the plus: see Users
	return messages, err
}

// roomIDs finds rooms by the customer's ids. Those that do not exist drop out.
func (s *Store) roomIDs(ctx context.Context, app chat.AppID, xcs []string) ([]int64, error) {
	ids := make([]int64, 0, len(xcs))
	var missing []string
	for _, xc := range xcs {
		if id, ok := s.cache.roomIDs.get(xcKey{app, xc}); ok {
			ids = append(ids, int64(id))
		} else {
			missing = append(missing, xc)
		}
	}
	if len(missing) == 0 {
		return ids, nil
	}
	ticket := s.cache.ticket()
	err := each(ctx, s.eng, func(r scanner) error {
		var id chat.RoomID
		var xc string
		if err := r.Scan(&id, &xc); err != nil {
			return err
		}
		ids = append(ids, int64(id))
		s.cache.roomIDs.put(xcKey{app, xc}, id, ticket)
		return nil
	}, `SELECT id, xc_room_id FROM rooms WHERE app_id = $1 AND xc_room_id <> '' AND `+s.eng.inList("xc_room_id", "$2"),
		app, s.eng.listArg(missing))
	return ids, s.explain(err)
}

// RoomID finds a room by the customer's id, or CodeNotFound. The room may have been
// deleted: what is then done to it fails.
func (s *Store) RoomID(ctx context.Context, app chat.AppID, xc string) (chat.RoomID, error) {
	ids, err := s.roomIDs(ctx, app, []string{xc})
	if err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, chat.RoomNotFound()
	}
	return chat.RoomID(ids[0]), nil
}

package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// roomListQuery finds the rooms of user $1 in App $2: those they were put into by name
// and those of their role $3. It walks the user's own index entries, so it costs what
// the user's rooms cost, however many others there are.
//
// Counts are of all messages that ever showed. Deleted ones that the user had not read
// are taken off here: few lie behind what somebody has read.
//
// filter narrows both halves by their room_id.
func roomListQuery(filter func(column string) string) string {
	const deleted = `(SELECT COUNT(*) FROM messages d WHERE d.room_id = r.id AND d.deleted_at > 0
		AND d.created_at > COALESCE(p.read_upto, 0) AND NOT d.is_hidden AND d.sender_id <> $1)`
	return `SELECT r.id, r.last_visible_at, r.visible_count - p.sent_count - p.read_count, ` + deleted + `,
			p.read_upto, p.has_gaps, p.hides, p.cleared_at, p.delivered_spans
		FROM participants p JOIN rooms r ON r.id = p.room_id
		WHERE p.user_id = $1 AND p.is_explicit AND r.app_id = $2 AND r.deleted_at = 0
			AND r.last_visible_at > p.cleared_at` + filter("p.room_id") + `
	UNION ALL
	SELECT r.id, r.last_visible_at, r.visible_count - COALESCE(p.sent_count, 0) - COALESCE(p.read_count, 0), ` + deleted + `,
			COALESCE(p.read_upto, 0), COALESCE(p.has_gaps, FALSE), COALESCE(p.hides, 0), COALESCE(p.cleared_at, 0), p.delivered_spans
		FROM room_roles rr JOIN rooms r ON r.id = rr.room_id
		LEFT JOIN participants p ON p.user_id = $1 AND p.room_id = rr.room_id
		WHERE rr.app_id = $2 AND rr.role_code = $3 AND r.deleted_at = 0 AND r.last_visible_at > COALESCE(p.cleared_at, 0)
			AND NOT COALESCE(p.is_explicit, FALSE)` + filter("rr.room_id") + `
	ORDER BY 2 DESC, 1 DESC LIMIT $4 OFFSET $5`
}

// RoomList returns the rooms that user is in, the newest visible message first, with
// that message and the count of unread ones. only, unless empty, names the rooms to
// look at by the customer's ids. more says that the page was not the last.
func (s *Store) RoomList(ctx context.Context, user *chat.User, only []string, page chat.Page) (list []RoomLine, more bool, err error) {
	args := []any{user.ID, user.App, user.Role.Code, page.Limit + 1, page.Offset}
	filter := func(string) string { return "" }
	if len(only) > 0 {
		ids, err := s.roomIDs(ctx, user.App, only)
		if err != nil {
			return nil, false, s.explain(err)
		}
		filter = func(column string) string { return " AND " + s.eng.IDInList(column, "$6") }
		args = append(args, s.eng.IDListArg(ids))
	}
	var lines []listLine
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var l listLine
		err := r.Scan(&l.room, &l.createdAt, &l.unread, &l.deleted, &l.readUpTo, &l.hasGaps, &l.hides, &l.clearedAt, &l.delivered)
		lines = append(lines, l)
		return err
	}, roomListQuery(filter), args...)
	if err != nil {
		return nil, false, s.explain(err)
	}
	if more = len(lines) > page.Limit; more {
		lines = lines[:page.Limit]
	}
	for i := range lines {
		if err := s.settleLine(ctx, user, &lines[i]); err != nil {
			return nil, false, s.explain(err)
		}
	}
	// Where all that showed is hidden from the user there is no line.
	lines = slices.DeleteFunc(lines, func(l listLine) bool { return l.createdAt == 0 })
	list, err = s.summaries(ctx, user, lines)
	return list, more, s.explain(err)
}

// listLine is what the list query says of one room.
type listLine struct {
	messageKey // of its newest visible message
	unread     int64
	deleted    int64 // deleted messages of others behind readUpTo
	readUpTo   int64
	hasGaps    bool
	hides      int64
	clearedAt  int64
	delivered  []byte
	spans      chat.Spans // if hasGaps
}

// settleLine mends what the list query cannot tell: counts with holes in what was read,
// and the newest message of somebody who has deleted it for himself.
func (s *Store) settleLine(ctx context.Context, user *chat.User, l *listLine) error {
	l.unread -= l.deleted
	if l.hasGaps {
		r, err := s.Receipts(ctx, l.room, user.ID)
		if err != nil {
			return err
		}
		l.spans = r.Read
		if l.deleted > 0 {
			if err := s.recountDeleted(ctx, user.ID, l); err != nil {
				return err
			}
		}
	}
	if l.hides == 0 {
		return nil
	}
	err := s.eng.Row(ctx, `SELECT COALESCE(MAX(m.created_at), 0) FROM messages m WHERE m.room_id = $1 AND m.created_at > $2
		AND m.created_at = (SELECT n.created_at FROM messages n WHERE n.room_id = $1 AND n.created_at > $2 AND NOT n.is_hidden
			AND NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = $3 AND h.room_id = $1 AND h.created_at = n.created_at)
			ORDER BY n.created_at DESC LIMIT 1)`, l.room, l.clearedAt, user.ID).Scan(&l.createdAt)
	return err
}

// recountDeleted gives back those deleted messages that the user had read beyond a hole.
func (s *Store) recountDeleted(ctx context.Context, user chat.UserID, l *listLine) error {
	return engine.Each(ctx, s.eng, func(r engine.Row) error {
		var created int64
		err := r.Scan(&created)
		if err == nil && l.spans.Has(created) {
			l.unread++
		}
		return err
	}, `SELECT d.created_at FROM messages d WHERE d.room_id = $1 AND d.deleted_at > 0 AND d.created_at > $2
		AND NOT d.is_hidden AND d.sender_id <> $3`, l.room, l.readUpTo, user)
}

// RoomLine is a room in somebody's list, with all that is needed to show it.
type RoomLine struct {
	Room     *chat.Room
	Message  *chat.Message // the newest that the viewer sees
	Sender   *chat.User    // of the message
	Partner  *chat.User    // the other user of a personal room, nil in others
	Unread   int64
	ReadUpTo int64    // Unix ms: the viewer has read what was created before; Receipts say what beyond it
	Receipts Receipts // as far as they concern the message
}

// summaries puts in the place of ids what they stand for, each kind in one query.
func (s *Store) summaries(ctx context.Context, viewer *chat.User, lines []listLine) ([]RoomLine, error) {
	rooms, err := s.roomsByID(ctx, viewer.App, lines)
	if err != nil {
		return nil, err
	}
	messages, err := s.latestMessages(ctx, viewer.App, lines)
	if err != nil {
		return nil, err
	}
	people := make([]chat.UserID, 2*len(lines)) // the sender and, in a personal room, the partner
	var own []int64                             // rooms whose newest message is the viewer's
	for i, l := range lines {
		people[2*i] = messages[i].Sender
		people[2*i+1] = messages[i].Sender
		if rooms[i].Type == chat.Personal {
			people[2*i+1] = rooms[i].Pair.Other(viewer.ID)
		}
		if messages[i].Sender == viewer.ID {
			own = append(own, int64(l.room))
		}
	}
	users, err := s.Users(ctx, viewer.App, people)
	if err != nil {
		return nil, err
	}
	marks, err := s.marksOf(ctx, own)
	if err != nil {
		return nil, err
	}
	list := make([]RoomLine, len(lines))
	for i, l := range lines {
		list[i] = RoomLine{Room: rooms[i], Message: messages[i], Sender: users[2*i], Unread: l.unread, ReadUpTo: l.readUpTo}
		if rooms[i].Type == chat.Personal {
			list[i].Partner = users[2*i+1]
		}
		if messages[i].Sender == viewer.ID {
			list[i].Receipts = marks[l.room]
			continue
		}
		delivered, err := chat.DecodeSpans(l.delivered)
		if err != nil {
			return nil, err
		}
		list[i].Receipts = Receipts{Read: l.spans, Delivered: delivered}
	}
	return list, nil
}

// marksOf reads what anybody has received or read in each of the rooms.
func (s *Store) marksOf(ctx context.Context, rooms []int64) (map[chat.RoomID]Receipts, error) {
	marks := make(map[chat.RoomID]Receipts, len(rooms))
	var missing []int64
	for _, id := range rooms {
		if r, ok := s.cache.marks.get(chat.RoomID(id)); ok {
			marks[chat.RoomID(id)] = r
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return marks, nil
	}
	ticket := s.cache.ticket()
	err := engine.Each(ctx, s.eng, func(row engine.Row) error {
		var room chat.RoomID
		var read, delivered []byte
		err := row.Scan(&room, &read, &delivered)
		r := Receipts{}
		if err == nil {
			r.AnyRead, err = chat.DecodeSpans(read)
		}
		if err == nil {
			r.AnyDelivered, err = chat.DecodeSpans(delivered)
		}
		marks[room] = r
		return err
	}, `SELECT a.room_id, a.read_spans, a.delivered_spans FROM room_receipts a WHERE `+s.eng.IDInList("a.room_id", "$1"),
		s.eng.IDListArg(missing))
	for _, id := range missing {
		if room := chat.RoomID(id); len(marks[room].AnyRead)+len(marks[room].AnyDelivered) <= 32 {
			s.cache.marks.put(room, marks[room], ticket, stripeOf(roomMarks{room}))
		}
	}
	return marks, err
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
	err := engine.Each(ctx, s.eng, func(row engine.Row) error {
		r, err := scanRoom(row)
		if err == nil {
			rooms[place[r.ID]] = &r
			s.keepRoom(&r, ticket)
		}
		return err
	}, roomSelect+`WHERE +r.app_id = $1 AND `+s.eng.IDInList("r.id", "$2"), app, s.eng.IDListArg(missing))
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
	err := engine.Each(ctx, s.eng, func(row engine.Row) error {
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
	}, messageSelect+`FROM `+s.eng.RowsOf("$2", 2)+` k JOIN messages m ON m.room_id = k.a AND m.created_at = k.b
		WHERE +m.app_id = $1`, app, engine.JSON(missing)) // the plus: see Users
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
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.RoomID
		var xc string
		if err := r.Scan(&id, &xc); err != nil {
			return err
		}
		ids = append(ids, int64(id))
		s.cache.roomIDs.put(xcKey{app, xc}, id, ticket)
		return nil
	}, `SELECT id, xc_room_id FROM rooms WHERE app_id = $1 AND xc_room_id <> '' AND `+s.eng.InList("xc_room_id", "$2"),
		app, s.eng.ListArg(missing))
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
		return 0, chat.Missing(chat.RoomNotFound(), xc)
	}
	return chat.RoomID(ids[0]), nil
}

package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// summaries puts in the index of ids what they stand for, each kind in one query.
func (s *Store) summaries(ctx context.Context, viewer *chat.User, lines []listLine) ([]RoomLine, error) {
	lines, messages, err := s.shownMessages(ctx, viewer, lines)
	if err != nil {
		return nil, err
	}
	rooms, err := s.roomsByID(ctx, viewer.App, lines)
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
		if messages[i].Sender == viewer.ID && messages[i] != l.message {
			own = append(own, int64(l.Room))
		}
	}
	users, err := s.Users(ctx, viewer.App, people)
	if err != nil {
		return nil, err
	}
	anybody, err := s.receiptsOfAnybody(ctx, own)
	if err != nil {
		return nil, err
	}
	list := make([]RoomLine, len(lines))
	for i, l := range lines {
		list[i] = RoomLine{Room: rooms[i], Message: messages[i], Sender: users[2*i], Unread: l.unread, ReadUpTo: l.readUpTo}
		if rooms[i].Type == chat.Personal {
			list[i].Partner = users[2*i+1]
		}
		switch {
		case messages[i].Sender != viewer.ID:
		case messages[i] == l.message:
			l.receipts = *l.anybody
		default:
			l.receipts = anybody[l.Room]
		}
		list[i].Receipts = l.receipts
	}
	return list, nil
}

// receiptsOfAnybody reads what anybody has received or read in each of the rooms.
func (s *Store) receiptsOfAnybody(ctx context.Context, rooms []int64) (map[chat.RoomID]chat.Receipts, error) {
	if len(rooms) == 0 {
		return nil, nil
	}
	receipts := make(map[chat.RoomID]chat.Receipts, len(rooms))
	var missing []int64
	for _, id := range rooms {
		if r, ok := s.cache.receipts.get(chat.RoomID(id)); ok {
			receipts[chat.RoomID(id)] = r
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return receipts, nil
	}
	ticket := s.cache.ticket()
	err := engine.Each(ctx, s.eng, func(row engine.Row) error {
		var room chat.RoomID
		var read, delivered []byte
		err := row.Scan(&room, &read, &delivered)
		if err != nil {
			return err
		}
		var r chat.Receipts
		r.AnyRead, r.AnyDelivered, err = decodeReceipts(read, delivered)
		receipts[room] = r
		return err
	}, `SELECT a.room_id, a.read_spans, a.delivered_spans FROM room_receipts a
		WHERE `+s.eng.IDInList("a.room_id", "$1"), s.eng.IDListArg(missing))
	for _, id := range missing {
		if room := chat.RoomID(id); len(receipts[room].AnyRead)+len(receipts[room].AnyDelivered) <= 32 {
			s.cache.receipts.put(room, receipts[room], ticket, stripeOf(roomReceipts{room}))
		}
	}
	return receipts, err
}

// roomsByID finds the room of each line.
func (s *Store) roomsByID(ctx context.Context, app chat.AppID, lines []listLine) ([]*chat.Room, error) {
	rooms := make([]*chat.Room, len(lines))
	var index map[chat.RoomID]int
	var missing []int64
	for i, l := range lines {
		if l.room != nil {
			rooms[i] = l.room
		} else if r, ok := s.cache.rooms.get(l.Room); ok {
			rooms[i] = r
		} else {
			if index == nil {
				index = make(map[chat.RoomID]int, len(lines)-i)
			}
			index[l.Room] = i
			missing = append(missing, int64(l.Room))
		}
	}
	if len(missing) == 0 {
		return rooms, nil
	}
	return rooms, s.readRooms(ctx, app, missing, func(r *chat.Room) { rooms[index[r.ID]] = r })
}

// readRooms reads those rooms of an App that there are of ids.
func (s *Store) readRooms(ctx context.Context, app chat.AppID, ids []int64, take func(*chat.Room)) error {
	ticket := s.cache.ticket()
	var row roomScan
	dest := sparseDest(s.eng, row.dest())
	return engine.Each(ctx, s.eng, func(found engine.Row) error {
		if err := found.Scan(dest...); err != nil {
			return err
		}
		r, err := row.room()
		if err == nil {
			take(&r)
			s.keepRoom(&r, ticket)
		}
		return err
	}, s.statements.rooms+`WHERE +r.app_id = $1 AND `+s.eng.IDInList("r.id", "$2"), app, s.eng.IDListArg(ids))
}

// shownMessages finds the message of each line. In the place of one that a rule of retention has just removed comes the
// one that the viewer sees last by now; a line without any drops out.
func (s *Store) shownMessages(
	ctx context.Context, viewer *chat.User, lines []listLine,
) ([]listLine, []*chat.Message, error) {
	for tries := 0; ; tries++ {
		messages, err := s.latestMessages(ctx, viewer.App, lines)
		if err != nil || !slices.Contains(messages, nil) {
			return lines, messages, err
		}
		gone := map[chat.RoomID]*listLine{}
		var from [][2]int64
		for i, m := range messages {
			if l := &lines[i]; m == nil {
				gone[l.Room], from = l, append(from, [2]int64{int64(l.Room), l.clearedAt})
				l.CreatedAt = 0
			}
		}
		if tries < 2 { // it is removed again and again at best
			if err := s.findShown(ctx, viewer.ID, from, gone); err != nil {
				return nil, nil, err
			}
		}
		lines = slices.DeleteFunc(lines, func(l listLine) bool { return l.CreatedAt == 0 })
	}
}

// latestMessages finds the message of each line by room and time, which the list query
// has read together with the counts: a message that came since does not mix with older
// counts.
func (s *Store) latestMessages(ctx context.Context, app chat.AppID, lines []listLine) ([]*chat.Message, error) {
	messages := make([]*chat.Message, len(lines))
	var index map[MessageKey]int
	var missing [][2]int64
	for i, l := range lines {
		if l.message != nil && l.message.CreatedAt == l.CreatedAt {
			messages[i] = l.message
		} else if m, ok := s.cache.latest.get(l.MessageKey); ok {
			messages[i] = m
		} else {
			if index == nil {
				index = make(map[MessageKey]int, len(lines)-i)
			}
			index[l.MessageKey] = i
			missing = append(missing, [2]int64{int64(l.Room), l.CreatedAt})
		}
	}
	if len(missing) == 0 {
		return messages, nil
	}
	ticket := s.cache.ticket()
	err := s.eachMessage(ctx, func(m chat.Message) error {
		key := MessageKey{m.Room, m.CreatedAt}
		messages[index[key]] = &m
		if len(m.Body)+len(m.Data)+len(m.Quote.Content)+len(m.Quote.Title)+len(m.Quote.ImageURL) <= cachedTextBytes {
			s.cache.latest.put(key, &m, ticket, stripeOf(roomMessages{m.Room}))
		}
		return nil
	}, s.eng.ForEach(s.eng.Pairs("$2"), "messages", "m.room_id = k.a AND m.created_at = k.b")+`
		WHERE +m.app_id = $1`, app, s.eng.PairsArg(missing)) // the plus: see Users
	return messages, err
}

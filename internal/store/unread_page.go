package store

import (
	"cmp"
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// UnreadPage lists up to limit rooms of a user, behind the one of an id, in which something is unread, in the
// order of their ids, with how much that is. next is the last room that was looked at; more says that there may
// be others. It looks at 2,000 rooms at most, so a page may be empty and not the last.
func (s *Store) UnreadPage(
	ctx context.Context, user *chat.User, after chat.RoomID, limit int,
) (list []chat.RoomUnread, next chat.RoomID, more bool, err error) {
	w := s.roomWalk(chat.RoomFilter{}, user)
	next = after
	for looked := 0; looked < roomsLooked; looked += roomsAtOnce {
		var rooms []chat.Room
		err := engine.Each(ctx, s.eng, func(row engine.Row) error {
			var lastMessageAt int64
			var key string
			r, err := scanRoom(row, &lastMessageAt, &key)
			rooms = append(rooms, r)
			return err
		}, w.query, append(append([]any{user.App}, w.args(chat.RoomCursor{Room: next})...), roomsAtOnce)...)
		if err != nil {
			return nil, after, false, s.explain(err)
		}
		unread, err := s.unreadIn(ctx, user, rooms)
		if err != nil {
			return nil, after, false, s.explain(err)
		}
		for _, r := range rooms {
			if n := unread[r.ID]; n > 0 {
				if len(list) == limit {
					return list, next, true, nil
				}
				list = append(list, chat.RoomUnread{Room: r, Unread: n})
			}
			next = r.ID
		}
		if len(rooms) < roomsAtOnce {
			return list, next, false, nil
		}
	}
	return list, next, true, nil
}

// unreadIn counts what a user has not read in each of rooms, as RoomList does.
func (s *Store) unreadIn(ctx context.Context, user *chat.User, rooms []chat.Room) (map[chat.RoomID]int64, error) {
	if len(rooms) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(rooms))
	for i := range rooms {
		ids[i] = int64(rooms[i].ID)
	}
	lines, err := s.unreadLines(ctx, user, func(column string) string { return " AND " + s.eng.IDInList(column, "$6") },
		user.ID, user.App, user.Role.Code, len(rooms), 0, s.eng.IDListArg(ids))
	unread := make(map[chat.RoomID]int64, len(lines))
	for _, l := range lines {
		unread[l.Room] = l.unread
	}
	return unread, err
}

// UnreadOf counts what each of users has not read in a room, which must have been found in the caller's App.
// Deleted messages are gone through once for all of them.
func (s *Store) UnreadOf(ctx context.Context, room chat.RoomID, users []chat.UserID) (map[chat.UserID]int64, error) {
	type reader struct {
		id        chat.UserID
		unread    int64
		upTo      int64 // all that was created until then is read
		hasHoles  bool
		clearedAt int64
		read      chat.Spans
	}
	var readers []reader
	var lastVisible int64
	err := engine.Each(ctx, s.eng, func(row engine.Row) error {
		var r reader
		var spans []byte
		err := row.Scan((*int64)(&r.id), &r.unread, &r.upTo, &r.hasHoles, &r.clearedAt, &spans, &lastVisible)
		if err == nil {
			r.read, _, err = decodeReceipts(spans, nil)
		}
		readers = append(readers, r)
		return err
	}, `SELECT k.value, `+unreadCount+`, COALESCE(p.read_upto, 0),
			COALESCE(p.has_gaps, FALSE), COALESCE(p.cleared_at, 0), CASE WHEN p.has_gaps THEN p.read_spans END, r.last_visible_at
		FROM rooms r CROSS JOIN `+s.eng.Ordered("$2")+` k LEFT JOIN participants p ON p.user_id = k.value AND p.room_id = r.id
		WHERE r.id = $1`, room, s.eng.IDListArg(idsOf(users)))
	if err != nil || len(readers) == 0 {
		return nil, s.explain(err)
	}
	slices.SortFunc(readers, func(a, b reader) int { return cmp.Compare(a.upTo, b.upTo) })
	place := make(map[chat.UserID]int, len(readers))
	for i := range readers {
		place[readers[i].id] = i
	}
	behind := make([]int64, len(readers)+1) // how many lie behind the first so many readers' upTo, and no further
	err = engine.Each(ctx, s.eng, func(row engine.Row) error {
		var created int64
		var sender chat.UserID
		if err := row.Scan(&created, &sender); err != nil {
			return err
		}
		n, _ := slices.BinarySearchFunc(readers, created, func(r reader, at int64) int { return cmp.Compare(r.upTo, at) })
		behind[n]++
		if i, ok := place[sender]; ok && i < n {
			readers[i].unread++ // it was the reader's own, and never counted
		}
		for i := range readers[:n] {
			if r := &readers[i]; r.hasHoles && r.id != sender && r.read.Has(created) {
				r.unread++ // it was read before it was deleted
			}
		}
		return nil
	}, `SELECT d.created_at, d.sender_id FROM messages d WHERE d.room_id = $1 AND d.deleted_at > 0 AND d.created_at > $2
		AND d.created_at <= $3 AND NOT d.is_hidden`, room, readers[0].upTo, lastVisible)
	unread := make(map[chat.UserID]int64, len(readers))
	deleted := int64(0)
	for i, r := range slices.Backward(readers) {
		deleted += behind[i+1]
		if r.clearedAt < lastVisible {
			unread[r.id] = r.unread - deleted
		}
	}
	return unread, s.explain(err)
}

package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// ReceiptTarget is a message that somebody names as received or read.
type ReceiptTarget struct {
	ID        chat.MessageID
	Room      chat.RoomID
	CreatedAt int64 // Unix ms
	Counts    bool  // it is another's and not hidden
}

const (
	// namedAtOnce bounds the messages that are looked for in one query.
	namedAtOnce = 250
	// namedRest is how long the next query waits when there are many: a call that names
	// thousands takes its time in small pieces, between which others are served.
	namedRest = 4 * time.Millisecond
)

// ReceiptTargets finds messages of the App, by their ids, without what they say, sorted by room
// and time. Those that do not exist drop out; whether reader may see the others is not
// looked at.
func (s *Store) ReceiptTargets(
	ctx context.Context, app chat.AppID, reader chat.UserID, ids []int64,
) (list []ReceiptTarget, err error) {
	rest := time.Duration(0)
	for part := range slices.Chunk(ids, namedAtOnce) {
		time.Sleep(rest)
		rest = namedRest
		err := engine.Each(ctx, s.eng, func(r engine.Row) error {
			var m ReceiptTarget
			err := r.Scan(&m.ID, &m.Room, &m.CreatedAt, &m.Counts)
			list = append(list, m)
			return err
		}, `SELECT m.id, m.room_id, m.created_at, m.sender_id <> $3 AND NOT m.is_hidden FROM messages m
			WHERE +m.app_id = $1 AND `+s.eng.IDInList("m.id", "$2"), app, s.eng.IDListArg(part), reader)
		if err != nil {
			return nil, s.explain(err)
		}
	}
	slices.SortFunc(list, func(a, b ReceiptTarget) int {
		return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.CreatedAt, b.CreatedAt))
	})
	return list, nil
}

// Readable is a room that a user is in.
type Readable struct {
	Room     chat.Room
	Receipts chat.Receipts // the user's own, with their unread flag
}

// Readable finds those of rooms that user is in and that are not deleted.
func (s *Store) Readable(
	ctx context.Context, app chat.AppID, user chat.UserID, rooms []chat.RoomID,
) (list []Readable, err error) {
	err = engine.Each(ctx, s.eng, func(row engine.Row) (err error) {
		var r Readable
		var read, delivered []byte
		if r.Room, err = scanRoom(row, &r.Receipts.UnreadFlag, &read, &delivered); err != nil {
			return err
		}
		r.Receipts.Read, r.Receipts.Delivered, err = decodeReceipts(read, delivered)
		list = append(list, r)
		return err
	}, `SELECT `+roomColumns+`, COALESCE(p.marked_unread, FALSE), p.read_spans, p.delivered_spans
		FROM rooms r LEFT JOIN participants p ON p.user_id = $2 AND p.room_id = r.id
		WHERE +r.app_id = $1 AND `+s.eng.IDInList("r.id", "$3")+` AND r.deleted_at = 0 AND (COALESCE(p.is_explicit, FALSE)
			OR EXISTS (SELECT 1 FROM users u JOIN room_roles rr ON rr.app_id = u.app_id AND rr.role_code = u.role_code
				WHERE u.id = $2 AND u.role_code <> '' AND u.deleted_at = 0 AND rr.room_id = r.id
					AND COALESCE(p.banned_until, 0) = 0))`,
		app, user, s.eng.IDListArg(idsOf(rooms)))
	return list, s.explain(err)
}

package store

import (
	"context"
	"fmt"
	"slices"

	"parlor/internal/chat"
)

// Receipts is what a viewer's receipts in one room are made of: their own, and what
// anybody has received or read of others' messages.
type Receipts struct {
	Read, Delivered       chat.Spans // of the viewer
	AnyRead, AnyDelivered chat.Spans
	Hides                 bool  // the viewer has deleted messages of the room for himself
	ClearedAt             int64 // Unix ms: up to when the viewer has cleared the room
	MarkedUnread          bool  // by the viewer, by hand
}

// Receipts reads what user sees of receipts in a room.
func (s *Store) Receipts(ctx context.Context, room chat.RoomID, user chat.UserID) (Receipts, error) {
	r, err := readReceipts(ctx, s.eng, room, user)
	return r, s.explain(err)
}

const receiptsQuery = `SELECT p.read_spans, p.delivered_spans, a.read_spans, a.delivered_spans,
		COALESCE(p.hides, 0), COALESCE(p.cleared_at, 0), COALESCE(p.marked_unread, FALSE)
	FROM rooms r LEFT JOIN participants p ON p.room_id = r.id AND p.user_id = $2
	LEFT JOIN room_receipts a ON a.room_id = r.id WHERE r.id = $1`

func readReceipts(ctx context.Context, c conn, room chat.RoomID, user chat.UserID) (r Receipts, err error) {
	var packed [4][]byte
	var hides int64
	err = c.row(ctx, receiptsQuery, room, user).Scan(&packed[0], &packed[1], &packed[2], &packed[3], &hides, &r.ClearedAt, &r.MarkedUnread)
	r.Hides = hides > 0
	for i, to := range []*chat.Spans{&r.Read, &r.Delivered, &r.AnyRead, &r.AnyDelivered} {
		if err == nil {
			*to, err = chat.DecodeSpans(packed[i])
		}
	}
	return r, err
}

// Marked is what MarkMessages has changed: the times of messages, in ascending order.
type Marked struct {
	New   []int64 // those that the reader had not marked before
	First []int64 // those of them that nobody had
	// Unmarked says that the room was marked as unread by hand, and is no more.
	Unmarked bool
}

// MarkMessages notes that messages have reached reader, or that he has read them. times
// are those of messages of others in the room that are not hidden, in ascending order
// and each once. A set of MaxSpans holes loses its oldest: what lies in it counts as marked.
func (tx *Tx) MarkMessages(ctx context.Context, room chat.RoomID, reader chat.UserID, kind chat.ReceiptKind, times []int64) (done Marked, err error) {
	at, number, err := tx.roomChange(ctx, room)
	if err != nil {
		return done, err
	}
	if _, err := tx.exec(ctx, `INSERT INTO participants (user_id, room_id, is_explicit) VALUES ($1, $2, FALSE)
		ON CONFLICT (user_id, room_id) DO NOTHING`, reader, room); err != nil {
		return done, err
	}
	column := [...]string{chat.Delivered: "delivered_spans", chat.Read: "read_spans"}[kind]
	var packed []byte
	var unread bool
	err = tx.row(ctx, `SELECT p.`+column+`, p.marked_unread FROM participants p WHERE p.user_id = $1 AND p.room_id = $2`+
		tx.store.eng.forUpdate("p"), reader, room).Scan(&packed, &unread)
	if err != nil {
		return done, err
	}
	done.Unmarked = unread && kind == chat.Read
	own := marker{tx: tx, room: room, reader: reader, at: at, number: number}
	if done.New, err = own.mark(ctx, packed, times); err != nil || len(done.New) == 0 {
		return done, err
	}
	if kind == chat.Delivered {
		_, err = tx.exec(ctx, `UPDATE participants SET delivered_spans = $1, marked_at = $4 WHERE user_id = $2 AND room_id = $3`,
			own.spans.Encode(), reader, room, at)
	} else {
		upTo := own.spans.UpTo()
		_, err = tx.exec(ctx, `UPDATE participants SET read_spans = $1, read_upto = $2, has_gaps = $3,
				read_count = read_count + $4, marked_unread = FALSE, marked_at = $7 WHERE user_id = $5 AND room_id = $6`,
			own.spans.Encode(), upTo, own.spans[len(own.spans)-1].To > upTo, own.count, reader, room, at)
	}
	if err != nil {
		return done, err
	}
	done.First, err = tx.markForAll(ctx, room, column, done.New, at, number)
	return done, err
}

// markForAll adds to what anybody in the room has marked and returns what is new there.
func (tx *Tx) markForAll(ctx context.Context, room chat.RoomID, column string, times []int64, at, number int64) ([]int64, error) {
	if _, err := tx.exec(ctx, `INSERT INTO room_receipts (room_id) VALUES ($1) ON CONFLICT (room_id) DO NOTHING`, room); err != nil {
		return nil, err
	}
	var packed []byte
	err := tx.row(ctx, `SELECT a.`+column+` FROM room_receipts a WHERE a.room_id = $1`+tx.store.eng.forUpdate("a"), room).Scan(&packed)
	if err != nil {
		return nil, err
	}
	all := marker{tx: tx, room: room, at: at, number: number}
	first, err := all.mark(ctx, packed, times)
	if err != nil || len(first) == 0 {
		return nil, err
	}
	_, err = tx.exec(ctx, `UPDATE room_receipts SET `+column+` = $1, changed_at = $3 WHERE room_id = $2`, all.spans.Encode(), room, at)
	touch(tx, roomMarks{room})
	return first, err
}

// marker adds messages to one set of spans. Messages of reader do not count, nor do
// hidden ones; reader 0 is nobody.
type marker struct {
	tx     *Tx
	room   chat.RoomID
	reader chat.UserID
	at     int64 // of the change
	number int64 // of the change
	spans  chat.Spans
	count  int64 // messages marked, those in a filled hole included
}

// mark adds times to the packed set and returns those that were not in it.
func (m *marker) mark(ctx context.Context, packed []byte, times []int64) (added []int64, err error) {
	if m.spans, err = chat.DecodeSpans(packed); err != nil {
		return nil, fmt.Errorf("room %d: %w", m.room, err)
	}
	for _, t := range times {
		if !m.spans.Has(t) {
			added = append(added, t)
		}
	}
	for rest := added; len(rest) > 0; {
		_, after := m.spans.Around(rest[0])
		n := 1
		for n < len(rest) && (after == 0 || rest[n] < after) {
			n++
		}
		if err := m.addRun(ctx, rest[:n]); err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	return added, nil
}

// addRun adds messages that lie between two spans: as one span if nothing that counts
// lies among them, or else by halves.
func (m *marker) addRun(ctx context.Context, run []int64) error {
	// A hole that was filled to make room may have held the next of them.
	run = slices.DeleteFunc(slices.Clone(run), m.spans.Has)
	if len(run) == 0 {
		return nil
	}
	first, last := run[0], run[len(run)-1]
	if len(run) > 1 {
		n, err := m.between(ctx, first-1, last+1, len(run)+1)
		if err != nil {
			return err
		}
		if n != len(run) {
			half := len(run) / 2
			if err := m.addRun(ctx, run[:half]); err != nil {
				return err
			}
			return m.addRun(ctx, run[half:])
		}
	}
	before, after := m.spans.Around(first)
	gap, err := m.between(ctx, before, first, 1)
	if err != nil {
		return err
	}
	next := 0
	if after > 0 {
		if next, err = m.between(ctx, last, after, 1); err != nil {
			return err
		}
	}
	m.spans = m.spans.Insert(chat.Span{From: first, To: last, At: m.at, Number: m.number, Joined: gap == 0}, next == 0)
	m.count += int64(len(run))
	for m.spans.Crowded() {
		if err := m.fillHole(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (m *marker) fillHole(ctx context.Context) error {
	filled, after, before := m.spans.FillOldestHole(m.at, m.number)
	n, err := m.between(ctx, after, before, 1<<40)
	m.spans = filled
	m.count += int64(n)
	return err
}

// between counts up to limit messages that count, created after a and before b.
func (m *marker) between(ctx context.Context, a, b int64, limit int) (n int, err error) {
	err = m.tx.row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM messages m WHERE m.room_id = $1
		AND m.created_at > $2 AND m.created_at < $3 AND m.sender_id <> $4 AND NOT m.is_hidden
		ORDER BY m.created_at LIMIT $5) x`, m.room, a, b, m.reader, limit).Scan(&n)
	return n, err
}

// Readers lists who has received or read the message of this room, up to limit people,
// with the times. Its sender is not among them.
func (s *Store) Readers(ctx context.Context, m chat.Message, limit int) (list []chat.Recipient, ids []chat.UserID, err error) {
	err = each(ctx, s.eng, func(r scanner) error {
		var id chat.UserID
		var packedRead, packedDelivered []byte
		if err := r.Scan(&id, &packedRead, &packedDelivered); err != nil {
			return err
		}
		read, err := chat.DecodeSpans(packedRead)
		if err != nil {
			return err
		}
		delivered, err := chat.DecodeSpans(packedDelivered)
		if err != nil {
			return err
		}
		rec := chat.Recipient{ReadAt: read.At(m.CreatedAt), DeliveredAt: delivered.At(m.CreatedAt)}
		if rec.DeliveredAt == 0 {
			rec.DeliveredAt = rec.ReadAt // what was read has arrived
		}
		if rec.DeliveredAt > 0 && len(list) < limit {
			list, ids = append(list, rec), append(ids, id)
		}
		return nil
	}, `SELECT p.user_id, p.read_spans, p.delivered_spans FROM participants p
		WHERE p.room_id = $1 AND p.user_id <> $2 ORDER BY p.user_id`, m.Room, m.Sender)
	return list, ids, s.explain(err)
}

package store

import (
	"context"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Marked is what MarkMessages has changed: the times of messages, in ascending order.
type Marked struct {
	New   []int64 // those that the reader had not marked before
	First []int64 // those of them that nobody had
	// Unmarked says that the room was marked as unread by hand, and is no more.
	Unmarked bool
	// Crowded says that the reader's set now has more holes than it should: FillHoles is
	// to be called when this is committed.
	Crowded bool
}

// MaxMarked is how many messages one write should mark, so that it holds the writer for
// some milliseconds at most, whatever lies between them.
const MaxMarked = 250

// MarkMessages notes that messages have reached reader, or that they have read them. times
// are those of messages of others in the room that are not hidden, in ascending order
// and each once.
//
// What it counts stays true whatever is sent meanwhile: a room's row is locked from taking
// a message's time to its commit, and times rise. So what lies before a message that can
// be seen is all there already, and nothing is ever put between two messages.
func (tx *Tx) MarkMessages(ctx context.Context, room chat.RoomID, reader chat.UserID, kind chat.ReceiptKind, times []int64) (done Marked, err error) {
	at, number, err := tx.roomChange(ctx, room)
	if err != nil {
		return done, err
	}
	if _, err := tx.conn.Exec(ctx, `INSERT INTO participants (user_id, room_id, is_explicit) VALUES ($1, $2, FALSE)
		ON CONFLICT (user_id, room_id) DO NOTHING`, reader, room); err != nil {
		return done, err
	}
	column := [...]string{chat.Delivered: "delivered_spans", chat.Read: "read_spans"}[kind]
	var packed []byte
	var unread bool
	err = tx.conn.Row(ctx, `SELECT p.`+column+`, p.marked_unread FROM participants p WHERE p.user_id = $1 AND p.room_id = $2`+
		tx.store.eng.ForUpdate("p"), reader, room).Scan(&packed, &unread)
	if err != nil {
		return done, err
	}
	own := marker{tx: tx, room: room, reader: reader, at: at, number: number}
	if done.New, err = own.mark(ctx, packed, times); err != nil || len(done.New) == 0 {
		return done, err
	}
	if kind == chat.Delivered {
		own.fillHoles()
		_, err = tx.conn.Exec(ctx, `UPDATE participants SET delivered_spans = $1, marked_at = $4 WHERE user_id = $2 AND room_id = $3`,
			own.spans.Encode(), reader, room, at)
	} else {
		done.Unmarked, done.Crowded = unread, own.spans.Crowded()
		err = tx.setRead(ctx, room, reader, own.spans, len(done.New), at)
	}
	if err != nil {
		return done, err
	}
	done.First, err = tx.markForAll(ctx, room, column, done.New, at, number)
	return done, err
}

// setRead stores what reader has read in a room: more messages than before.
func (tx *Tx) setRead(ctx context.Context, room chat.RoomID, reader chat.UserID, spans chat.Spans, more int, at int64) error {
	upTo := spans.UpTo()
	_, err := tx.conn.Exec(ctx, `UPDATE participants SET read_spans = $1, read_upto = $2, has_gaps = $3,
			read_count = read_count + $4, marked_unread = FALSE, marked_at = $7 WHERE user_id = $5 AND room_id = $6`,
		spans.Encode(), upTo, spans[len(spans)-1].To > upTo, more, reader, room, at)
	return err
}

// markForAll adds to what anybody in the room has marked and returns what is new there.
func (tx *Tx) markForAll(ctx context.Context, room chat.RoomID, column string, times []int64, at, number int64) ([]int64, error) {
	if _, err := tx.conn.Exec(ctx, `INSERT INTO room_receipts (room_id) VALUES ($1) ON CONFLICT (room_id) DO NOTHING`, room); err != nil {
		return nil, err
	}
	var packed []byte
	err := tx.conn.Row(ctx, `SELECT a.`+column+` FROM room_receipts a WHERE a.room_id = $1`+tx.store.eng.ForUpdate("a"), room).Scan(&packed)
	if err != nil {
		return nil, err
	}
	all := marker{tx: tx, room: room, at: at, number: number}
	first, err := all.mark(ctx, packed, times)
	if err != nil || len(first) == 0 {
		return nil, err
	}
	all.fillHoles()
	_, err = tx.conn.Exec(ctx, `UPDATE room_receipts SET `+column+` = $1, changed_at = $3 WHERE room_id = $2`, all.spans.Encode(), room, at)
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
}

// mark adds times to the packed set and returns those that were not in it. It asks for all
// that it has to know of the room in one statement.
func (m *marker) mark(ctx context.Context, packed []byte, times []int64) (added []int64, err error) {
	if m.spans, err = chat.DecodeSpans(packed); err != nil {
		return nil, fmt.Errorf("room %d: %w", m.room, err)
	}
	for _, t := range times {
		if !m.spans.Has(t) {
			added = append(added, t)
		}
	}
	if len(added) == 0 {
		return nil, nil
	}
	groups := groupsOf(m.spans, added)
	var gaps [][2]int64
	for _, g := range groups {
		gaps = append(gaps, g.gaps()...)
	}
	holes, err := m.tx.holes(ctx, m.room, m.reader, gaps)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		m.insert(g, holes)
	}
	return added, nil
}

// insert adds a group as few spans: one for each run of messages with no hole among them.
func (m *marker) insert(g group, holes map[int64]bool) {
	joined := !holes[g.before]
	for first := 0; first < len(g.times); {
		last := first
		for last+1 < len(g.times) && !holes[g.times[last]] {
			last++
		}
		end := g.times[last]
		m.spans = m.spans.Insert(chat.Span{
			From: g.times[first], To: end, At: m.at, Number: m.number, Joined: joined,
		}, last == len(g.times)-1 && !holes[end])
		joined = false
		first = last + 1
	}
}

// fillHoles makes the set small again where nobody counts what is in it.
func (m *marker) fillHoles() {
	for m.spans.Crowded() {
		m.spans = m.spans.FillOldestHole(m.at, m.number)
	}
}

// group is messages that lie between the same two spans, or before the first, or behind
// the last one.
type group struct {
	before, after int64 // the spans' ends; 0 where there is none
	times         []int64
}

// groupsOf splits times, none of which is in the set, by the spans between them.
func groupsOf(s chat.Spans, times []int64) (groups []group) {
	for len(times) > 0 {
		before, after := s.Around(times[0])
		n := 1
		for n < len(times) && (after == 0 || times[n] < after) {
			n++
		}
		groups = append(groups, group{before, after, times[:n]})
		times = times[n:]
	}
	return groups
}

// gaps are the spaces around and between the messages of the group.
func (g group) gaps() (list [][2]int64) {
	a := g.before
	for _, t := range g.times {
		list = append(list, [2]int64{a, t})
		a = t
	}
	if g.after > 0 {
		list = append(list, [2]int64{a, g.after})
	}
	return list
}

// holes returns those of gaps, by where they begin, in which a message lies that counts.
// It looks for the first such message of each, however many there are.
func (tx *Tx) holes(ctx context.Context, room chat.RoomID, reader chat.UserID, gaps [][2]int64) (map[int64]bool, error) {
	holes := make(map[int64]bool, len(gaps))
	err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var from int64
		var hole bool
		err := r.Scan(&from, &hole)
		holes[from] = hole
		return err
	}, `SELECT x.a, (SELECT m.id FROM messages m WHERE m.room_id = $2 AND m.created_at > x.a AND m.created_at < x.b
			AND m.sender_id <> $3 AND NOT m.is_hidden ORDER BY m.created_at LIMIT 1) IS NOT NULL
		FROM `+tx.store.eng.RowsOf("$1", 2)+` x`, engine.JSON(gaps), room, reader)
	return holes, err
}

package store

import (
	"context"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

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
func (tx *Tx) holes(
	ctx context.Context, room chat.RoomID, reader chat.UserID, gaps [][2]int64,
) (map[int64]bool, error) {
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

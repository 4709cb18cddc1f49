package client

import (
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestPings: the answer to a ping tells the server that everything before has arrived, so it waits until all of
// it was taken and whoever took it has come back.
func TestPings(t *testing.T) {
	q := newQueue(3)
	var answered []string
	ping := func(name string) bool { return q.putPing(func() { answered = append(answered, name) }) }
	event := item{event: Typing{}}
	take := func() item {
		t.Helper()
		i, err := q.next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if i.pong != nil {
			i.pong()
		}
		return i
	}
	if ping("at once") {
		t.Error("a ping waits, and nothing is there")
	}
	q.put(event)
	ping("first")
	ping("second") // the answer to which includes the first
	q.put(event)
	ping("third")
	if take(); len(answered) > 0 {
		t.Errorf("answered %v before the event was worked on", answered)
	}
	take()
	if !slices.Equal(answered, []string{"second"}) {
		t.Errorf("answered %v, want the second", answered)
	}
	take()
	if !ping("fourth") {
		t.Error("a ping is answered while the event before is worked on")
	}
	take()
	if !slices.Equal(answered, []string{"second", "fourth"}) {
		t.Errorf("answered %v, want the second and the fourth", answered)
	}

	// What finds no place has not arrived, and neither has anything after it.
	for range 4 {
		q.put(event)
	}
	ping("never")
	for range 3 {
		take()
	}
	if len(q.items) != 0 || q.isEmpty() {
		t.Errorf("%d items are left; the one without a place counts as one that has arrived: %v", len(q.items), q.isEmpty())
	}
	q.hold()
	q.put(event)
	q.release(Connected{Again: true}, nil)
	if e := take().event; e != (Connected{Again: true}) {
		t.Errorf("after the reconnect comes %+v", e)
	}
}

// TestReleaseKeepsOrder: what a connection has brought before the answer to catching up may be older than the answer.
// It is shown where it belongs in its room.
func TestReleaseKeepsOrder(t *testing.T) {
	message := func(room RoomID, id, updated int) Message {
		return Message{
			ID: MessageID(strconv.Itoa(id)), Room: Room{ID: room}, Updated: Time{time.UnixMilli(int64(updated))},
		}
	}
	q := newQueue(100)
	q.hold()
	var answered []string
	for _, m := range []Message{message("g1", 3, 3), message("g2", 4, 4), message("g1", 7, 7), message("g1", 9, 9)} {
		q.put(item{event: MessageSent{m}, size: 10})
		q.putPing(func() { answered = append(answered, string(m.ID)) })
	}
	q.put(item{event: MessageChanged{message("g1", 3, 12)}, size: 10})
	q.release(Connected{}, []Message{
		message("g1", 2, 2), message("g2", 5, 5), message("g1", 7, 7), message("g1", 8, 8), message("g1", 10, 10),
	})
	var shown []string
	for !q.isEmpty() {
		i, err := q.next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		switch e := i.event.(type) {
		case MessageSent:
			shown = append(shown, string(e.Message.Room.ID+" "+RoomID(e.Message.ID)))
		case MessageChanged:
			shown = append(shown, string(e.Message.Room.ID+" "+RoomID(e.Message.ID)+" changed"))
		case nil:
			i.pong()
		}
	}
	want := []string{"g1 2", "g2 4", "g2 5", "g1 3", "g1 7", "g1 8", "g1 9", "g1 10", "g1 3 changed"}
	if !slices.Equal(shown, want) {
		t.Errorf("shown as %q, want %q", shown, want)
	}
	if q.bytes != 0 {
		t.Errorf("%d bytes are left of nothing", q.bytes)
	}
	if !slices.Equal(answered, []string{"3", "4", "7", "9"}) {
		t.Errorf("answered the pings behind %q, want all four in their order", answered)
	}
}

package client

import (
	"slices"
	"testing"
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

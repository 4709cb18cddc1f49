package device

import (
	"testing"
	"time"

	"parlor/internal/chat"
)

// TestArrivals: a message has arrived once a ping that was written behind it is answered, or
// once the device has named it, if nothing of it had changed.
func TestArrivals(t *testing.T) {
	var a Arrivals
	a.Wrote(1, Seen{State: 8, Number: 100}, true, time.Second)
	first := a.Ping(101)
	a.Wrote(2, Seen{State: 8, Number: 102}, true, 2*time.Second)
	a.Wrote(3, Seen{State: 16, Number: 103}, false, 3*time.Second)
	check := func(what string, upTo time.Duration, frontier int64, want ...chat.MessageID) {
		t.Helper()
		known, number := a.Known(upTo)
		if number != frontier {
			t.Errorf("%s: everything delivered below %d has arrived, want %d", what, number, frontier)
		}
		if len(known) != len(want) {
			t.Errorf("%s: %v have arrived, want %v", what, known, want)
		}
		for _, id := range want {
			if _, ok := known[id]; !ok {
				t.Errorf("%s: %d has not arrived", what, id)
			}
		}
	}
	check("nothing answered", 0, 0)
	check("written long ago", 2*time.Second, 0, 1, 2)
	a.Answered(first + 1)
	check("an answer to no ping", 0, 0)
	a.Answered(first)
	check("the first ping", 0, 101, 1)
	a.Received(map[chat.MessageID]bool{2: true, 3: true})
	check("named, one of them changed", 0, 101, 1, 2)
	if !a.Open() || !a.Unsaved() {
		t.Errorf("open %t, unsaved %t, want both", a.Open(), a.Unsaved())
	}
	a.Answered(a.Ping(104))
	check("the second ping", 0, 104, 1, 2, 3)
	a.Forget(103)
	check("the cursor has passed two", 0, 104, 3)
	if a.Open() || a.Unsaved() {
		t.Errorf("open %t, unsaved %t, want neither", a.Open(), a.Unsaved())
	}
}

// TestKnown: what is remembered of a device survives being stored, the latest of it if there
// is much, and what the cursor has passed is forgotten.
func TestKnown(t *testing.T) {
	k := Known{}
	for id := range chat.MessageID(maxKnown + 10) {
		k.Note(id, Seen{State: 1, Number: int64(id)})
	}
	k.Note(5000, Seen{State: 9, Number: 9000})
	k.Note(5000, Seen{State: 4, Number: 4000})
	text, err := k.encode()
	if err != nil {
		t.Fatal(err)
	}
	got := decodeKnown(text)
	if len(got) != maxKnown || got[5000].State != 9 {
		t.Errorf("%d are remembered, want %d; the latest as %v", len(got), maxKnown, got[5000])
	}
	if _, ok := got[0]; ok {
		t.Error("the oldest was kept instead of a later one")
	}
	got.Forget(9000)
	if len(got) != 1 {
		t.Errorf("behind the cursor there are %d", len(got))
	}
	if broken := decodeKnown("{"); len(broken) != 0 {
		t.Errorf("what cannot be read is %v", broken)
	}
}

package faults

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"parlor/client"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// check holds a server, and the database under it, to the workload. Nobody may write
// meanwhile.
func (w *workload) check(t *testing.T, s *server, o store.Options) {
	t.Helper()
	storetest.Audit(t, o)
	localIDs := storetest.LocalIDs(t, o)
	rooms := w.readRooms(t, s.backend)
	unread := readUnread(t, s.backend)

	kept, lost := 0, 0
	shown, people := map[string]int64{}, map[string]int{}
	doubtful := int64(0) // messages in the echo room
	for _, e := range w.writes {
		if e.anonymous() {
			if e.fate == acked {
				shown[e.room] += e.shown
			}
			doubtful += e.shown * e.doubts
			continue
		}
		there, whole := e.look(rooms[e.room], localIDs)
		switch {
		case !whole:
			t.Errorf("half of it is there: %s", e)
		case e.fate == acked && !there:
			t.Errorf("acknowledged and lost: %s", e)
		case e.fate == refused && there:
			t.Errorf("the answer was that nothing was stored, but it is there: %s", e)
		case e.fate == unknown && there:
			kept++
		case e.fate == unknown:
			lost++
		}
		if there {
			shown[e.room] += e.shown
			people[e.room] += len(e.people)
		}
	}
	for xc, want := range shown {
		if xc == "" {
			continue // watch's personal rooms
		}
		got := unread[xc]
		switch {
		case xc == w.echo && got >= want && got <= want+doubtful && (got-want)%3 == 0: // whole messages
		case got != want:
			t.Errorf("%s: %d unread, want %d", xc, got, want)
		}
		if got := len(rooms[xc]); got != people[xc] {
			t.Errorf("%s: %d participants, want %d", xc, got, people[xc])
		}
	}
	t.Logf("%d writes: %d acknowledged, %d refused; of those without an answer %d are there and %d are not",
		len(w.writes), w.acks.Load(), w.refusals.Load(), kept, lost)
}

// String shows the call, cut short.
func (e *write) String() string { return fmt.Sprintf("%.200s", e.path+" "+fmt.Sprint(e.body)) }

// anonymous reports whether the write can only be counted.
func (e *write) anonymous() bool { return e.people == nil && e.localIDs == nil }

// look says whether the write is there, and whether that is all of it or nothing.
// participants are those of its room.
func (e *write) look(participants []string, localIDs map[string]bool) (there, whole bool) {
	n := 0
	switch {
	case e.people != nil:
		// All came at once, so they are side by side, in their order.
		at := slices.Index(participants, e.people[0])
		for i, xc := range e.people {
			if slices.Contains(participants, xc) {
				n++
			}
			if at >= 0 && (at+i >= len(participants) || participants[at+i] != xc) {
				return true, false
			}
		}
		return n > 0, n == 0 || n == len(e.people)
	default:
		for _, id := range e.localIDs {
			if localIDs[id] {
				n++
			}
		}
		return n > 0, n == 0 || n == len(e.localIDs)
	}
}

// readRooms reads the participants of every room of the workload; rooms that do not exist
// are absent.
func (w *workload) readRooms(t *testing.T, b *client.Backend) map[string][]string {
	t.Helper()
	var names []string
	for _, e := range w.writes {
		if e.path == "room/create_or_update" {
			names = append(names, e.room)
		}
	}
	var mu sync.Mutex
	rooms := map[string][]string{}
	inParallel(names, func(xc string) {
		room, err := b.Room(t.Context(), xc, client.Page{})
		if client.CodeOf(err) == client.CodeNotFound {
			return
		}
		if err != nil {
			t.Error(err)
			return
		}
		list := []string{}
		for _, p := range room.Participants {
			list = append(list, p.XCID)
		}
		mu.Lock()
		defer mu.Unlock()
		rooms[xc] = list
	})
	return rooms
}

// readUnread reads how many messages of each room watch has not read. A room without a
// message would be absent.
func readUnread(t *testing.T, b *client.Backend) map[string]int64 {
	t.Helper()
	list, more, err := b.RoomsOfUser(t.Context(), watch, client.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if more {
		t.Fatal("more rooms than a list can hold")
	}
	unread := map[string]int64{}
	for _, r := range list {
		unread[r.LastMessage.Room.XCID] = int64(r.Unread)
	}
	return unread
}

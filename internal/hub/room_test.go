package hub

import (
	"context"
	"slices"
	"testing"

	"parlor/internal/chat"
)

const (
	testApp  = chat.AppID(1)
	testRoom = chat.RoomID(7)
)

// directory is rooms that exist in a test alone. onRead is called when a build has begun
// to read, and onAsk when it asks about those who are connected.
type directory struct {
	people []chat.UserID // of testRoom, in order
	small  bool
	asked  [][]chat.UserID // the parts in which those who are connected were asked about
	onRead func()
	onAsk  func()
}

func (d *directory) Audience(context.Context, chat.RoomID) (chat.Audience, error) {
	if d.onRead != nil {
		d.onRead()
	}
	if !d.small {
		return chat.Audience{Version: 1}, nil
	}
	return chat.Audience{Users: d.people, Whole: true, Version: 1}, nil
}

func (d *directory) InAudience(_ context.Context, _ chat.RoomID, users []chat.UserID) (in []chat.UserID, err error) {
	d.asked = append(d.asked, slices.Clone(users))
	if d.onAsk != nil {
		d.onAsk()
	}
	for _, id := range users {
		if _, is := slices.BinarySearch(d.people, id); is {
			in = append(in, id)
		}
	}
	return in, nil
}

func (d *directory) RoomsOf(_ context.Context, user chat.UserID) ([]chat.RoomID, error) {
	if _, is := slices.BinarySearch(d.people, user); is {
		return []chat.RoomID{testRoom}, nil
	}
	return nil, nil
}

// quiet is a connection on which nothing is read.
type quiet struct{}

func (quiet) WriteFrames([]*Frame) error { return nil }
func (quiet) Ping(uint64) error          { return nil }
func (quiet) Behind()                    {}
func (quiet) Close(StopCode, string)     {}

func connect(t testing.TB, h *Hub, users ...chat.UserID) {
	t.Helper()
	for _, id := range users {
		s := NewSession(quiet{}, chat.Caller{App: chat.App{ID: testApp}, User: id})
		if err := h.Join(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
}

func usersUpTo(n int) (ids []chat.UserID) {
	for id := range n {
		ids = append(ids, chat.UserID(id+1))
	}
	return ids
}

// TestAudiences: an audience holds those of the room's people who are connected, also those who come
// while it is built, and nobody else; only for a large room those who are connected are
// asked about, in parts.
func TestAudiences(t *testing.T) {
	for _, tt := range []struct {
		name  string
		small bool
	}{{"small room", true}, {"large room", false}} {
		t.Run(tt.name, func(t *testing.T) {
			const connected = 2*walkStep + 10
			everybody := usersUpTo(connected + 4)
			d := &directory{small: tt.small}
			for _, id := range everybody {
				if id%2 == 0 {
					d.people = append(d.people, id)
				}
			}
			h := New(Options{Directory: d})
			connect(t, h, everybody[:connected]...)
			d.onRead = func() {
				d.onRead = nil
				connect(t, h, everybody[connected:connected+2]...)
			}
			d.onAsk = func() {
				if len(d.asked) == 3 { // everybody else has been found
					connect(t, h, everybody[connected+2:]...)
				}
			}
			if tt.small {
				connect(t, h, everybody[connected+2:]...)
			}
			got, err := h.Members(t.Context(), testApp, testRoom, 0)
			slices.Sort(got)
			if err != nil || !slices.Equal(got, d.people) {
				t.Fatalf("%d members, want %d: %v", len(got), len(d.people), err)
			}
			seen := map[chat.UserID]bool{}
			for _, part := range d.asked {
				if len(part) > walkStep {
					t.Errorf("asked about %d at once", len(part))
				}
				for _, id := range part {
					seen[id] = true
				}
			}
			switch {
			case tt.small && len(d.asked) > 0:
				t.Errorf("asked about %d of those who are connected", len(seen))
			case !tt.small && len(seen) < connected:
				t.Errorf("asked about %d of %d", len(seen), connected)
			}
			// The audience stays, with those who came.
			d.asked, d.onRead = nil, func() { t.Error("built again") }
			if again, err := h.Members(t.Context(), testApp, testRoom, 1); err != nil || len(again) != len(got) {
				t.Errorf("%d members of %d are left: %v", len(again), len(got), err)
			}
		})
	}
}

// TestAudienceOfNobody: without anybody connected nothing is read.
func TestAudienceOfNobody(t *testing.T) {
	h := New(Options{Directory: &directory{onRead: func() { t.Error("read") }}})
	if got, err := h.Members(t.Context(), testApp, testRoom, 5); err != nil || len(got) > 0 {
		t.Fatalf("members %v, %v", got, err)
	}
}

// BenchmarkAudience builds the audience of a room of ten, among 100,000 who are connected.
func BenchmarkAudience(b *testing.B) {
	h := New(Options{Directory: &directory{people: usersUpTo(10), small: true}})
	connect(b, h, usersUpTo(100_000)...)
	for b.Loop() {
		h.ForgetAll()
		if _, err := h.Members(b.Context(), testApp, testRoom, 0); err != nil {
			b.Fatal(err)
		}
	}
}

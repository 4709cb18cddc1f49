package hub_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
)

const (
	app  = chat.AppID(1)
	room = chat.RoomID(7)

	ana = chat.UserID(1)
	bo  = chat.UserID(2)
	cy  = chat.UserID(3)
)

// people is a Directory of one room, which changes under its lock, as in a database. It is
// asked as slowly as a test likes.
type people struct {
	mu      sync.Mutex
	users   []chat.UserID
	version int64
	byRole  bool
	err     error
	reads   int           // of Audience
	late    time.Duration // before the read of Audience
	slow    time.Duration // between the read and its answer
}

func (p *people) set(users ...chat.UserID) (version int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users, p.version = users, p.version+1
	return p.version
}

func (p *people) Audience(context.Context, chat.RoomID) (chat.Audience, error) {
	time.Sleep(p.late) // synctest's time
	p.mu.Lock()
	p.reads++
	a := chat.Audience{Users: slices.Clone(p.users), Whole: true, Version: p.version, ByRole: p.byRole}
	err, slow := p.err, p.slow
	p.mu.Unlock()
	time.Sleep(slow) // synctest's time
	return a, err
}

func (p *people) InAudience(context.Context, chat.RoomID, []chat.UserID) ([]chat.UserID, error) {
	return nil, fmt.Errorf("the room is small")
}

func (p *people) RoomsOf(_ context.Context, user chat.UserID) ([]chat.RoomID, error) {
	p.mu.Lock()
	in, err, slow := slices.Contains(p.users, user), p.err, p.slow
	p.mu.Unlock()
	time.Sleep(slow)
	if err != nil || !in {
		return nil, err
	}
	return []chat.RoomID{room}, nil
}

// socket is a connection that keeps what it was sent.
type socket struct {
	mu     sync.Mutex
	got    []string
	pings  []uint64
	closed hub.StopCode
	behind int
	stuck  chan struct{} // if set, nothing is taken until it is closed
	broken error
}

func (c *socket) WriteFrames(frames []*hub.Frame) error {
	if c.stuck != nil {
		<-c.stuck
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range frames {
		c.got = append(c.got, string(f.Data))
	}
	return c.broken
}

func (c *socket) Ping(n uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pings = append(c.pings, n)
	return c.broken
}

func (c *socket) Behind() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.behind++
}

func (c *socket) Close(code hub.StopCode, _ string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = code
}

// ended is what the connection was closed with, 0 for one that is open.
func (c *socket) ended() hub.StopCode {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// is checks what a connection was sent in all, and how it was closed, 0 for open.
func (c *socket) is(t *testing.T, who string, closed hub.StopCode, want ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Equal(c.got, want) {
		t.Errorf("%s was sent %q, want %q", who, c.got, want)
	}
	if c.closed != closed {
		t.Errorf("%s was closed with %d, want %d", who, c.closed, closed)
	}
}

func caller(user chat.UserID) chat.Caller {
	return chat.Caller{App: chat.App{ID: app}, User: user, Login: chat.Login{ID: chat.LoginID(user), Device: "phone"}}
}

// join connects a user.
func join(t *testing.T, h *hub.Hub, user chat.UserID) (*hub.Session, *socket) {
	t.Helper()
	c := &socket{}
	s := hub.NewSession(c, caller(user))
	if err := h.Join(t.Context(), s); err != nil {
		t.Fatalf("join user %d: %v", user, err)
	}
	return s, c
}

// send sends a text to the room as of a version of its people.
func send(t *testing.T, h *hub.Hub, version int64, text string, also ...chat.UserID) {
	t.Helper()
	err := h.Broadcast(t.Context(), hub.Broadcast{
		Place: chat.Place{App: app, Room: room}, Version: version, Frame: hub.NewFrame([]byte(text)), Also: also,
	})
	if err != nil {
		t.Errorf("send %q: %v", text, err)
	}
}

package socket

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/hub"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// commandTimeout bounds what one frame of a client may take.
const commandTimeout = 20 * time.Second

// command does what a frame asks for. There are no answers and no errors on this
// protocol: the echo of a message is its only acknowledgement, and what is not
// understood is passed over and counted.
func (h *Handler) command(c *conn, frame []byte) {
	defer func() {
		if p := recover(); p != nil {
			h.o.Log.Error("panic", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if !c.pause(h.o.Shares.FrameAfter(c.owner(), len(frame))) {
		return
	}
	p, err := h.parse(c, frame)
	if err != nil {
		h.o.Metrics.FrameIgnored("too_many")
		return
	}
	if p.Err() != nil {
		h.o.Metrics.FrameIgnored("not_json")
		return
	}
	name := p.LooseText("eventName", 100)
	data := p.Inner("data")
	if (name == wire.EventSendMessage || name == wire.EventUpdateMessage) && !c.mayFlow(len(frame)) {
		return
	}
	ctx, cancel := context.WithTimeout(h.stopping, commandTimeout)
	defer cancel()
	switch name {
	case wire.EventSendMessage:
		h.send(ctx, c, data)
	case wire.EventUpdateMessage:
		h.edit(ctx, c, data)
	case wire.EventStartTyping, wire.EventStopTyping:
		h.typing(ctx, c, name == wire.EventStartTyping, data)
	default:
		h.o.Metrics.FrameIgnored("unknown_event")
	}
}

// settle counts a frame and logs what should not have happened.
func (h *Handler) settle(name string, err error) {
	switch code := chat.CodeOf(err); code {
	case "":
		h.o.Metrics.FrameTaken(name)
	case chat.CodeInternal:
		h.o.Log.Error("a frame could not be taken", "event", name, "error", err)
		h.o.Metrics.FrameIgnored(string(code))
	default:
		h.o.Metrics.FrameIgnored(string(code))
	}
}

func (h *Handler) send(ctx context.Context, c *conn, data *httpapi.Params) {
	draft := powertalk.DraftOf(data)
	m, repeat, err := c.me.Send(ctx, draft)
	h.settle(wire.EventSendMessage, err)
	switch {
	case err == nil && repeat:
		h.echo(ctx, c, wire.EventSendMessage, m)
	case errors.Is(err, service.ErrRoomLocked):
		// The room as it is closes the sender's composer.
		if newest, err := c.me.NewestMessage(ctx, draft.RoomID); err == nil && newest != nil {
			c.session.Send(hub.NewFrame(wire.MessageEvent(wire.EventUpdateMessage, newest), hub.ShownTo(c.me.User, newest)))
		}
	}
}

// echo sends a message that is stored already to this device alone.
func (h *Handler) echo(ctx context.Context, c *conn, name string, m chat.Message) {
	v, err := c.me.View(ctx, m)
	if err != nil {
		h.settle(name, err)
		return
	}
	// To this device, and whatever it was sent before.
	c.session.SendFed([]*hub.Frame{hub.NewFrame(wire.MessageEvent(name, &v), hub.ShownTo(c.me.User, &v))})
}

func (h *Handler) edit(ctx context.Context, c *conn, data *httpapi.Params) {
	err := c.me.Edit(ctx, powertalk.DraftOf(data))
	h.settle(wire.EventUpdateMessage, err)
}

func (h *Handler) typing(ctx context.Context, c *conn, on bool, data *httpapi.Params) {
	room := data.LooseText("roomID", 100)
	if room == "" || !c.typing.allow() {
		h.o.Metrics.FrameIgnored("typing")
		return
	}
	name := wire.EventStopTyping
	if on {
		name = wire.EventStartTyping
	}
	err := c.me.Typing(ctx, room, on)
	h.settle(name, err)
	if err == nil {
		c.typing.note(room, on)
	}
}

// typingLimit bounds what a device says about its user's typing, and knows in which rooms they
// have not stopped yet. Its zero value is ready.
type typingLimit struct {
	mu    sync.Mutex
	limit *rate.Limiter
	rooms []string
}

const (
	typingPerSecond = 5
	typingBurst     = 20
	maxTypingRooms  = 5
)

func (t *typingLimit) allow() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.limit == nil {
		t.limit = rate.NewLimiter(typingPerSecond, typingBurst)
	}
	return t.limit.Allow()
}

func (t *typingLimit) note(room string, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, r := range t.rooms {
		if r == room {
			t.rooms = append(t.rooms[:i], t.rooms[i+1:]...)
			break
		}
	}
	if on && len(t.rooms) < maxTypingRooms {
		t.rooms = append(t.rooms, room)
	}
}

// stopAll notifies the rooms in which the user was typing that they have stopped: they are gone.
func (t *typingLimit) stopAll(c *conn) {
	t.mu.Lock()
	rooms := t.rooms
	t.rooms = nil
	t.mu.Unlock()
	for _, room := range rooms {
		ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
		_ = c.me.Typing(ctx, room, false) // a courtesy: it may fail
		cancel()
	}
}

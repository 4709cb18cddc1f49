package live

import (
	"context"
	"slices"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/store"
	"parlor/internal/wire"
)

// renderer loads what frames show besides the message itself. On an engine without a
// cache it keeps rooms, which a message's RoomUpdatedAt proves to be current, and users
// for a moment.
type renderer struct {
	store *store.Store

	mu    sync.Mutex
	rooms map[chat.RoomID]chat.Room
	users map[chat.UserID]keptUser
}

type keptUser struct {
	user   *chat.User
	readAt time.Time
}

const (
	// userAge is how long a user's row is believed without asking again.
	userAge = time.Second
	// maxKept bounds what a renderer keeps of each kind.
	maxKept = 10_000
)

func newRenderer(st *store.Store) *renderer {
	return &renderer{store: st, rooms: map[chat.RoomID]chat.Room{}, users: map[chat.UserID]keptUser{}}
}

// room finds a room as a message has seen it, or newer. updatedAt 0 asks anew.
func (r *renderer) room(ctx context.Context, app chat.AppID, id chat.RoomID, updatedAt int64) (*chat.Room, error) {
	r.mu.Lock()
	room, ok := r.rooms[id]
	r.mu.Unlock()
	if ok && updatedAt > 0 && room.UpdatedAt == updatedAt && room.App == app {
		return &room, nil
	}
	room, err := r.store.RoomByID(ctx, app, id)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rooms) >= maxKept {
		clear(r.rooms)
	}
	r.rooms[id] = room
	return &room, nil
}

func (r *renderer) user(ctx context.Context, app chat.AppID, id chat.UserID) (*chat.User, error) {
	r.mu.Lock()
	kept, ok := r.users[id]
	r.mu.Unlock()
	if ok && time.Since(kept.readAt) < userAge && kept.user.App == app {
		return kept.user, nil
	}
	u, err := r.store.User(ctx, app, id)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.users) >= maxKept {
		clear(r.users)
	}
	r.users[id] = keptUser{u, time.Now()}
	return u, nil
}

// forgetUser has a user read anew.
func (r *renderer) forgetUser(id chat.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.users, id)
}

// view is a message without receipts, as everybody but the partner in a personal room
// sees it.
func (r *renderer) view(ctx context.Context, m *chat.Message) (chat.MessageView, error) {
	room, err := r.room(ctx, m.App, m.Room, m.RoomUpdatedAt)
	if err != nil {
		return chat.MessageView{}, err
	}
	sender, err := r.user(ctx, m.App, m.Sender)
	return chat.MessageView{Message: m, Room: room, Sender: sender, ChangedAt: m.UpdatedAt}, err
}

// partner is whose name and picture a personal room shows to viewer, nil for others.
func (r *renderer) partner(ctx context.Context, room *chat.Room, viewer chat.UserID) (*chat.User, error) {
	if room.Type != chat.Personal {
		return nil, nil
	}
	return r.user(ctx, room.App, room.Pair.Other(viewer))
}

// sent tells of a new message: one frame for all, or one for each of two. A recovered one
// goes to the sessions that were there when it was sent.
func (l *Live) sent(ctx context.Context, m *chat.Message, recovered bool) error {
	if !l.hub.Anybody(m.App) {
		return nil
	}
	members, err := l.hub.Members(ctx, m.App, m.Room, m.PeopleVersion)
	if err != nil {
		return err
	}
	var leaver []chat.UserID // who is no member any more but gets this as the last
	switch m.Action {
	case chat.ActionLeaveRoom:
		leaver = []chat.UserID{m.Sender}
	case chat.ActionRemoveParticipant:
		leaver = []chat.UserID{m.Target.User}
	}
	if len(members) == 0 && len(leaver) == 0 {
		return nil
	}
	v, err := l.render.view(ctx, m)
	if err != nil {
		return err
	}
	var until time.Time
	var late []outgoing
	if recovered {
		until = time.UnixMilli(m.CreatedAt)
		if late, err = l.sentLate(ctx, v, members); err != nil {
			return err
		}
	}
	if v.Room.Type != chat.Personal {
		f := messageFrame(wire.EventSendMessage, v, 0)
		f.Until = until
		if err := l.hub.ToRoom(ctx, m.App, m.Room, m.PeopleVersion, f, 0, leaver...); err != nil {
			return err
		}
		l.hand(m.App, late)
		return nil
	}
	var out []outgoing // first all, then none can fail: what was sent would be sent again
	for _, viewer := range members {
		mine := v
		if mine.Partner, err = l.render.partner(ctx, v.Room, viewer); err != nil {
			return err
		}
		if v.Room.Pair.A == v.Room.Pair.B {
			mine.Read, mine.Delivered = true, true
		}
		f := messageFrame(wire.EventSendMessage, mine, viewer)
		f.Until = until
		out = append(out, outgoing{[]chat.UserID{viewer}, f})
	}
	l.hand(m.App, out)
	l.hand(m.App, late)
	return nil
}

// messageFrame is a message as viewer sees it; 0 is everybody, where that is the same.
func messageFrame(event string, v chat.MessageView, viewer chat.UserID) *hub.Frame {
	f := hub.NewFrame(wire.MessageEvent(event, &v))
	f.Message, f.State = v.ID, v.State(viewer)
	f.Original = v.UpdatedAt == v.CreatedAt && !v.Read && !v.Gone
	return f
}

// outgoing is a frame for some users.
type outgoing struct {
	users []chat.UserID
	frame *hub.Frame
}

func (l *Live) hand(app chat.AppID, list []outgoing) {
	for _, o := range list {
		l.hub.ToUsers(app, o.users, o.frame)
	}
}

// sentLate renders a recovered message for those whose sessions began about when it was
// sent: they may know it, and may have read it, so it comes with their receipts.
func (l *Live) sentLate(ctx context.Context, v chat.MessageView, members []chat.UserID) ([]outgoing, error) {
	after := time.UnixMilli(v.CreatedAt)
	until := after.Add(clockMargin)
	list, err := l.asSeen(ctx, wire.EventSendMessage, v, l.hub.Began(v.App, members, after, until))
	for _, o := range list {
		o.frame.After, o.frame.Until = after, until
	}
	return list, err
}

// asSeen renders a message with the receipts as each of users sees them, for those who
// still see it.
func (l *Live) asSeen(ctx context.Context, event string, v chat.MessageView, users []chat.UserID) (list []outgoing, err error) {
	if len(users) == 0 {
		return nil, nil
	}
	read, delivered, gone, err := l.o.Store.ReceiptsAmong(ctx, *v.Message, users)
	if err != nil {
		return nil, err
	}
	groups := map[[2]bool][]chat.UserID{}
	for _, id := range users {
		if gone[id] {
			continue
		}
		if id != v.Message.Sender && v.Room.Type != chat.Personal {
			kind := [2]bool{read[id], delivered[id]}
			groups[kind] = append(groups[kind], id)
			continue
		}
		mine, _, err := l.viewOf(ctx, v, id)
		if err != nil {
			return nil, err
		}
		list = append(list, outgoing{[]chat.UserID{id}, messageFrame(event, mine, id)})
	}
	for kind, users := range groups {
		v.Read, v.Delivered = kind[0], kind[1]
		list = append(list, outgoing{users, messageFrame(event, v, users[0])})
	}
	return list, nil
}

// changed tells everybody in the room of an edited or deleted message.
func (l *Live) changed(ctx context.Context, e chat.Event) error {
	members, err := l.hub.Members(ctx, e.App, e.Room, 0)
	if err != nil || len(members) == 0 {
		return err
	}
	// As it is now: of two changes, made on two nodes, the older one may be heard last.
	current, err := l.o.Store.MessagesAt(ctx, e.Room, []int64{e.Message.CreatedAt})
	if err != nil || len(current) == 0 {
		return err
	}
	v, err := l.render.view(ctx, &current[0])
	if err != nil {
		return err
	}
	list, err := l.asSeen(ctx, wire.EventUpdateMessage, v, members)
	if err != nil {
		return err
	}
	l.hand(e.App, list)
	return nil
}

// toViewer tells one user how a message looks to him now, unless it is gone for him; one
// that has just gone has v.Gone.
func (l *Live) toViewer(ctx context.Context, v chat.MessageView, viewer chat.UserID) error {
	if !l.hub.Here(v.App, viewer) {
		return nil
	}
	mine, gone, err := l.viewOf(ctx, v, viewer)
	if err != nil || gone && !v.Gone {
		return err
	}
	l.hub.ToUsers(v.App, []chat.UserID{viewer}, messageFrame(wire.EventUpdateMessage, mine, viewer))
	return nil
}

// viewOf is a message as one user sees it now. gone says that he has deleted it for
// himself, or cleared the room since.
func (l *Live) viewOf(ctx context.Context, v chat.MessageView, viewer chat.UserID) (mine chat.MessageView, gone bool, err error) {
	receipts, err := l.o.Store.Receipts(ctx, v.Message.Room, viewer)
	if err != nil {
		return v, false, err
	}
	gone = receipts.ClearedAt >= v.CreatedAt
	if !gone && receipts.Hides {
		hidden, err := l.o.Store.Hidden(ctx, v.Message.Room, viewer, v.CreatedAt, v.CreatedAt)
		if err != nil {
			return v, false, err
		}
		gone = len(hidden) > 0
	}
	mine = v
	receipts.View(&mine, viewer)
	mine.ChangedAt = max(mine.ChangedAt, v.ChangedAt)
	mine.Partner, err = l.render.partner(ctx, v.Room, viewer)
	return mine, gone, err
}

// marked tells senders that their messages have arrived or were read, where nobody had
// done so before, and the reader's own devices what he has read. Who has left the room
// hears no more of it.
func (l *Live) marked(ctx context.Context, e chat.Event) error {
	times := e.Times
	if e.Receipt == chat.Delivered || !l.hub.Here(e.App, e.User) {
		times = e.First
	}
	if len(times) == 0 {
		return nil
	}
	messages, err := l.o.Store.MessagesAt(ctx, e.Room, times)
	if err != nil {
		return err
	}
	for i := range messages {
		m := &messages[i]
		var viewers []chat.UserID
		if e.Receipt == chat.Read {
			viewers = append(viewers, e.User)
		}
		if _, first := slices.BinarySearch(e.First, m.CreatedAt); first {
			viewers = append(viewers, m.Sender)
		}
		for _, id := range viewers {
			if !l.hub.Here(e.App, id) {
				continue
			}
			in, err := l.hub.IsMember(ctx, e.App, e.Room, id)
			if err != nil {
				return err
			}
			if !in {
				continue
			}
			v, err := l.render.view(ctx, m)
			if err == nil {
				err = l.toViewer(ctx, v, id)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// hidden tells a user's devices of messages that he has deleted for himself.
func (l *Live) hidden(ctx context.Context, e chat.Event) error {
	if !l.hub.Here(e.App, e.User) {
		return nil
	}
	messages, err := l.o.Store.MessagesAt(ctx, e.Room, e.Times)
	if err != nil {
		return err
	}
	for i := range messages {
		v, err := l.render.view(ctx, &messages[i])
		if err != nil {
			return err
		}
		v.Gone, v.ChangedAt = true, max(v.ChangedAt, l.o.Now().UnixMilli())
		if err := l.toViewer(ctx, v, e.User); err != nil {
			return err
		}
	}
	return nil
}

// preference tells a user's devices what he has set for a room.
func (l *Live) preference(ctx context.Context, e chat.Event) error {
	if !l.hub.Here(e.App, e.User) {
		return nil
	}
	room, err := l.render.room(ctx, e.App, e.Room, 0)
	if err != nil {
		return err
	}
	partner, err := l.render.partner(ctx, room, e.User)
	if err != nil {
		return err
	}
	l.hub.ToUsers(e.App, []chat.UserID{e.User}, hub.NewFrame(wire.PreferenceEvent(e.Text, room, partner, e.At)))
	return nil
}

// typing tells the others in a room that somebody writes, or has stopped to.
func (l *Live) typing(ctx context.Context, e chat.Event) error {
	members, err := l.hub.Members(ctx, e.App, e.Room, 0)
	if err != nil || len(members) == 0 || len(members) == 1 && members[0] == e.User {
		return err
	}
	room, err := l.render.room(ctx, e.App, e.Room, 0)
	if err != nil {
		return err
	}
	user, err := l.render.user(ctx, e.App, e.User)
	if err != nil {
		return err
	}
	name := wire.EventStopTyping
	if e.On {
		name = wire.EventStartTyping
	}
	f := hub.NewFrame(wire.TypingEvent(name, room.PublicID(), user))
	return l.hub.ToRoom(ctx, e.App, e.Room, 0, f, e.User)
}

package service_test

import (
	"fmt"
	"slices"

	"parlor/internal/chat"
)

// talkModel is what people of one App should see of each other's messages and receipts.
// Every fact is a flag of its own, and every answer is counted anew from them: there are
// no spans, counters, caches or times of change whose mistakes it could share.
type talkModel struct {
	app    chat.App
	users  map[string]*talkUser // by the customer's id
	rooms  map[string]*talkRoom // by public id
	locals map[string]*talkMessage
}

type talkUser struct {
	id     chat.UserID
	xc     string
	name   string
	role   string
	device talkDevice
}

type talkRoom struct {
	ref       chat.Room // id, type and pair
	name      string
	xc        string
	joined    map[chat.UserID]bool // by name
	admins    map[chat.UserID]bool
	roles     []string
	leftAt    map[chat.UserID]int64
	clearedAt map[chat.UserID]int64
	locked    bool
	deleted   bool
	log       []*talkMessage
	marks     int // calls that have marked something
}

type talkMessage struct {
	room    *talkRoom
	id      chat.MessageID // learned from the store
	localID string         // likewise, when Parlor chose it
	sender  chat.UserID
	kind    chat.MessageType
	at      int64
	updated int64
	body    string
	hidden  bool
	deleted bool
	edited  bool
	by      map[chat.UserID]talkMarks
}

// talkMarks is what one user has done to one message.
type talkMarks struct{ read, delivered, gone, cleared bool }

func newTalkModel(app chat.App) *talkModel {
	return &talkModel{app: app, users: map[string]*talkUser{}, rooms: map[string]*talkRoom{}, locals: map[string]*talkMessage{}}
}

func newTalkRoom(ref chat.Room) *talkRoom {
	return &talkRoom{
		ref: ref, joined: map[chat.UserID]bool{}, admins: map[chat.UserID]bool{},
		leftAt: map[chat.UserID]int64{}, clearedAt: map[chat.UserID]int64{},
	}
}

func (m *talkModel) userByID(id chat.UserID) *talkUser {
	for _, u := range m.users {
		if u.id == id {
			return u
		}
	}
	return nil
}

func (m *talkModel) roomByXC(xc string) *talkRoom {
	for _, r := range m.rooms {
		if r.xc == xc && xc != "" {
			return r
		}
	}
	return nil
}

// byRole reports whether a role keeps the user in the room.
func (r *talkRoom) byRole(u *talkUser) bool { return u.role != "" && slices.Contains(r.roles, u.role) }

func (r *talkRoom) in(u *talkUser) bool { return r.joined[u.id] || r.byRole(u) }

// mayRead: who was put out may still see what came before, those who left by losing a
// role may not.
func (r *talkRoom) mayRead(u *talkUser) bool { return r.in(u) || r.leftAt[u.id] > 0 }

func (r *talkRoom) personal() bool { return r.ref.Type == chat.Personal }

// self: somebody's saved messages.
func (r *talkRoom) self() bool { return r.personal() && r.ref.Pair.A == r.ref.Pair.B }

// say appends a message, later than every other of the room whatever the clock says.
func (r *talkRoom) say(now int64, msg talkMessage) *talkMessage {
	if n := len(r.log); n > 0 {
		now = max(now, r.log[n-1].at+1)
	}
	msg.room, msg.at, msg.updated, msg.by = r, now, now, map[chat.UserID]talkMarks{}
	r.log = append(r.log, &msg)
	return &msg
}

func (r *talkRoom) notice(now int64, sender chat.UserID, body string) *talkMessage {
	return r.say(now, talkMessage{sender: sender, kind: chat.SystemMessage, body: body})
}

// find is how a device's call finds a room: code is why it does not.
func (m *talkModel) find(u *talkUser, public string) (r *talkRoom, code chat.Code) {
	ref, ok := chat.ParseRoomID(public)
	r = m.rooms[public]
	switch {
	case !ok || r == nil || ref.Type == chat.Personal && !ref.Pair.Has(u.id):
		return nil, chat.CodeNotFound
	case !r.mayRead(u):
		return nil, chat.CodeForbidden
	}
	return r, ""
}

// visible: the message is in what the user can page through.
func (msg *talkMessage) visible(u *talkUser) bool {
	r := msg.room
	return r.mayRead(u) && msg.at > r.clearedAt[u.id] && (r.in(u) || msg.at <= r.leftAt[u.id])
}

// unread is the rule of realtime.md, 4.6.
func (msg *talkMessage) unread(u *talkUser) bool {
	by := msg.by[u.id]
	return msg.sender != u.id && !msg.hidden && !msg.deleted && !by.read && !by.gone && !by.cleared
}

// shown is what the viewer sees of receipts: of his own message those of others.
func (msg *talkMessage) shown(u *talkUser) (read, delivered bool) {
	if msg.sender != u.id {
		by := msg.by[u.id]
		read = by.read || by.cleared
		return read, read || by.delivered
	}
	read = msg.room.self()
	for id, by := range msg.by {
		if id != u.id {
			read, delivered = read || by.read, delivered || by.delivered
		}
	}
	return read, read || delivered
}

func (msg *talkMessage) mark(u *talkUser, change func(*talkMarks)) {
	by := msg.by[u.id]
	change(&by)
	msg.by[u.id] = by
}

// change notes a change that devices learn of by a later time.
func (msg *talkMessage) change(now int64) { msg.updated = max(now, msg.updated+1) }

// markMessages is Mark's rule; it returns the ids of what is new.
func (m *talkModel) markMessages(u *talkUser, kind chat.ReceiptKind, ids []int64) (updated []chat.MessageID) {
	for _, r := range m.rooms {
		if !r.in(u) || r.deleted {
			continue
		}
		before := len(updated)
		for _, msg := range r.log {
			by := msg.by[u.id]
			done := by.read || by.cleared || kind == chat.Delivered && by.delivered
			if !slices.Contains(ids, int64(msg.id)) || msg.sender == u.id || msg.hidden || done {
				continue
			}
			msg.mark(u, func(by *talkMarks) {
				if kind == chat.Read {
					by.read = true
				} else {
					by.delivered = true
				}
			})
			updated = append(updated, msg.id)
		}
		if len(updated) > before {
			r.marks++
		}
	}
	return updated
}

// hide is deleting for oneself: what one deletes counts as read.
func (m *talkModel) hide(u *talkUser, messages []*talkMessage) {
	for _, msg := range messages {
		msg.room.marks++
		msg.mark(u, func(by *talkMarks) {
			by.gone = true
			by.read = by.read || msg.sender != u.id && !msg.hidden && !by.cleared
		})
	}
}

// clear hides a room's past from one user. It counts as read to him, and nobody else
// learns of it.
func (r *talkRoom) clear(u *talkUser) {
	if len(r.log) == 0 {
		return
	}
	for _, msg := range r.log {
		if msg.sender != u.id && !msg.hidden {
			msg.mark(u, func(by *talkMarks) { by.cleared = true })
		}
	}
	r.clearedAt[u.id] = r.log[len(r.log)-1].at
}

// postCode is why a message of a device's is refused, "" for one that is stored. first is
// the message that has its localID already.
func (m *talkModel) postCode(u *talkUser, public, localID string) (first *talkMessage, code chat.Code) {
	ref, _ := chat.ParseRoomID(public)
	r := m.rooms[public]
	switch {
	case ref.Type == chat.Personal && (!ref.Pair.Has(u.id) || r == nil && m.userByID(ref.Pair.Other(u.id)) == nil):
		return nil, chat.CodeNotFound
	case ref.Type != chat.Personal && (r == nil || r.deleted):
		return nil, chat.CodeNotFound
	}
	switch first := m.locals[localID]; {
	case first != nil && first.sender == u.id && first.kind != chat.SystemMessage:
		return first, ""
	case first != nil:
		return nil, chat.CodeConflict
	case r != nil && !r.in(u), r != nil && r.locked:
		return nil, chat.CodeForbidden
	}
	return nil, ""
}

// personalRoom finds the room of a pair, or makes it.
func (m *talkModel) personalRoom(pair chat.Pair) *talkRoom {
	if r := m.rooms[pair.String()]; r != nil {
		return r
	}
	r := newTalkRoom(chat.Room{App: m.app.ID, Type: chat.Personal, Pair: pair})
	r.joined[pair.A], r.joined[pair.B] = true, true
	m.rooms[pair.String()] = r
	return r
}

// adminCode is why a user may not change a group.
func (m *talkModel) adminCode(u *talkUser, public string) (r *talkRoom, code chat.Code) {
	r, code = m.find(u, public)
	switch {
	case code != "":
		return nil, code
	case r.personal():
		return nil, chat.CodeForbidden
	case r.deleted:
		return nil, chat.CodeNotFound
	case !r.in(u) || !r.admins[u.id]:
		return nil, chat.CodeForbidden
	}
	return r, ""
}

// join puts users in by name and tells of those who were not in before.
func (r *talkRoom) join(now int64, by chat.UserID, users []*talkUser) {
	var seen []*talkUser
	for _, u := range users {
		if r.joined[u.id] {
			continue
		}
		r.joined[u.id], r.leftAt[u.id] = true, 0
		if !r.byRole(u) {
			seen = append(seen, u)
		}
	}
	for range seen {
		r.notice(now, by, chat.BodyAddedTarget)
	}
}

// part takes users out and tells of those who are out then. They may read on up to the
// last of these messages.
func (r *talkRoom) part(now int64, by chat.UserID, users []*talkUser) {
	var gone []*talkUser
	last := int64(0)
	for _, u := range users {
		if !r.joined[u.id] {
			continue
		}
		delete(r.joined, u.id)
		delete(r.admins, u.id)
		gone = append(gone, u)
		if !r.byRole(u) {
			last = r.notice(now, by, chat.BodyRemovedTarget).at
		}
	}
	for _, u := range gone {
		r.leftAt[u.id] = last
	}
}

// The questions, answered in lines of text as both sides see it.

// talkLine is a message as somebody sees it. Flags of hidden messages mean nothing:
// nobody marks them, and they may lie between two that are marked.
func talkLine(id chat.MessageID, at, updated int64, read, delivered, gone, deleted, edited, hidden bool, body string) string {
	marks := fmt.Sprintf("read=%t delivered=%t", read, delivered)
	if hidden {
		marks = "hidden"
	}
	return fmt.Sprintf("%d at=%d updated=%d %s gone=%t deleted=%t edited=%t %q", id, at, updated, marks, gone, deleted, edited, body)
}

func (msg *talkMessage) line(u *talkUser) string {
	read, delivered := msg.shown(u)
	return talkLine(msg.id, msg.at, msg.updated, read, delivered, msg.by[u.id].gone, msg.deleted, msg.edited, msg.hidden, msg.body)
}

// past is what the user can page through, the newest first.
func (r *talkRoom) past(u *talkUser) (list []*talkMessage) {
	for _, msg := range slices.Backward(r.log) {
		if msg.visible(u) {
			list = append(list, msg)
		}
	}
	return list
}

// newest is the room's last visible message to a user and whether there is one.
func (r *talkRoom) newest(u *talkUser) *talkMessage {
	for _, msg := range r.past(u) {
		if !msg.hidden && !msg.by[u.id].gone {
			return msg
		}
	}
	return nil
}

// lastShown is the time of the room's newest message that is not hidden, to whomever.
func (r *talkRoom) lastShown() (at int64) {
	for _, msg := range r.log {
		if !msg.hidden {
			at = msg.at
		}
	}
	return at
}

// list is the rooms of a user that have something to show, the latest used first.
func (m *talkModel) list(u *talkUser) (rooms []*talkRoom) {
	for _, r := range m.rooms {
		if r.in(u) && !r.deleted && r.newest(u) != nil {
			rooms = append(rooms, r)
		}
	}
	slices.SortFunc(rooms, func(a, b *talkRoom) int {
		if a.lastShown() != b.lastShown() {
			return int(b.lastShown() - a.lastShown())
		}
		return int(b.ref.ID - a.ref.ID)
	})
	return rooms
}

func (r *talkRoom) unread(u *talkUser) (list []*talkMessage) {
	for _, msg := range r.log {
		if msg.unread(u) {
			list = append(list, msg)
		}
	}
	return list
}

// roomsAndUnread is the newest visible message of each room and all unread ones.
func (m *talkModel) roomsAndUnread(u *talkUser) (list []*talkMessage) {
	for _, r := range m.list(u) {
		newest := r.newest(u)
		list = append(list, newest)
		for _, msg := range r.unread(u) {
			if msg != newest {
				list = append(list, msg)
			}
		}
	}
	return list
}

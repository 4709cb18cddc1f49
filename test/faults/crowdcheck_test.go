package faults

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxFindings bounds what one rule says; the first ones tell enough.
const maxFindings = 8

// findings are breaches of one rule.
type findings struct {
	lines []string
	more  int
}

func (f *findings) add(format string, args ...any) {
	if len(f.lines) >= maxFindings {
		f.more++
		return
	}
	f.lines = append(f.lines, fmt.Sprintf(format, args...))
}

// violations returns what is wrong with an ending, given what was done. Nobody may do
// anything any more.
func (h *history) violations(e ending) (wrong []string) {
	for _, rule := range []struct {
		name  string
		check func(ending, *findings)
	}{
		{"strange", h.checkStrange},
		{"open", h.checkOpen},
		{"readers agree", h.checkReaders},
		{"stored", h.checkStored},
		{"order", h.checkOrder},
		{"view", h.checkViews},
		{"unread", h.checkUnread},
		{"socket", h.checkSockets},
		{"device", h.checkDevices},
	} {
		var f findings
		rule.check(e, &f)
		for _, line := range f.lines {
			wrong = append(wrong, rule.name+": "+line)
		}
		if f.more > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: and %d more", rule.name, f.more))
		}
	}
	return wrong
}

func (h *history) checkStrange(_ ending, f *findings) {
	for _, line := range h.strange {
		f.add("%s", line)
	}
}

// checkOpen: whatever had an unknown outcome was done again until it had one, or nobody
// could say what is right.
func (h *history) checkOpen(_ ending, f *findings) {
	for _, s := range h.sends {
		if s.acked == 0 {
			f.add("message %s of %s was never acknowledged", s.localID, s.device)
		}
	}
	for id, list := range h.edits {
		if list[len(list)-1].fate != acked {
			f.add("an edit of message %s was never acknowledged", id)
		}
	}
	for id, fate := range h.erased {
		if fate != acked {
			f.add("the deletion of message %s was never acknowledged", id)
		}
	}
	for m, fate := range h.flags {
		if fate != acked {
			f.add("%s of %s by %s was never acknowledged", m.kind, m.localID, m.user)
		}
	}
}

// list returns a room's list as its first reader sees it.
func (e ending) list(room string) []message { return e.lists[roomView{e.rooms[room][0], room}] }

// positions says where in a room each message is.
func (e ending) positions(room string) map[string]int {
	at := map[string]int{}
	for i, m := range e.list(room) {
		at[m.LocalID] = i
	}
	return at
}

// eachRoom calls do for every room, in order.
func (e ending) eachRoom(do func(room string)) {
	for _, room := range slices.Sorted(maps.Keys(e.rooms)) {
		do(room)
	}
}

// checkReaders: everybody in a room sees the same messages in the same order.
func (h *history) checkReaders(e ending, f *findings) {
	e.eachRoom(func(room string) {
		want := localIDs(e.list(room))
		for _, user := range e.rooms[room] {
			got := localIDs(e.lists[roomView{user, room}])
			if slices.Equal(got, want) {
				continue
			}
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			f.add("%s reads %d messages of %s, %s reads %d; they differ from number %d on",
				user, len(got), room, e.rooms[room][0], len(want), at)
		}
	})
}

func localIDs(list []message) (ids []string) {
	for _, m := range list {
		ids = append(ids, m.LocalID)
	}
	return ids
}

// checkStored: each acknowledged message is in its room, once, and nothing that nobody
// has sent.
func (h *history) checkStored(e ending, f *findings) {
	count := map[string]int{}
	e.eachRoom(func(room string) {
		for _, m := range e.list(room) {
			count[m.LocalID]++
			s := h.byLocal[m.LocalID]
			switch {
			case m.Type == systemMessage:
			case s == nil:
				f.add("message %s in %s was sent by nobody", m.LocalID, room)
			case s.room != room || s.user != m.User.UserID || s.room != m.Room.RoomID:
				f.add("message %s of %s to %s is in %s as one of %s", m.LocalID, s.user, s.room, room, m.User.UserID)
			}
		}
	})
	for _, s := range h.sends {
		switch n := count[s.localID]; {
		case n == 0 && s.acked > 0:
			f.add("lost: message %s of %s to %s was acknowledged", s.localID, s.device, s.room)
		case n > 1:
			f.add("doubled: message %s of %s is there %d times", s.localID, s.device, n)
		}
	}
}

// checkOrder: what was acknowledged before another message was sent at all comes before
// it, from whichever devices; so each device's messages are in the order of sending. Ids
// and times rise.
func (h *history) checkOrder(e ending, f *findings) {
	e.eachRoom(func(room string) {
		var last message
		var latest *sending // that was begun, so far
		for _, m := range e.list(room) {
			if m.MessageID <= last.MessageID || m.Created <= last.Created {
				f.add("in %s message %d of %d follows message %d of %d", room, m.MessageID, m.Created, last.MessageID, last.Created)
			}
			last = m
			s := h.byLocal[m.LocalID]
			if s == nil {
				continue
			}
			if latest != nil && s.acked > 0 && s.acked < latest.begun {
				f.add("in %s message %s of %s stands behind %s of %s, which was sent after the other was acknowledged",
					room, s.localID, s.device, latest.localID, latest.device)
			}
			if latest == nil || s.begun > latest.begun {
				latest = s
			}
		}
	})
}

// shown returns a message as user must see it at the end.
func (h *history) shown(user string, m message) message {
	s := h.byLocal[m.LocalID]
	_, erased := h.erased[m.LocalID]
	gone := h.has(hiddenFlag, user, m.LocalID)
	if s != nil {
		m.Body, m.IsHidden = h.body(s), s.hidden
	}
	m.IsRead, m.IsDelivered = h.readBy(user, m.LocalID), h.deliveredTo(user, m.LocalID)
	if s != nil && s.user == user {
		m.IsRead, m.IsDelivered = false, false
		for other := range h.flags { // of anybody else
			if other.localID == m.LocalID && other.user != user {
				m.IsRead = m.IsRead || other.kind != deliveredFlag
				m.IsDelivered = true
			}
		}
	}
	if m.IsHidden { // nobody is shown it, so it has no receipts
		m.IsRead, m.IsDelivered = false, false
	}
	if erased {
		m.Body = ""
	}
	m.IsHidden, m.IsDeleted = m.IsHidden || gone, erased || gone
	return m
}

// differences says in what a message is not as it must be.
func differences(got, want message) string {
	var list []string
	if got.Body != want.Body {
		list = append(list, fmt.Sprintf("body %q, want %q", got.Body, want.Body))
	}
	for _, flag := range []struct {
		name      string
		got, want bool
	}{
		{"isHidden", got.IsHidden, want.IsHidden},
		{"isDeleted", got.IsDeleted, want.IsDeleted},
		{"isRead", got.IsRead, want.IsRead},
		{"isDelivered", got.IsDelivered, want.IsDelivered},
	} {
		if flag.got != flag.want {
			list = append(list, fmt.Sprintf("%s %t, want %t", flag.name, flag.got, flag.want))
		}
	}
	return strings.Join(list, "; ")
}

// checkViews: every reader sees the last acknowledged edit, deletions, and receipts: those
// of one's own messages where somebody else has made one.
func (h *history) checkViews(e ending, f *findings) {
	e.eachRoom(func(room string) {
		for _, user := range e.rooms[room] {
			for _, m := range e.lists[roomView{user, room}] {
				if m.Type == systemMessage {
					m.Body = "" // the server's own
				}
				if d := differences(m, h.shown(user, m)); d != "" {
					f.add("%s in %s as %s reads it: %s", m.LocalID, room, user, d)
				}
			}
		}
	})
}

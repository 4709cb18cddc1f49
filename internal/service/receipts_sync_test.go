package service_test

import (
	"fmt"

	"parlor/internal/chat"
)

// talkDevice is what one device has been handed out.
type talkDevice struct {
	seen   bool
	base   map[*talkMessage]string // all that its user could see at its last call
	all    map[*talkMessage]bool   // all there was then
	handed map[*talkMessage]string // what it was given, as it was given
}

// state is what of a message a device has to learn when it changes.
func (msg *talkMessage) state(u *talkUser) string {
	read, delivered := msg.shown(u)
	if msg.sender != u.id {
		delivered = false // that it has arrived is what devices say themselves
	}
	if msg.hidden {
		read, delivered = false, false
	}
	return fmt.Sprint(msg.updated, read, delivered, msg.by[u.id].gone)
}

// full is all that shows.
func (msg *talkMessage) full(u *talkUser) string {
	_, delivered := msg.shown(u)
	return fmt.Sprint(msg.state(u), delivered)
}

// fineMarks is how many calls can mark messages of one room with none losing its own
// time: chat.Spans merges older ones, after which their messages pass for changed.
const fineMarks = 15

// settleSync compares what a device was given with what it had to be given, and notes that
// it has it. It returns what is wrong with that.
func (m *talkModel) settleSync(u *talkUser, got []chat.MessageID) (faults []string) {
	d := &u.device
	byID := map[chat.MessageID]*talkMessage{}
	for _, r := range m.rooms {
		for _, msg := range r.log {
			byID[msg.id] = msg
		}
	}
	given := map[*talkMessage]bool{}
	for _, id := range got {
		msg := byID[id]
		switch {
		case msg == nil || !msg.visible(u):
			faults = append(faults, fmt.Sprintf("%d is not for him", id))
			continue
		case given[msg]:
			faults = append(faults, fmt.Sprintf("%d is there twice", id))
		case !msg.hidden && msg.room.marks <= fineMarks && d.handed[msg] == msg.full(u):
			faults = append(faults, fmt.Sprintf("%d in %s has not changed since it was handed out: %s", id, msg.room.public(), msg.line(u)))
		}
		given[msg] = true
		d.handed[msg] = msg.full(u)
	}
	for _, msg := range byID {
		if !given[msg] && d.wants(u, msg) {
			faults = append(faults, fmt.Sprintf("%d in %s is missing, was %q: %s", msg.id, msg.room.public(), d.base[msg], msg.line(u)))
		}
	}
	m.noteSync(u)
	return faults
}

// wants: the message is new to the device or has changed since its last call.
func (d *talkDevice) wants(u *talkUser, msg *talkMessage) bool {
	switch {
	case !msg.visible(u):
		return false
	case !d.all[msg]:
		return true
	case !msg.room.in(u) || d.base[msg] == "":
		return false // what changes in rooms that one has left, or did before one joined, may pass
	}
	return d.base[msg] != msg.state(u)
}

// noteSync: the device is up to date.
func (m *talkModel) noteSync(u *talkUser) {
	d := &u.device
	d.seen, d.base, d.all = true, map[*talkMessage]string{}, map[*talkMessage]bool{}
	for _, r := range m.rooms {
		for _, msg := range r.log {
			d.all[msg] = true
			if msg.visible(u) {
				d.base[msg] = msg.state(u)
			}
		}
	}
}

func (r *talkRoom) public() string { return r.ref.PublicID() }

package faults

import (
	"maps"
	"slices"
)

// checkSockets: what is sent to a room while a socket is open comes over it, once, in the
// room's order; or the answer of a call held it meanwhile. What was sent before, and what the
// device was not told of in time, is fed to it when it is found.
func (h *history) checkSockets(e ending, f *findings) {
	e.eachRoom(func(room string) {
		stored := storedRoom{room, e.list(room), e.positions(room)}
		for _, d := range e.devices {
			if !slices.Contains(e.rooms[room], d.user) {
				continue
			}
			for _, s := range d.sockets {
				h.checkSocket(d, s, stored, f)
			}
		}
	})
	for _, d := range e.devices {
		for _, s := range d.sockets {
			for _, room := range slices.Sorted(maps.Keys(s.came)) {
				if !slices.Contains(e.rooms[room], d.user) {
					f.add("%s got messages of %s, in which %s is not", s.name, room, d.user)
				}
			}
		}
	}
}

// storedRoom is a room as its first reader sees it at the end.
type storedRoom struct {
	id   string
	list []message
	at   map[string]int // where in the list a message is, by localID
}

func (h *history) checkSocket(d deviceEnd, s socketLog, r storedRoom, f *findings) {
	count := map[string]int{}
	last, first := -1, len(r.list)
	for _, id := range s.came[r.id] {
		pos, there := r.at[id]
		if !there {
			f.add("%s got message %s of %s, which is not there", s.name, id, r.id)
			continue
		}
		allowed := h.allowed(d, s, id)
		if count[id]++; count[id] == allowed+1 {
			f.add("doubled: %s got message %s of %s %d times at least, want %d", s.name, id, r.id, count[id], allowed)
		}
		if allowed > 1 || h.repeated(d, id) {
			continue // the answer to a repeated sending comes when it comes
		}
		if sent := h.byLocal[id]; sent == nil || sent.begun <= s.opened {
			continue // it was fed
		}
		if s.again[id] {
			// A session that is behind may be fed newer ones first. This one it sends all the same:
			// the call may have been made by another one of the device, as by another tab.
			continue
		}
		if pos < last {
			f.add("order: %s got message %d of %s after message %d", s.name, pos, r.id, last)
		}
		first, last = min(first, pos), max(last, pos)
	}
	// From the first message on that was sent when the socket was there for sure; to the end,
	// or the last that came.
	for i, m := range r.list {
		if sent := h.byLocal[m.LocalID]; sent != nil && sent.begun > s.opened {
			first = min(first, i)
			break
		}
	}
	if !s.closed {
		last = len(r.list) - 1
	}
	for i := first; i <= last; i++ {
		// What a user has deleted for themselves need not come to their other devices.
		if id := r.list[i].LocalID; count[id] == 0 && !d.fetched[id] && !h.has(hiddenFlag, d.user, id) {
			f.add("missing: %s did not get message %s, number %d of %s, but should have got %d to %d",
				s.name, r.list[i].LocalID, i, r.id, first, last)
		}
	}
}

// repeated reports whether a device has sent a message more than once.
func (h *history) repeated(d deviceEnd, localID string) bool {
	s := h.byLocal[localID]
	if s == nil || s.device != d.name {
		return false
	}
	n := 0
	for _, tries := range s.tries {
		n += tries
	}
	return n > 1
}

// allowed is how often a message may come over a socket: a sender who repeats it there gets
// an answer each time.
func (h *history) allowed(d deviceEnd, s socketLog, localID string) int {
	if !h.repeated(d, localID) {
		return 1
	}
	sent := h.byLocal[localID]
	here, all := sent.tries[s.name], 0
	for _, tries := range sent.tries {
		all += tries
	}
	if here == all {
		return here
	}
	return here + 1 // a sending by another way was the one that stored it
}

// checkDevices: by socket and by catching up, each device has all of its user's rooms, as
// they are.
func (h *history) checkDevices(e ending, f *findings) {
	e.eachRoom(func(room string) {
		for _, d := range e.devices {
			if slices.Contains(e.rooms[room], d.user) {
				h.checkDevice(d, room, e.lists[roomView{d.user, room}], f)
			}
		}
	})
}

func (h *history) checkDevice(d deviceEnd, room string, list []message, f *findings) {
	for i, m := range list {
		if m.Type == systemMessage {
			continue // from before it was there
		}
		got, ok := d.known[m.LocalID]
		if !ok {
			f.add("lost: %s never got message %s, number %d of %s", d.name, m.LocalID, i, room)
			continue
		}
		if got.IsDeleted && m.IsDeleted {
			continue // nobody sees the rest of it
		}
		want := m
		if m.User.UserID != d.user {
			want.IsDelivered = got.IsDelivered // a user is not told of their own devices' deliveries
		}
		if diff := differences(got, want); diff != "" {
			f.add("outdated: %s shows message %s of %s with %s", d.name, m.LocalID, room, diff)
		}
	}
}

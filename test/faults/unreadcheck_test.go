package faults

import "slices"

// checkUnread counts by brute force what each user has not read, and compares both ways
// in which a server tells.
func (h *history) checkUnread(e ending, f *findings) {
	wanted, users := map[string][]string{}, map[string]bool{}
	e.eachRoom(func(room string) {
		for _, user := range e.rooms[room] {
			users[user] = true
			unread, listed := h.unread(user, e.list(room))
			if got := e.counts[roomView{user, room}]; got != len(unread) {
				f.add("%s has %d unread messages in %s by the list of rooms, want %d", user, got, room, len(unread))
			}
			wanted[user] = append(wanted[user], listed...)
		}
	})
	for user := range users {
		got, want := localIDs(e.unread[user]), wanted[user]
		slices.Sort(got)
		slices.Sort(want)
		for _, id := range want {
			if !slices.Contains(got, id) {
				f.add("%s is unread to %s, or the newest of its room, and not listed as that", id, user)
			}
		}
		for i, id := range got {
			if !slices.Contains(want, id) {
				f.add("%s is listed to %s, and neither unread nor the newest of its room", id, user)
			}
			if i > 0 && got[i-1] == id {
				f.add("%s is listed to %s twice", id, user)
			}
		}
	}
}

// unread returns what user has not read of a room, and what a list of rooms shows of it:
// that and the newest visible message.
func (h *history) unread(user string, list []message) (unread, listed []string) {
	newest := true
	for _, m := range slices.Backward(list) {
		s := h.byLocal[m.LocalID]
		hidden := s != nil && s.hidden
		if hidden || h.has(hiddenFlag, user, m.LocalID) {
			continue
		}
		_, erased := h.erased[m.LocalID]
		own := s != nil && s.user == user
		isUnread := !own && !erased && !h.readBy(user, m.LocalID)
		if isUnread {
			unread = append(unread, m.LocalID)
		}
		if isUnread || newest {
			listed = append(listed, m.LocalID)
		}
		newest = false
	}
	return unread, listed
}

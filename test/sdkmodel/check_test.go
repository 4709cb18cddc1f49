package sdkmodel

import (
	"cmp"
	"fmt"
	"slices"
)

// pagedRoom is one room as a user reads it by paging through it.
type pagedRoom struct {
	room     string
	messages []message // the newest first
	// left is what somebody who is not in the room any more read when they left; nil for
	// somebody who is in.
	left map[string]message
}

// holding is what a device holds.
type holding struct {
	user   string
	held   map[string]message // by localID
	old    map[string]message // see device.old
	within map[string]bool    // the rooms to look at; nil means all
}

// check says in what the device differs from what its user reads.
func (h holding) check(paged []pagedRoom) []finding {
	var f findings
	readable, read := map[string]bool{}, map[string]bool{}
	for _, c := range paged {
		readable[c.room] = true
		for i, m := range c.messages {
			if read[m.LocalID] {
				f.add(m, "doubled: %s is read twice in %s", m.LocalID, c.room)
			}
			if i > 0 && m.Created >= c.messages[i-1].Created {
				f.add(m, "order: %s is read behind %s in %s", m.LocalID, c.messages[i-1].LocalID, c.room)
			}
			read[m.LocalID] = true
		}
		if h.within != nil && !h.within[c.room] {
			continue
		}
		if c.left == nil {
			for _, m := range c.messages {
				h.compare(&f, m)
			}
			continue
		}
		for _, m := range c.left {
			h.compareLeft(&f, m)
		}
	}
	for _, m := range h.sorted() {
		if readable[m.Room.RoomID] && !read[m.LocalID] {
			f.add(m, "unknown: it holds %s, which its user cannot read", h.describe(m))
		}
	}
	return f.list()
}

// compare looks for a message as its user reads it.
func (h holding) compare(f *findings, m message) {
	have, ok := h.held[m.LocalID]
	old, known := h.old[m.LocalID]
	same := known && differs(h.user, old, m) == ""
	switch {
	case !ok && same, ok && same && have.Updated < m.Updated:
		// It is as it was when nobody had to tell of it.
	case !ok:
		f.add(m, "lost: it lacks %s", h.describe(m))
	case differs(h.user, have, m) != "":
		f.add(m, "outdated: %s as of %d has%s", h.describe(m), have.Updated, differs(h.user, have, m))
	case have.Updated > m.Updated:
		f.add(m, "ahead: %s was updated at %d as the device holds it", h.describe(m), have.Updated)
	}
}

// compareLeft looks for a message as it was when its user left: it may be newer, and under
// a clock that stands still it shows that by its flags alone.
func (h holding) compareLeft(f *findings, m message) {
	have, ok := h.held[m.LocalID]
	old, known := h.old[m.LocalID]
	same := known && (old.Updated >= m.Updated || differs(h.user, old, m) == "")
	switch {
	case !ok && same, ok && same && have.Updated < m.Updated:
	case !ok:
		f.add(m, "lost: it lacks %s of a room that its user has left", h.describe(m))
	case have.Updated <= m.Updated && differs(h.user, have, m) != "" && differs(h.user, merged(have, m), have) != "":
		f.add(m, "outdated: %s as of %d, of a room that its user has left, has%s", h.describe(m), have.Updated,
			differs(h.user, have, m))
	}
}

// describe names a message, and by how much the newest that the device holds of its room
// is ahead of it.
func (h holding) describe(m message) string {
	newest := int64(0)
	for _, have := range h.held {
		if have.Room.RoomID == m.Room.RoomID {
			newest = max(newest, have.Updated)
		}
	}
	return fmt.Sprintf("%s %s of %s in %s (created %d, updated %+d, newest here %+d)", m.MessageID, m.LocalID,
		m.User.UserID, m.Room.RoomID, m.Created, m.Updated-m.Created, newest-m.Created)
}

func (h holding) sorted() []message {
	list := make([]message, 0, len(h.held))
	for _, m := range h.held {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b message) int { return cmp.Compare(a.Created, b.Created) })
	return list
}

// maxFindings is how many findings are spelt out.
const maxFindings = 8

// finding is something that is wrong about a message.
type finding struct{ localID, text string }

// findings are what is wrong, the first of it spelt out.
type findings struct {
	all  []finding
	more int
}

func (f *findings) add(about message, format string, args ...any) {
	if len(f.all) >= maxFindings {
		f.more++
		return
	}
	f.all = append(f.all, finding{about.LocalID, fmt.Sprintf(format, args...)})
}

func (f *findings) list() []finding {
	if f.more == 0 {
		return f.all
	}
	return append(slices.Clone(f.all), finding{text: fmt.Sprintf("and %d more", f.more)})
}

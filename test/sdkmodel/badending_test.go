package sdkmodel

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// ending is a device of ann's, and what she reads, to be spoilt. In room g1 she is with
// bob; room g2 she has left.
type ending struct {
	holding
	paged []pagedRoom
}

func newMessage(room, localID, user string, created int64) message {
	m := message{
		MessageID: "id of " + localID, LocalID: localID, Body: "text of " + localID, Type: 1001, Created: created,
		Updated: created,
	}
	m.Room.RoomID, m.User.UserID = room, user
	return m
}

func newEnding() *ending {
	b1, a1, a2, b2 := newMessage("g1", "b1", "bob", 10), newMessage("g1", "a1", "ann", 20),
		newMessage("g1", "a2", "ann", 30), newMessage("g1", "b2", "bob", 40)
	a1.IsRead, a1.IsDelivered, a1.Updated = true, true, 50
	a2.IsMessageEdited, a2.Body, a2.Updated = true, "another text", 60
	b2.IsHidden, b2.IsDeleted, b2.Updated = true, true, 70
	c1, c2 := newMessage("g2", "c1", "bob", 15), newMessage("g2", "c2", "ann", 25)
	e := &ending{holding: holding{user: "ann", held: map[string]message{}, old: map[string]message{"b1": b1}}}
	for _, m := range []message{a1, a2, b2, c1, c2} { // b1 was there before the device
		e.held[m.LocalID] = m
	}
	later := c2
	later.IsRead, later.Updated = true, 90 // after ann was gone
	e.paged = []pagedRoom{
		{room: "g1", messages: []message{b2, a2, a1, b1}},
		{room: "g2", messages: []message{later, c1}, left: map[string]message{"c1": c1, "c2": c2}},
	}
	return e
}

// change changes a message that the device holds.
func (e *ending) change(localID string, how func(*message)) {
	m := e.held[localID]
	how(&m)
	e.held[localID] = m
}

// TestCheckerIsContent: what a device may hold is no finding.
func TestCheckerIsContent(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*ending){
		"all is well":                       func(*ending) {},
		"it holds what was there before it": func(e *ending) { e.held["b1"] = e.old["b1"] },
		"it holds what was there before it as it was still earlier": func(e *ending) {
			m := e.old["b1"]
			m.Body, m.Updated = "an earlier text", 9
			e.held["b1"] = m
		},
		"it does not know of other people's devices": func(e *ending) {
			e.change("b2", func(m *message) { m.IsDelivered = true })
		},
		"it was told of a change in a room that was left": func(e *ending) { e.held["c2"] = e.paged[1].messages[0] },
		"nothing shows of what one has deleted for oneself": func(e *ending) {
			e.change("b2", func(m *message) { m.Body = "an earlier text" })
		},
		"another room is not looked at": func(e *ending) {
			delete(e.held, "a1")
			e.within = map[string]bool{"g2": true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnding()
			change(e)
			if wrong := e.check(e.paged); len(wrong) > 0 {
				t.Errorf("findings: %v", wrong)
			}
		})
	}
}

// TestCheckerFinds: a checker that cannot fail proves nothing. Each of these is one thing
// that a server must not do to a device, and what the checker says to it.
func TestCheckerFinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		spoil func(*ending)
		want  string // in the only finding
	}{
		{"a message never came", func(e *ending) { delete(e.held, "a1") }, "lost: it lacks id of a1"},
		{"what changed of a message from before never came", func(e *ending) {
			e.paged[0].messages[3].IsRead = true
			e.paged[0].messages[3].Updated = 80
		}, "lost: it lacks id of b1"},
		{"an edit never came", func(e *ending) {
			e.change("a2", func(m *message) { m.Body, m.Updated = "text of a2", 30 })
		}, "outdated: id of a2 a2 of ann in g1 (created 30, updated +30, newest here +40) as of 30 has another text"},
		{"nor that it was one", func(e *ending) {
			e.change("a2", func(m *message) { m.IsMessageEdited = false })
		}, "isMessageEdited false, want true"},
		{"a deletion never came", func(e *ending) {
			e.paged[0].messages[2].IsDeleted = true
		}, "isDeleted false, want true"},
		{"a deletion for oneself never came", func(e *ending) {
			e.change("b2", func(m *message) { m.IsHidden, m.IsDeleted = false, false })
		}, "isDeleted false, want true; isHidden false, want true"},
		{"a deletion for oneself was told and not stored", func(e *ending) {
			e.change("a1", func(m *message) { m.IsHidden, m.IsDeleted = true, true })
		}, "isDeleted true, want false; isHidden true, want false"},
		{"that others have read it never came", func(e *ending) {
			e.change("a1", func(m *message) { m.IsRead = false })
		}, "isRead false, want true"},
		{"that it was delivered never came", func(e *ending) {
			e.change("a1", func(m *message) { m.IsDelivered = false })
		}, "isDelivered false, want true"},
		{"that it was read elsewhere never came", func(e *ending) {
			e.paged[0].messages[0].IsRead, e.paged[0].messages[0].IsDeleted = true, false
			e.change("b2", func(m *message) { m.IsDeleted = false })
		}, "isRead false, want true"},
		{"it is ahead of what is stored", func(e *ending) {
			e.change("a1", func(m *message) { m.Updated = 51 })
		}, "ahead: id of a1"},
		{"it holds what cannot be read", func(e *ending) {
			e.held["x"] = newMessage("g1", "x", "bob", 35)
		}, "unknown: it holds id of x"},
		{"it was told of what came after its user left", func(e *ending) {
			e.held["x"] = newMessage("g2", "x", "bob", 35)
		}, "unknown: it holds id of x"},
		{"the last of a room that was left never came", func(e *ending) { delete(e.held, "c2") }, "lost: it lacks id of c2"},
		{"an edit before the user left never came", func(e *ending) {
			e.change("c1", func(m *message) { m.Body, m.Updated = "an earlier text", 14 })
		}, "outdated: id of c1"},
		{"a page brings a message twice", func(e *ending) {
			e.paged[1].messages = append(e.paged[1].messages, e.paged[0].messages[3])
		}, "doubled: b1"},
		{"pages are in no order", func(e *ending) { slices.Reverse(e.paged[1].messages) }, "order: c2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnding()
			e.held = maps.Clone(e.held)
			tt.spoil(e)
			wrong := e.check(e.paged)
			if len(wrong) != 1 || !strings.Contains(wrong[0].text, tt.want) {
				t.Errorf("want only %q, got %v", tt.want, wrong)
			}
		})
	}
}

// TestFindingsEnd: a server that tells nothing fills no screens.
func TestFindingsEnd(t *testing.T) {
	t.Parallel()
	e := newEnding()
	clear(e.held)
	var many []message
	for i := range int64(100) {
		many = append(many, newMessage("g3", strings.Repeat("x", int(i)+1), "bob", 1000-i))
	}
	e.paged = []pagedRoom{{room: "g3", messages: many}}
	wrong := e.check(e.paged)
	if len(wrong) != maxFindings+1 || wrong[maxFindings].text != "and 92 more" {
		t.Errorf("%d findings: %v", len(wrong), wrong)
	}
}

// TestOrderOfFrames: frames of a room come in its order, those of what was missed apart
// from what happens meanwhile.
func TestOrderOfFrames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		times  []int64
		orders int
	}{
		{"none", nil, 0},
		{"rising", []int64{1, 2, 3}, 1},
		{"one is late", []int64{1, 3, 2, 4}, 2},
		{"the rest of a page, and live ones", []int64{1, 9, 2, 10, 3, 4, 11}, 2},
		{"falling", []int64{3, 2, 1}, 3},
		{"the same again", []int64{1, 1}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := falling(tt.times); got != tt.orders {
				t.Errorf("%v fall into %d orders, want %d", tt.times, got, tt.orders)
			}
			a := newArrivals()
			for _, at := range tt.times {
				a.take(sendMessage, newMessage("g1", "m", "bob", at), true)
			}
			a.faults = nil // of updated, which belong to one message here
			if got := len(a.check()) > 0; got != (tt.orders > 2) {
				t.Errorf("%v are a fault: %v", tt.times, got)
			}
		})
	}
}

// TestUpdatedFalls: what is told later of a message is not older.
func TestUpdatedFalls(t *testing.T) {
	t.Parallel()
	a := newArrivals()
	m := newMessage("g1", "m", "bob", 10)
	for _, at := range []int64{10, 20, 20} {
		m.Updated = at
		a.take(updateMessage, m, false)
	}
	if wrong := a.check(); len(wrong) > 0 {
		t.Errorf("findings: %v", wrong)
	}
	m.Updated = 19
	a.take(updateMessage, m, false)
	if wrong := a.check(); len(wrong) != 1 || !strings.Contains(wrong[0].text, "fell: updated of m") {
		t.Errorf("findings: %v", wrong)
	}
}

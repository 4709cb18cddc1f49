package faults

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fixture is a made-up history of three users in one room, and an ending to which it leads.
// Ann has a device with two sockets, bob and cat have one each.
type fixture struct {
	*history
	ending
}

func newFixture() *fixture {
	s := &fixture{newHistory(), ending{
		rooms: map[string][]string{"g1": {"ann", "bob", "cat"}}, lists: map[roomView][]message{},
		unread: map[string][]message{}, counts: map[roomView]int{},
	}}
	list := []message{{LocalID: "made", MessageID: 1, Created: 1, Type: systemMessage}}
	sent := func(localID, user, socket string, hidden bool) {
		out := &sending{localID: localID, room: "g1", user: user, device: user + "0", body: "says " + localID, hidden: hidden}
		s.try(out, socket)
		s.ack(out)
		m := message{LocalID: localID, MessageID: int64(len(list) + 1), Created: int64(len(list) + 1), Type: 1001}
		m.Room.RoomID, m.User.UserID = "g1", user
		list = append(list, m)
	}
	opened := s.now()
	sent("a1", "ann", "ann0#0", false)
	sent("b1", "bob", "bob0#0", false)
	reopened := s.now()
	sent("a2", "ann", "ann0#1", false)
	s.try(s.byLocal["a2"], "ann0#1") // its echo was late
	sent("c1", "cat", "cat0#0", true)
	sent("b2", "bob", "bob0#0", false)
	sent("c2", "cat", "cat0#0", false)

	s.editing("b1", "means b1")
	s.edited("b1")
	s.erase("b2", acked)
	s.flag(readFlag, "bob", []string{"a1", "made"}, acked)
	s.flag(deliveredFlag, "cat", []string{"a2", "b1"}, acked)
	s.flag(hiddenFlag, "cat", []string{"b1"}, acked)

	all := []string{"a1", "b1", "a2", "c1", "b2", "c2"}
	for user, sockets := range map[string][]socketLog{
		"ann": {
			{name: "ann0#0", opened: opened, closed: true, came: map[string][]string{"g1": all[:2]}},
			{name: "ann0#1", opened: reopened, came: map[string][]string{"g1": {"a2", "c1", "a2", "b2", "c2"}}},
		},
		"bob": {{name: "bob0#0", opened: opened, came: map[string][]string{"g1": slices.Clone(all)}}},
		"cat": {{name: "cat0#0", opened: opened, came: map[string][]string{"g1": slices.Clone(all)}}},
	} {
		known := map[string]message{}
		for _, m := range list {
			m = s.shown(user, m)
			s.lists[roomView{user, "g1"}] = append(s.lists[roomView{user, "g1"}], m)
			known[m.LocalID] = m
		}
		s.devices = append(s.devices, deviceEnd{user: user, name: user + "0", known: known, sockets: sockets})
	}
	slices.SortFunc(s.devices, func(a, b deviceEnd) int { return strings.Compare(a.name, b.name) })
	// By hand, or the model would be held to itself.
	for user, listed := range map[string][]string{
		"ann": {"made", "b1", "c2"}, "bob": {"a2", "c2"}, "cat": {"made", "a1", "a2", "c2"},
	} {
		for _, id := range listed {
			s.ending.unread[user] = append(s.ending.unread[user], message{LocalID: id})
		}
	}
	s.counts[roomView{"ann", "g1"}], s.counts[roomView{"bob", "g1"}], s.counts[roomView{"cat", "g1"}] = 3, 2, 3
	return s
}

// view is a message as user reads it, to be spoilt.
func (s *fixture) view(user, localID string) *message {
	list := s.lists[roomView{user, "g1"}]
	return &list[slices.IndexFunc(list, func(m message) bool { return m.LocalID == localID })]
}

// everywhere changes the list of every reader.
func (s *fixture) everywhere(change func([]message) []message) {
	for at, list := range s.lists {
		s.lists[at] = change(slices.Clone(list))
	}
}

// socket is what came over one socket, to be spoilt.
func (s *fixture) socket(device, n int, change func([]string) []string) {
	came := s.devices[device].sockets[n].came
	came["g1"] = change(slices.Clone(came["g1"]))
}

func swap[T any](i, j int) func([]T) []T {
	return func(list []T) []T {
		list[i], list[j] = list[j], list[i]
		return list
	}
}

func drop[T any](i int) func([]T) []T {
	return func(list []T) []T { return slices.Delete(list, i, i+1) }
}

func double[T any](i int) func([]T) []T {
	return func(list []T) []T { return slices.Insert(list, i, list[i]) }
}

// TestCheckerIsContent: what a sound server does is no finding.
func TestCheckerIsContent(t *testing.T) {
	t.Parallel()
	s := newFixture()
	if wrong := s.violations(s.ending); len(wrong) > 0 {
		t.Errorf("findings in a good history:\n%s", strings.Join(wrong, "\n"))
	}
}

// TestCheckerFinds: a checker that cannot fail proves nothing. Each of these is one thing
// that a server must not do, and what the checker says to it.
func TestCheckerFinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		spoil func(*fixture)
		want  string // in one of the findings
	}{
		{"a message is lost", func(s *fixture) { s.everywhere(drop[message](3)) }, "stored: lost: message a2 of ann0"},
		{"a message is there twice", func(s *fixture) { s.everywhere(double[message](2)) }, "stored: doubled: message b1"},
		{"one reader lacks the newest", func(s *fixture) {
			s.lists[roomView{"cat", "g1"}] = drop[message](6)(slices.Clone(s.lists[roomView{"cat", "g1"}]))
		}, "readers agree: cat reads 6 messages of g1, ann reads 7; they differ from number 6"},
		{"one reader has another order", func(s *fixture) {
			s.lists[roomView{"bob", "g1"}] = swap[message](1, 2)(slices.Clone(s.lists[roomView{"bob", "g1"}]))
		}, "readers agree: bob"},
		{"the order is not that of sending", func(s *fixture) {
			s.everywhere(func(list []message) []message {
				list[1], list[3] = list[3], list[1]
				list[1].MessageID, list[1].Created, list[3].MessageID, list[3].Created = 2, 2, 4, 4
				return list
			})
		}, "order: in g1 message b1 of bob0 stands behind a2 of ann0"},
		{"times do not rise", func(s *fixture) {
			s.everywhere(func(list []message) []message { list[4].Created = list[3].Created; return list })
		}, "order: in g1 message 5"},
		{"nobody has sent it", func(s *fixture) {
			s.everywhere(func(list []message) []message { return append(list, message{LocalID: "x", MessageID: 9, Created: 9}) })
		}, "message x in g1 was sent by nobody"},
		{"it is in another's name", func(s *fixture) {
			s.everywhere(func(list []message) []message { list[1].User.UserID = "cat"; return list })
		}, "is in g1 as one of cat"},

		{"an edit is lost", func(s *fixture) {
			s.view("cat", "b1").Body = "says b1"
		}, `b1 in g1 as cat reads it: body "says b1"`},
		{"a deletion is lost", func(s *fixture) {
			s.view("ann", "b2").IsDeleted = false
		}, "b2 in g1 as ann reads it: isDeleted false"},
		{"a deletion for oneself is everybody's", func(s *fixture) {
			s.view("ann", "b1").IsDeleted = true
		}, "b1 in g1 as ann reads it: isDeleted true"},
		{"what is deleted for oneself is back", func(s *fixture) {
			s.view("cat", "b1").IsHidden = false
		}, "isHidden false, want true"},
		{"nobody has read it", func(s *fixture) {
			s.view("ann", "a2").IsRead = true
		}, "a2 in g1 as ann reads it: isRead true"},
		{"a reading is lost", func(s *fixture) {
			s.view("ann", "a1").IsRead = false
		}, "a1 in g1 as ann reads it: isRead false"},
		{"a delivery is lost", func(s *fixture) { s.view("ann", "a2").IsDelivered = false }, "isDelivered false, want true"},
		{"another's reading is one's own", func(s *fixture) {
			s.view("cat", "a1").IsRead = true
		}, "a1 in g1 as cat reads it: isRead true"},

		{"too much is unread", func(s *fixture) {
			s.counts[roomView{"bob", "g1"}]++
		}, "bob has 3 unread messages in g1 by the list of rooms, want 2"},
		{"too little is unread", func(s *fixture) { s.counts[roomView{"ann", "g1"}]-- }, "ann has 2 unread messages"},
		{"an unread message is not listed", func(s *fixture) {
			s.ending.unread["bob"] = s.ending.unread["bob"][1:]
		}, "unread: a2 is unread to bob"},
		{"a read message is listed", func(s *fixture) {
			s.ending.unread["bob"] = append(s.ending.unread["bob"], message{LocalID: "a1"})
		}, "unread: a1 is listed to bob"},
		{"it is listed twice", func(s *fixture) {
			s.ending.unread["bob"] = append(s.ending.unread["bob"], message{LocalID: "a2"})
		}, "unread: a2 is listed to bob twice"},

		{"a socket misses one in the middle", func(s *fixture) {
			s.socket(1, 0, drop[string](2))
		}, "missing: bob0#0 did not get message a2"},
		{"a socket misses the last", func(s *fixture) {
			s.socket(2, 0, drop[string](5))
		}, "missing: cat0#0 did not get message c2"},
		{"a socket misses the first", func(s *fixture) {
			s.socket(2, 0, drop[string](0))
		}, "missing: cat0#0 did not get message a1"},
		{"a closed socket misses one", func(s *fixture) {
			s.socket(0, 0, drop[string](0))
		}, "missing: ann0#0 did not get message a1"},
		{"a socket gets one twice", func(s *fixture) { s.socket(1, 0, double[string](0)) }, "doubled: bob0#0 got message a1"},
		{"an echo comes more often than it was asked for", func(s *fixture) {
			s.socket(0, 1, double[string](0))
		}, "doubled: ann0#1 got message a2 of g1 3 times"},
		{"a socket gets them in another order", func(s *fixture) {
			s.socket(1, 0, swap[string](1, 2))
		}, "order: bob0#0 got message 2 of g1 after message 3"},
		{"a socket gets what is not there", func(s *fixture) {
			s.socket(1, 0, func(ids []string) []string { return append(ids, "x") })
		}, "bob0#0 got message x of g1, which is not there"},
		{"a stranger gets a message", func(s *fixture) {
			s.rooms["g1"] = []string{"ann", "bob"}
		}, "cat0#0 got messages of g1, in which cat is not"},

		{"a device never gets a message", func(s *fixture) {
			delete(s.devices[0].known, "b1")
		}, "device: lost: ann0 never got message b1"},
		{"a device is not told of an edit", func(s *fixture) {
			m := s.devices[0].known["b1"]
			m.Body = "says b1"
			s.devices[0].known["b1"] = m
		}, "device: outdated: ann0 shows message b1"},
		{"a device is not told of a reading", func(s *fixture) {
			m := s.devices[0].known["a1"]
			m.IsRead = false
			s.devices[0].known["a1"] = m
		}, "device: outdated: ann0 shows message a1"},

		{"something is left open", func(s *fixture) { s.flag(readFlag, "bob", []string{"c2"}, unknown) }, "open: "},
		{"something strange", func(s *fixture) { s.note("a strange thing") }, "strange: a strange thing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newFixture()
			tt.spoil(s)
			wrong := s.violations(s.ending)
			if !slices.ContainsFunc(wrong, func(line string) bool { return strings.Contains(line, tt.want) }) {
				t.Errorf("want %q among the findings, which are\n%s", tt.want, strings.Join(wrong, "\n"))
			}
		})
	}
}

// TestFindingsEnd: a server that loses everything fills no screens.
func TestFindingsEnd(t *testing.T) {
	t.Parallel()
	s := newFixture()
	for i := range 100 {
		out := &sending{localID: fmt.Sprint("lost", i), room: "g1", user: "ann", device: "ann0"}
		s.try(out, "ann0#0")
		s.ack(out)
	}
	wrong := s.violations(s.ending)
	if len(wrong) != maxFindings+1 || wrong[maxFindings] != fmt.Sprintf("stored: and %d more", 100-maxFindings) {
		t.Errorf("%d findings:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
}

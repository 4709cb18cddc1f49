package e2e

import (
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

// membership is a room, and all users who may be in it.
type membership struct {
	app       *servertest.App
	xcRoom    string
	everybody []string
}

// check holds both ways to see who is in a room to the same people: the room's
// participants, and which of everybody's lists the room is in.
func (m membership) check(t *testing.T, when string, want ...string) {
	t.Helper()
	got := getRoom(t, m.app, m.xcRoom)
	ids := xcUserIDs(got.Participants)
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) || got.ParticipantsTotal != len(want) {
		t.Errorf("%s: room/get has %q of %d, want %q", when, ids, got.ParticipantsTotal, want)
	}
	for _, xc := range m.everybody {
		if _, in := inList(t, m.app, xc, m.xcRoom); in != slices.Contains(want, xc) {
			t.Errorf("%s: the room is in %s's list: %v", when, xc, in)
		}
	}
}

// TestRoleIsAStandingRule: whoever has the role is in, for as long as the room has the
// role and the user has it.
func TestRoleIsAStandingRule(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		people := membership{app: s, xcRoom: "r", everybody: []string{"a", "b", "c"}}
		putUser(t, s, "a", obj{"userRoleCode": "agent:1"})
		putUsers(t, s, "b", "c")
		check := func(when string, want ...string) {
			t.Helper()
			people.check(t, when, want...)
		}
		putRoom(t, s, "r", obj{"participantUserRoles": list{"agent:1"}})
		check("made with a role", "a")
		putUser(t, s, "b", obj{"userRoleCode": "agent:1"})
		check("somebody gets the role", "a", "b")
		putUser(t, s, "b", obj{"email": "b@example.org"})
		check("a change of something else", "a", "b")
		putUser(t, s, "b", obj{"userRoleCode": nil})
		check("null keeps the role", "a", "b")
		putUser(t, s, "a", obj{"userRoleCode": "boss"})
		check("somebody gets another role", "b")
		putUser(t, s, "b", obj{"userRoleCode": ""})
		check("somebody loses the role")
		putRoom(t, s, "r", obj{"participantUserRoles": list{"boss", "agent:1"}})
		check("the room takes in another role", "a")
		putUser(t, s, "c", obj{"userRoleCode": "agent:1"})
		check("two roles", "a", "c")
		putRoom(t, s, "r", obj{})
		check("an update that names no roles", "a", "c")
		putRoom(t, s, "r", obj{"participantUserRoles": list{"agent:1"}})
		check("a role goes", "c")
		putRoom(t, s, "r", obj{"participantUserRoles": list{}})
		check("all roles go")
		putUser(t, s, "new", obj{"userRoleCode": "agent:1"})
		check("the role means nothing to this room any more")
		// Codes are told apart byte by byte, and none means nobody.
		putRoom(t, s, "r", obj{"participantUserRoles": list{"AGENT:1", "agent", "agent:1 ", "%"}})
		check("similar codes")
	})
}

// TestExplicitAndRoleAreSeparate: being in by name and being in by role are two facts, and
// the end of one leaves the other.
func TestExplicitAndRoleAreSeparate(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		people := membership{app: s, xcRoom: "r", everybody: []string{"a"}}
		check := func(when string, in bool) {
			t.Helper()
			if in {
				people.check(t, when, "a")
			} else {
				people.check(t, when)
			}
		}
		putUser(t, s, "a", obj{"userRoleCode": "agent"})
		putRoom(t, s, "r", obj{"participantUserRoles": list{"agent"}, "participantXCUserIDs": list{"a"}})
		check("both", true)
		putUser(t, s, "a", obj{"userRoleCode": ""})
		check("by name only", true)
		putUser(t, s, "a", obj{"userRoleCode": "agent"})
		if got := removeFrom(t, s, "r", "a"); len(got.Participants) != 1 || len(got.SkippedXCUserIDs) != 0 {
			t.Errorf("removing whom a role holds answers %+v", got)
		}
		check("by role only", true)
		putUser(t, s, "a", obj{"userRoleCode": ""})
		check("neither", false)
		putUser(t, s, "a", obj{"userRoleCode": "agent"})
		addTo(t, s, "r", "a")
		putRoom(t, s, "r", obj{"participantUserRoles": list{}})
		check("by name again, the room's role gone", true)
		removeFrom(t, s, "r", "a")
		check("neither again", false)
	})
}

// TestWhatOneWroteStays: counts know one's own messages, however one came in.
func TestWhatOneWroteStays(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUser(t, s, "a", obj{"userRoleCode": "agent"})
		putUsers(t, s, "b")
		putRoom(t, s, "r", obj{"participantUserRoles": list{"agent"}, "participantXCUserIDs": list{"b"}})
		check := func(when string, want int) {
			t.Helper()
			if sum, ok := inList(t, s, "a", "r"); !ok || sum.UnreadCount != want {
				t.Errorf("%s: %d unread, in %v, want %d", when, sum.UnreadCount, ok, want)
			}
		}
		check("room/create", 1)
		send(t, s, "a", "r", "mine")
		send(t, s, "b", "r", "theirs")
		check("by role", 2)
		addTo(t, s, "r", "a")
		check("by name, too", 2)
		putUser(t, s, "a", obj{"userRoleCode": ""})
		check("by name only", 2)
		send(t, s, "a", "r", "mine")
		removeFrom(t, s, "r", "a")
		send(t, s, "a", "r", "from outside")
		addTo(t, s, "r", "a")
		// Unread are room/create, b's message, the removal and the return.
		check("out and in again", 4)
	})
}

// TestRoleNames: users carry their role's name and icon, as soon as it has them.
func TestRoleNames(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUser(t, s, "a", obj{"userRoleCode": "agent"})
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}})
		send(t, s, "a", "r", "hi")
		check := func(when string, want role) {
			t.Helper()
			if got := getRoom(t, s, "r").Participants[0].UserRole; got != want {
				t.Errorf("%s: participant's role %+v, want %+v", when, got, want)
			}
			if got := last(t, s, "a", "r").User.UserRole; got != want {
				t.Errorf("%s: sender's role %+v, want %+v", when, got, want)
			}
		}
		check("never described", role{"agent", "", ""})
		do(t, s, "role/create_or_update", obj{"code": "agent", "name": "Agent", "iconURL": "i"})
		check("described", role{"agent", "Agent", "i"})
		do(t, s, "role/create_or_update", obj{"code": "agent", "name": "Agents"})
		check("renamed", role{"agent", "Agents", "i"})
		do(t, s, "role/create_or_update", obj{"code": "boss", "name": "Boss"})
		putUser(t, s, "a", obj{"userRoleCode": "boss"})
		check("another role", role{"boss", "Boss", ""})
		putUser(t, s, "a", obj{"userRoleCode": ""})
		check("none", role{})
	})
}

package e2e

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

// addTo and removeFrom change who is in a room by name.
func addTo(t testing.TB, s *servertest.App, xcRoom string, xcUsers ...string) roomData {
	t.Helper()
	return ask[roomData](t, s, "room/participants/add", obj{"xcRoomID": xcRoom, "participantXCUserIDs": xcUsers})
}

func removeFrom(t testing.TB, s *servertest.App, xcRoom string, xcUsers ...string) roomData {
	t.Helper()
	return ask[roomData](t, s, "room/participants/remove", obj{"xcRoomID": xcRoom, "participantXCUserIDs": xcUsers})
}

func TestAddParticipants(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b", "c")
		made := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}})
		tests := []struct {
			name            string
			add             []string
			people, skipped []string
		}{
			{"one more", []string{"b"}, []string{"a", "b"}, []string{}},
			{"again", []string{"b"}, []string{"a", "b"}, []string{}},
			{"nobody that exists", []string{"x", "y", "x"}, []string{"a", "b"}, []string{"x", "y"}},
			{"all kinds", []string{"b", "x", "c", "c"}, []string{"a", "b", "c"}, []string{"x"}},
		}
		for _, tt := range tests {
			got := addTo(t, s, "r", tt.add...)
			if got.Room != made.Room || !slices.Equal(xcUserIDs(got.Participants), tt.people) ||
				!slices.Equal(got.SkippedXCUserIDs, tt.skipped) {
				t.Errorf("%s: %+v", tt.name, got)
			}
			if got.ParticipantsTotal != len(tt.people) || got.AdminUserIDs == nil || len(got.AdminUserIDs) != 0 {
				t.Errorf("%s: total %d, admins %q", tt.name, got.ParticipantsTotal, got.AdminUserIDs)
			}
			if again := getRoom(t, s, "r"); !reflect.DeepEqual(again.Participants, got.Participants) {
				t.Errorf("%s: room/get has %q", tt.name, xcUserIDs(again.Participants))
			}
		}
		for _, xc := range []string{"a", "b", "c"} {
			if _, ok := inList(t, s, xc, "r"); !ok {
				t.Errorf("%s does not see the room", xc)
			}
		}
	})
}

func TestRemoveParticipants(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b", "c", "stranger")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a", "b", "c"}})
		tests := []struct {
			name            string
			remove          []string
			people, skipped []string
		}{
			{"somebody who is not in", []string{"stranger"}, []string{"a", "b", "c"}, []string{}},
			{"nobody that exists", []string{"x", "x"}, []string{"a", "b", "c"}, []string{"x"}},
			{"one", []string{"b", "b"}, []string{"a", "c"}, []string{}},
			{"the same again", []string{"b"}, []string{"a", "c"}, []string{}},
			{"all", []string{"x", "c", "a"}, []string{}, []string{"x"}},
		}
		for _, tt := range tests {
			got := removeFrom(t, s, "r", tt.remove...)
			if !slices.Equal(xcUserIDs(got.Participants), tt.people) || !slices.Equal(got.SkippedXCUserIDs, tt.skipped) ||
				got.ParticipantsTotal != len(tt.people) {
				t.Errorf("%s: %+v", tt.name, got)
			}
			for _, xc := range []string{"a", "b", "c", "stranger"} {
				if _, in := inList(t, s, xc, "r"); in != slices.Contains(tt.people, xc) {
					t.Errorf("%s: %s sees the room: %v", tt.name, xc, in)
				}
			}
		}
	})
}

// TestParticipantsAreTold: each user who comes or goes has a message that names them. Calls
// that change nothing say nothing.
func TestParticipantsAreTold(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		bo := putUser(t, s, "b", obj{"fullName": "Bo"})
		putUser(t, s, "agent", obj{"userRoleCode": "agent"})
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}, "participantUserRoles": list{"agent"}})

		unread := func() int {
			sum, _ := inList(t, s, "a", "r")
			return sum.UnreadCount
		}
		quiet := func(what string, change func()) {
			t.Helper()
			before := unread()
			change()
			if n := unread() - before; n != 0 {
				t.Errorf("%s: %d messages", what, n)
			}
		}
		told := func(action, text string) {
			t.Helper()
			m := last(t, s, "a", "r")
			if m.Type != 9001 || m.Action != action || plain(t, m, m.Body) != text || m.User.Fullname != s.Name {
				t.Errorf("message %+v", m)
			}
			if tg := m.Target; tg.TargetType != "user" || tg.TargetID != bo || tg.TargetXCID != "b" || tg.TargetName != "Bo" {
				t.Errorf("target %+v", tg)
			}
		}
		addTo(t, s, "r", "b")
		told("room/addParticipant", "{{sender}} added {{target}} to the group")
		quiet("adding again", func() { addTo(t, s, "r", "b", "nobody") })
		removeFrom(t, s, "r", "b")
		told("room/removeParticipant", "{{sender}} removed {{target}} from the group")
		quiet("removing again", func() { removeFrom(t, s, "r", "b", "nobody") })
		quiet("adding whom a role holds", func() { addTo(t, s, "r", "agent") })
		quiet("removing whom a role holds", func() { removeFrom(t, s, "r", "agent") })
	})
}

// TestCrowd: a large group that joins is one message, not a hundred and one.
func TestCrowd(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		var crowd []string
		for i := range 101 {
			crowd = append(crowd, fmt.Sprintf("u%03d", i))
		}
		putUsers(t, s, crowd...)
		putRoom(t, s, "r", nil)
		steps := []struct {
			change func(testing.TB, *servertest.App, string, ...string) roomData
			people []string
			unread int // what u000 has not read, if u000 is in
			text   string
		}{
			{addTo, crowd, 2, "{{sender}} added 101 participants to the group"},
			{removeFrom, crowd[1:], 102, "{{sender}} removed {{target}} from the group"},
			{addTo, crowd[1:], 202, "{{sender}} added {{target}} to the group"},
		}
		for _, step := range steps {
			step.change(t, s, "r", step.people...)
			sum, _ := inList(t, s, "u000", "r")
			if text := plain(t, sum.LastMessage, sum.LastMessage.Body); text != step.text || sum.UnreadCount != step.unread {
				t.Errorf("%d unread, the last is %q, want %d and %q", sum.UnreadCount, text, step.unread, step.text)
			}
		}
		if got := getRoom(t, s, "r"); !slices.Equal(xcUserIDs(got.Participants), crowd) || got.ParticipantsTotal != 101 {
			t.Errorf("participants %q", xcUserIDs(got.Participants))
		}
	})
}

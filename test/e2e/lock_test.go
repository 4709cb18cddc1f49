package e2e

import (
	"testing"

	"parlor/test/env/servertest"
)

// The spelling is the protocol's.
var (
	locked   = result{true, "The room has been locked succesfully"}   //nolint:misspell // see above
	unlocked = result{true, "The room has been unlocked succesfully"} //nolint:misspell // see above
)

func TestLock(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		ana := putUser(t, s, "a", obj{"fullName": "Ana"})
		putUsers(t, s, "stranger")
		made := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}}).Room

		start := c.ms.Load() // each step is a second later
		steps := []struct {
			path, user string
			want       result
			locked     int64  // lockedTime afterwards
			told       string // the text of the message that follows, "" for none
		}{
			{"unlock", "a", result{false, "The room is already unlocked"}, 0, ""},
			{"lock", "a", locked, start + 1000, "{{sender}} locked this room"},
			{"lock", "a", result{false, "The room is already locked"}, start + 1000, ""},
			{"lock", "stranger", result{false, "The room is already locked"}, start + 1000, ""},
			{"unlock", "a", unlocked, 0, "{{sender}} unlocked this room"},
			{"unlock", "a", result{false, "The room is already unlocked"}, 0, ""},
			{"lock", "a", locked, start + 6000, "{{sender}} locked this room"},
		}
		for i, step := range steps {
			before := last(t, s, "a", "r")
			got := ask[result](t, s, "room/"+step.path, obj{"xcRoomID": "r", "xcUserID": step.user})
			if got != step.want {
				t.Errorf("step %d: %+v, want %+v", i, got, step.want)
			}
			want := made
			want.LockedTime, want.IsLocked = step.locked, step.locked > 0
			if got := getRoom(t, s, "r").Room; got != want {
				t.Errorf("step %d: room %+v, want %+v", i, got, want)
			}
			m := last(t, s, "a", "r")
			if m.Room != want {
				t.Errorf("step %d: room of the list %+v, want %+v", i, m.Room, want)
			}
			switch {
			case step.told == "":
				if m.MessageID != before.MessageID {
					t.Errorf("step %d: nothing changed, but %q was told", i, plain(t, m, m.Body))
				}
			case m.Type != 9001 || m.Action != "room/update" || m.User.UserID != ana || plain(t, m, m.Body) != step.told:
				t.Errorf("step %d: message %+v", i, m)
			}
			c.ms.Add(1000)
		}
	})
}

func TestLockWho(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "stranger")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}})
		for _, path := range []string{"room/lock", "room/unlock"} {
			refuse(t, s, path, obj{"xcRoomID": "r", "xcUserID": "nobody"}, userNotFound)
			refuse(t, s, path, obj{"xcRoomID": "r"}, required("xcUserID", "xcUserID"))
			if getRoom(t, s, "r").Room.IsLocked {
				t.Errorf("a refused %s locked the room", path)
			}
		}
		// The acting user need not be in the room.
		if got := ask[result](t, s, "room/lock", obj{"xcRoomID": "r", "xcUserID": "stranger"}); !got.Success {
			t.Errorf("a stranger may not: %+v", got)
		}
		if m := last(t, s, "a", "r"); m.User.XCUserID != "stranger" {
			t.Errorf("the actor is %+v", m.User)
		}
		refuse(t, s, "room/unlock", obj{"xcRoomID": "r", "xcUserID": "nobody"}, userNotFound)

		// The backend writes and changes participants as before.
		send(t, s, "a", "r", "hi")
		addTo(t, s, "r", "stranger")
		removeFrom(t, s, "r", "a")
		got := getRoom(t, s, "r")
		if !got.Room.IsLocked || len(got.Participants) != 1 || got.Participants[0].XCUserID != "stranger" {
			t.Errorf("room %+v", got)
		}
	})
}

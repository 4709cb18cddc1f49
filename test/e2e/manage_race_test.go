package e2e

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"parlor/test/env/natstest"
	"parlor/test/env/servertest"
)

// TestRestrictionsAgainstSends: while people on another node, and on this one, send as fast as they can,
// one of them is banned and let in again, the room frozen and unfrozen, somebody muted and unmuted. In
// the order of the room's messages nothing of theirs lies between the begin and the end of that.
func TestRestrictionsAgainstSends(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		s := servertest.Start(t, servertest.SQLite(t), nil).Default()
		raceRestrictions(t, s, s)
	})
	t.Run("postgres", func(t *testing.T) {
		bus := natstest.Run(t)
		cfg := servertest.Postgres(t)
		cfg.NATS = bus.URL()
		raceRestrictions(t, servertest.Start(t, cfg, nil).Default(), servertest.Start(t, cfg, nil).Default())
	})
}

func raceRestrictions(t *testing.T, one, two *servertest.App) {
	t.Helper()
	backend := putUser(t, one, "backend", nil)
	banned, silent, frozen := two.SignIn(t, "banned", "1"), two.SignIn(t, "muted", "1"), two.SignIn(t, "frozen", "1")
	putUser(t, one, "held", obj{"userRoleCode": "agent"})
	held := two.SignIn(t, "held", "1")
	room := putRoom(t, one, "r", obj{
		"participantXCUserIDs": list{"banned", "muted", "frozen", "backend"}, "participantUserRoles": list{"agent"},
	}).Room.RoomID

	var stop atomic.Bool
	var busy sync.WaitGroup
	var taken atomic.Int64
	for _, d := range []*servertest.Device{banned, silent, frozen, held} {
		for range 2 {
			busy.Go(func() {
				for !stop.Load() {
					a := d.Try(t, "chat/message/send/custom", obj{"roomID": room, "localID": localID(t), "messageType": 1001, "body": "hi"})
					switch a.Error.Code {
					case "":
						taken.Add(1)
					case "40301":
					default:
						t.Errorf("a message of %s: %s", d.UserID, a.Body)
					}
				}
			})
		}
	}
	rounds := 15
	if testing.Short() {
		rounds = 5
	}
	mark := func(text string) { send(t, one, "backend", "r", text) }
	for range rounds {
		restrictUsers(t, one, "ban", "r", nil, "banned", "held")
		mark("begin banned held")
		before := taken.Load()
		for taken.Load() < before+3 { // others go on
		}
		mark("end banned held")
		restrictUsers(t, one, "unban", "r", nil, "banned", "held")
		addTo(t, one, "r", "banned")

		restrictUsers(t, one, "mute", "r", nil, "muted")
		mark("begin muted")
		for before = taken.Load(); taken.Load() < before+3; {
		}
		mark("end muted")
		restrictUsers(t, one, "unmute", "r", nil, "muted")

		do(t, one, "room/freeze", obj{"xcRoomID": "r"})
		mark("between")
		do(t, one, "room/unfreeze", obj{"xcRoomID": "r"})
	}
	stop.Store(true)
	busy.Wait()

	// Messages of the system tell of a ban and of a freeze, and are committed with it.
	const byMark, byFreeze = 10_000, 100
	names := map[string]string{} // by userID
	for _, d := range []*servertest.Device{banned, silent, frozen, held} {
		names[d.UserID] = map[*servertest.Device]string{banned: "banned", silent: "muted", frozen: "frozen", held: "held"}[d]
	}
	out := map[string]int{} // why somebody cannot write
	seen := 0
	for _, m := range wholeRoom(t, frozen, room) {
		text := m.Text(t)
		who := names[m.User.UserID]
		switch {
		case m.Action == "room/removeParticipant":
			out[names[m.Target.TargetID]] = 1
		case m.Action == "room/addParticipant":
			out[names[m.Target.TargetID]] = 0
		case m.Type == 9001 && strings.Contains(text, "only admins write"):
			for _, name := range names {
				out[name] += byFreeze
			}
		case m.Type == 9001 && strings.Contains(text, "everybody write"):
			for _, name := range names {
				out[name] -= byFreeze
			}
		case m.User.UserID == backend:
			how, list, _ := strings.Cut(text, " ")
			for _, name := range strings.Fields(list) {
				if how == "begin" {
					out[name] += byMark
				} else if out[name] -= byMark; name == "held" {
					out[name] = 0 // nobody is told that a role holds somebody again
				}
			}
		case who != "":
			if seen++; out[who] != 0 {
				t.Errorf("%s has written %q when that was forbidden (%d)", who, m.MessageID, out[who])
			}
		}
	}
	if int64(seen) != taken.Load() || seen < 10*rounds {
		t.Errorf("%d messages were taken, %d are in the room", taken.Load(), seen)
	}
}

// wholeRoom is all that a device may see of a room, the oldest first.
func wholeRoom(t testing.TB, d *servertest.Device, room string) (messages []servertest.Message) {
	t.Helper()
	body := obj{"roomID": room, "limit": 100}
	for {
		page := listMessages(t, d, "chat/message/list_by_room/before", body)
		messages = append(messages, page.Messages...)
		if !page.HasMore {
			slices.Reverse(messages)
			return messages
		}
		body["maxCreated"] = messages[len(messages)-1].Created
	}
}

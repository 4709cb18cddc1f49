package e2e

import (
	"fmt"
	"slices"
	"testing"

	"parlor/internal/config"
	"parlor/test/env/servertest"
)

// TestHistory pages backwards through a room.
func TestHistory(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		pair := pairOf(ana, bo)
		const n = 120
		for i := range n {
			ana.Send(t, pair, fmt.Sprint(i))
		}
		var sent []servertest.Message // the newest first
		for range n {
			sent = append([]servertest.Message{ana.NextMessage(t)}, sent...)
		}
		page := func(body obj) deviceMessages {
			t.Helper()
			body["roomID"] = pair
			return listMessages(t, bo, "chat/message/list_by_room/before", body)
		}
		tests := []struct {
			name     string
			body     obj
			from, to int
		}{
			{"nothing said", obj{}, 0, 50},
			{"no limit", obj{"maxCreated": 0, "limit": nil}, 0, 50},
			{"a limit of zero", obj{"limit": 0}, 0, 50},
			{"a limit below", obj{"limit": -3}, 0, 50},
			{"one", obj{"limit": 1}, 0, 1},
			{"as text", obj{"limit": "2", "maxCreated": fmt.Sprint(sent[4].Created)}, 5, 7},
			{"more than there may be", obj{"limit": 1000}, 0, 100},
			{"from the clock of a device", obj{"maxCreated": sent[0].Created + 1, "limit": 10}, 0, 10},
			{"the message itself is not before it", obj{"maxCreated": sent[0].Created, "limit": 10}, 1, 11},
			{"the end", obj{"maxCreated": sent[99].Created, "limit": 20}, 100, 120},
			{"behind the end", obj{"maxCreated": sent[99].Created, "limit": 21}, 100, 120},
			{"before the end", obj{"maxCreated": sent[99].Created, "limit": 19}, 100, 119},
			{"nothing is left", obj{"maxCreated": sent[119].Created}, 120, 120},
		}
		for _, tt := range tests {
			got := page(tt.body)
			if want := localIDs(sent[tt.from:tt.to]); !slices.Equal(localIDs(got.Messages), want) || got.HasMore != (tt.to < n) {
				t.Errorf("%s: %d messages, more %v; want %d and %v", tt.name, len(got.Messages), got.HasMore, len(want), tt.to < n)
			}
		}
		ana.Call(t, "chat/message/delete", obj{
			"roomID": pair, "messageIDs": list{sent[0].MessageID}, "forEveryone": true,
		}, nil)
		if got := page(obj{"limit": 1}).Messages; len(got) != 1 || got[0].LocalID != sent[0].LocalID || !got[0].IsDeleted {
			t.Errorf("a deleted message has left its place to %+v", got)
		}
		bo.Call(t, "client/room/clear_chat", obj{"roomIDs": list{pair}}, nil)
		if got := page(obj{}); len(got.Messages) > 0 || got.HasMore {
			t.Errorf("bo has cleared the room, and finds %d messages", len(got.Messages))
		}
		if got := history(t, ana, pair); len(got) != 100 {
			t.Errorf("ana now finds %d messages", len(got))
		}
	})
}

// TestCatchingUpInRoom: a device names the oldest message that it has and the latest
// change that it knows of, and gets what is new and what has changed of those, as of half a
// minute before: something may have been committed later than it says.
func TestCatchingUpInRoom(t *testing.T) {
	t.Parallel()
	for engine, cfg := range map[string]func(testing.TB) config.Config{
		"sqlite": servertest.SQLite, "postgres": servertest.Postgres,
	} {
		t.Run(engine, func(t *testing.T) {
			c := newClock()
			testCatchingUpInRoom(t, servertest.Start(t, cfg(t), c.now).Default(), func() { c.ms.Add(60_000) })
		})
	}
}

func testCatchingUpInRoom(t *testing.T, a *servertest.App, minute func()) {
	ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
	pair := pairOf(ana, bo)
	var sent []servertest.Message // the oldest first
	post := func() {
		ana.Send(t, pair, "text")
		sent = append(sent, ana.NextMessage(t))
	}
	for range 59 {
		post()
	}
	minute()
	post()
	after := func(d *servertest.Device, oldest, since int64) []servertest.Message {
		t.Helper()
		return listMessages(t, d, "chat/message/list_by_room/after", obj{
			"roomID": pair, "minCreated": oldest, "lastUpdated": since, "maxCreated": nil,
		}).Messages
	}
	// The last message before the half minute may come as well.
	check := func(what string, got []servertest.Message, want ...servertest.Message) {
		t.Helper()
		ids := localIDs(got)
		for _, m := range want {
			if !slices.Contains(ids, m.LocalID) {
				t.Errorf("%s: %s is not there", what, m.LocalID)
			}
		}
		if len(got) > len(want)+1 || !slices.IsSortedFunc(got, func(a, b servertest.Message) int {
			return int(a.Created - b.Created)
		}) {
			t.Errorf("%s: %d messages %v, want %d", what, len(got), ids, len(want))
		}
	}
	check("nothing known", after(bo, 0, 0), sent[10:]...)
	check("no change known", after(bo, sent[50].Created, sent[50].Created), sent[50:]...)
	check("only the last half minute", after(bo, sent[50].Created, sent[59].Created), sent[59])
	since := sent[59].Updated
	check("all known", after(bo, sent[20].Created, since), sent[59])
	minute()
	edit := func(i int) {
		ana.Emit(t, "chat/updateMessage", servertest.Draft(t, pair, sent[i].LocalID, "edited"))
		sent[i] = ana.NextUpdate(t)
	}
	edit(30)
	edit(10) // older than what bo has
	ana.Call(t, "chat/message/delete", obj{
		"roomID": pair, "messageIDs": list{sent[40].MessageID}, "forEveryone": true,
	}, nil)
	ana.NextUpdate(t)
	post()
	got := after(bo, sent[20].Created, since)
	got = slices.DeleteFunc(got, func(m servertest.Message) bool { return m.LocalID == sent[58].LocalID })
	check("changes", got, sent[30], sent[40], sent[59], sent[60])
	if len(got) == 4 && (!got[0].IsMessageEdited || got[0].Text(t) != "edited" || !got[1].IsDeleted) {
		t.Errorf("changed are %+v", got[:2])
	}
	since = got[len(got)-1].Updated
	minute()
	bo.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{sent[25].MessageID}}, nil)
	ana.NextUpdate(t)
	for _, d := range []*servertest.Device{ana, bo} {
		got := after(d, sent[20].Created, since)
		i := slices.Index(localIDs(got), sent[25].LocalID)
		if i < 0 || !got[i].IsRead || got[i].Updated < since || len(got) > 5 { // and those of half a minute before
			t.Errorf("a receipt shows as %+v", got)
		}
	}
}

package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// TestPreferenceNews: what a user sets for a room comes to all devices of that user, and
// to nobody else. To set the same again is no news.
func TestPreferenceNews(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2").Connect(t),
			a.SignIn(t, "bo", "1").Connect(t)
		pair := pairOf(ana, bo)
		bo.Send(t, pair, "hello")
		hello := ana.NextMessage(t)
		until(t, phone, hello.LocalID)
		rooms := obj{"roomIDs": list{pair, pair, "g999999", pairOf(bo, bo)}}
		ids := obj{"messageIDs": list{hello.MessageID}}
		for _, step := range []struct {
			path      string
			body      obj
			event     string // "" means that nothing comes
			expiresAt any
		}{
			{"client/room/mute", rooms, "room/mute", 0.0},
			{"client/room/mute", rooms, "", nil},
			{"client/room/mute", obj{"roomIDs": list{pair}, "expiredAt": 4_000_000_000_000}, "room/mute", 4e12},
			{"client/room/unmute", rooms, "room/unmute", nil},
			{"client/room/unmute", rooms, "", nil},
			{"client/room/pin", rooms, "room/pin", nil},
			{"client/room/pin", rooms, "", nil},
			{"client/room/unpin", rooms, "room/unpin", nil},
			{"client/room/unpin", rooms, "", nil},
			{"client/room/mark_as_unread", rooms, "room/markAsUnread", nil},
			{"client/room/mark_as_unread", rooms, "", nil},
			{"chat/message/feedback/delivered", ids, "", nil},
			{"chat/message/feedback/read", ids, "room/markAsRead", nil},
			{"client/room/clear_chat", rooms, "room/clearChat", nil},
		} {
			phone.Call(t, step.path, step.body, nil)
			for _, d := range []*servertest.Device{ana, phone} {
				got := preferenceNews(t, d, pair)
				if step.event == "" {
					if len(got) > 0 {
						t.Errorf("%s again: device %s gets %v", step.path, d.Name, names(got))
					}
					continue
				}
				if len(got) != 1 || got[0].EventName != step.event {
					t.Errorf("%s: device %s gets %v", step.path, d.Name, names(got))
					continue
				}
				var data obj
				if err := json.Unmarshal(got[0].Data, &data); err != nil {
					t.Fatal(err)
				}
				shown, _ := data["room"].(obj)
				expiresAt, present := data["expiredAt"]
				if shown["roomID"] != pair || shown["name"] != "Name of bo" || present != (step.expiresAt != nil) ||
					expiresAt != step.expiresAt {
					t.Errorf("%s: device %s gets %s", step.path, d.Name, got[0].Data)
				}
			}
			if got := preferenceNews(t, bo, pair); len(got) > 0 {
				t.Errorf("%s: bo gets %v", step.path, names(got))
			}
		}
	})
}

// preferenceNews collects the events about rooms that come to a device up to a mark in
// the room, whose events have one order.
func preferenceNews(t testing.TB, d *servertest.Device, room string) []servertest.Event {
	t.Helper()
	var got []servertest.Event
	local := localID(t)
	draft := servertest.Draft(t, room, local, "a mark")
	draft["isHidden"] = true
	d.Emit(t, "chat/sendMessage", draft)
	d.Next(t, "the mark", func(e servertest.Event) bool {
		if strings.HasPrefix(e.EventName, "room/") {
			got = append(got, e)
		}
		return e.Message.LocalID == local
	})
	return got
}

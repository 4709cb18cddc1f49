package upgrade

import (
	"encoding/base64"
	"net/http"
	"testing"

	"parlor/test/env/servertest"
)

// use does on an upgraded database what goes on from what is in it: credentials are worth
// what they were, and messages, receipts and cursors continue.
func use(t *testing.T, s *servertest.Server, c *clock, l logins) {
	t.Helper()
	a := s.Default()
	credentials(t, a, l)
	c.ms.Add(1000)
	ana, phone, tablet := l.Devices["ana phone"].device(a), l.Devices["bo phone"].device(a),
		l.Devices["bo tablet"].device(a)
	catchUp := func(d *servertest.Device) (got []servertest.Message) {
		t.Helper()
		var page struct{ Messages []servertest.Message }
		d.Call(t, "chat/message/new_and_updated", obj{}, &page)
		return page.Messages
	}
	before := len(catchUp(phone)) + len(catchUp(tablet)) + len(catchUp(ana))
	if before > 0 {
		t.Errorf("devices that have everything get %d messages", before)
	}
	var sent struct{ LocalID string }
	a.Must(t, "message/send/custom", obj{
		"messageType": 1001, "body": "after the upgrade", "senderXCUserID": "ana", "xcRoomID": "group",
	}, &sent)
	for _, d := range []*servertest.Device{phone, tablet} {
		got := catchUp(d)
		if len(got) != 1 || got[0].LocalID != sent.LocalID || got[0].IsRead || got[0].Text(t) != "after the upgrade" {
			t.Fatalf("%s gets %+v, want the new message alone", d.Name, got)
		}
		phone.Call(t, "chat/message/feedback/delivered", obj{"messageIDs": list{got[0].MessageID}}, nil)
		if d == tablet {
			tablet.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{got[0].MessageID}}, nil)
		}
	}
	catchUp(ana)
	var page struct{ Messages []servertest.Message }
	ana.Call(t, "chat/message/list_by_room/before", obj{"roomID": roomOf(t, ana, "group"), "limit": 1}, &page)
	if len(page.Messages) != 1 || page.Messages[0].LocalID != sent.LocalID || !page.Messages[0].IsRead {
		t.Errorf("the sender sees %+v, want the new message, read", page.Messages)
	}
}

func roomOf(t *testing.T, d *servertest.Device, xc string) string {
	t.Helper()
	var found struct{ Room struct{ RoomID string } }
	d.Call(t, "client/room/get_by_xc_room_id", obj{"xcRoomID": xc}, &found)
	return found.Room.RoomID
}

// credentials tries those that are good, and those that are over.
func credentials(t *testing.T, a *servertest.App, l logins) {
	t.Helper()
	if got := a.CallKey(t, l.Revoked, "role/list", obj{}); got.Error.Code != "49106" {
		t.Errorf("a revoked key: %s", got.Body)
	}
	for what, over := range map[string]login{"signed out": l.SignedOut, "of a deleted user": l.OfDeleted} {
		if got := over.device(a).Try(t, "client/contact/list", obj{}); got.Error.Code == "" {
			t.Errorf("a login that is over, %s: %s", what, got.Body)
		}
	}
	web := l.Devices["ana web"].device(a)
	web.RefreshTokens(t)
	web.Call(t, "client/contact/list", obj{}, nil)
	h := web.Headers(l.Ticket)
	h.Set("App-Key", base64.StdEncoding.EncodeToString([]byte(a.AppKey)))
	h.Set("Device-Identifier", "eve phone")
	for _, want := range []bool{true, false} { // it buys one login
		got := a.Do(t, http.MethodPost, "/v1/auth/access_token/request", h, obj{})
		if (got.Error.Code == "") != want {
			t.Errorf("a ticket that was not exchanged: %s, want success: %v", got.Body, want)
		}
	}
}

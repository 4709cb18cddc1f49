package service_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store/storetest"
)

// TestPinnedMeanwhile: a room is told of a pinned message as that is when it is pinned.
func TestPinnedMeanwhile(t *testing.T) {
	o := storetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		st := storetest.Open(t, o)
		svc := service.New(st, powertalk.Dialect{}, service.Options{})
		app, err := svc.CreateApp(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		ana := signIn(t, svc, app, "ana")
		group, err := ana.CreateGroup(t.Context(), "group", nil)
		if err != nil {
			t.Fatal(err)
		}
		room := group.Room.PublicID()
		m, _, err := ana.Send(t.Context(), draftIn(room, powertalk.Dialect{}.NewLocalID(), "a secret"))
		if err != nil {
			t.Fatal(err)
		}
		h := holdLane(t, st)
		h.do(t, "the edit", "", func() error {
			_, _, err := svc.Backend(app).EditMessage(t.Context(), service.MessageName{ID: m.ID}, service.MessageEdit{Body: "nothing"})
			return err
		})
		h.do(t, "the pin", "", func() error { _, err := ana.Pin(t.Context(), room, []int64{int64(m.ID)}, true); return err })
		h.release()

		notice := storetest.Query(t, o, "SELECT local_id || ' ' || data FROM messages WHERE action = '"+string(chat.ActionPinMessage)+"'")
		if len(notice) != 1 {
			t.Fatalf("notices: %q", notice)
		}
		localID, data, _ := strings.Cut(notice[0], " ")
		plain, err := cipher.Decrypt(data, localID)
		if err != nil {
			t.Fatal(err)
		}
		var pinned struct{ Body string }
		if err := json.Unmarshal([]byte(plain), &pinned); err != nil {
			t.Fatal(err)
		}
		if body, err := cipher.Decrypt(pinned.Body, m.LocalID); err != nil || body != "nothing" {
			t.Errorf("the room is told %q, %v", body, err)
		}
	})
}

package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"parlor/client"
	"parlor/test/env/servertest"
)

// unanswered passes requests on and loses the first answers.
type unanswered struct{ lose int }

func (u *unanswered) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && u.lose > 0 {
		u.lose--
		resp.Body.Close()
		return nil, errors.New("the answer is lost")
	}
	return resp, err
}

// TestIdempotencyKey: a call under a key is repeated by itself when its answer is lost, also one that makes something
// new each time, and is done once.
func TestIdempotencyKey(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	b, err := client.NewBackend(client.Config{
		URL: s.URL, Key: servertest.ServerKey, HTTP: &http.Client{Transport: &unanswered{lose: 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := client.WithIdempotencyKey(t.Context(), "ticket-1")
	first, err := b.RequestTicket(ctx, client.Profile{XCID: "ana", Fullname: "Ana"})
	if err != nil || first.Text == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := b.RequestTicket(ctx, client.Profile{XCID: "ana", Fullname: "Ana"}); err != nil || again != first {
		t.Errorf("%+v, then %+v, %v", first, again, err)
	}
	if _, err := b.RequestTicket(ctx, client.Profile{XCID: "bo", Fullname: "Bo"}); client.CodeOf(err) != client.CodeKeyReused {
		t.Errorf("another call under the key: %v", err)
	}
	if _, err := b.PutRoom(t.Context(), client.RoomSettings{XCID: "r", Type: client.Group, Name: "R", Participants: []string{"ana"}}); err != nil {
		t.Fatal(err)
	}
	ctx = client.WithIdempotencyKey(t.Context(), "message-1")
	m := client.BackendMessage{Text: "hi", SenderXCID: "ana", XCRoomID: "r"}
	one, err := b.Send(ctx, m)
	if two, err2 := b.Send(ctx, m); err != nil || err2 != nil || one != two || one.LocalID == "" || one.Repeated {
		t.Errorf("%+v, %+v, %v, %v", one, two, err, err2)
	}
}

// TestOwnKeys: what a second time would do once more, or refuse, is done once when its answer is lost.
func TestOwnKeys(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	network := &unanswered{}
	b, err := client.NewBackend(client.Config{URL: s.URL, Key: servertest.ServerKey, HTTP: &http.Client{Transport: network}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	user(t, b, "ana")
	group(t, b, "r", "ana")
	var hook client.Webhook
	for _, tt := range []struct {
		path string
		call func() error
	}{
		{"webhook/create", func() (err error) {
			hook, err = b.CreateWebhook(ctx, client.WebhookSettings{URL: "https://shop.example.com/parlor"})
			return err
		}},
		{"webhook/rotate_secret", func() error { _, err := b.RotateWebhookSecret(ctx, hook.ID); return err }},
		{"webhook/dead/replay", func() error { _, err := b.ReplayDeadSince(ctx, hook.ID, client.Time{}); return err }},
		{"webhook/delete", func() error { return b.DeleteWebhook(ctx, hook.ID) }},
		{"before_hook/set", func() error {
			_, err := b.SetBeforeHook(ctx, client.BeforeHook{URL: "https://shop.example.com/moderate"})
			return err
		}},
		{"message/delete_matching", func() error {
			_, err := b.DeleteMatching(ctx, client.DeletionFilter{SenderXCID: "ana"})
			return err
		}},
		{"user/export", func() error { _, err := b.ExportUser(ctx, "ana"); return err }},
		{"user/erase", func() error { _, err := b.EraseUser(ctx, "ana"); return err }},
	} {
		network.lose = 1
		if err := tt.call(); err != nil {
			t.Errorf("%s: %v", tt.path, err)
		}
		times := 0
		for entry, err := range b.Audit(ctx, client.AuditFilter{Action: "/server/" + tt.path}) {
			if times++; err != nil || entry.Result != "ok" {
				t.Errorf("%s: %+v, %v", tt.path, entry, err)
			}
		}
		if times != 1 {
			t.Errorf("%s was done %d times", tt.path, times)
		}
	}
	network.lose = 1
	if _, err := b.SendSystem(ctx, "r", "paid"); err != nil {
		t.Error(err)
	}
	times := 0
	for m, err := range b.Messages(ctx, client.MessageFilter{XCRoomID: "r"}) {
		if err != nil {
			t.Fatal(err)
		}
		if m.Body == "paid" {
			times++
		}
	}
	if times != 1 {
		t.Errorf("the system message is there %d times", times)
	}
}

// TestKeyOfWebhook: a key of the caller's counts for webhooks as for all else.
func TestKeyOfWebhook(t *testing.T) {
	b := backendOf(t, servertest.Start(t, servertest.SQLite(t), nil))
	ctx := client.WithIdempotencyKey(t.Context(), "webhook-1")
	settings := client.WebhookSettings{URL: "https://shop.example.com/parlor"}
	first, err := b.CreateWebhook(ctx, settings)
	again, err2 := b.CreateWebhook(ctx, settings)
	if err != nil || err2 != nil || first.Secret == "" || again.ID != first.ID || again.Secret != first.Secret {
		t.Errorf("%+v, %v; then %+v, %v", first, err, again, err2)
	}
}

// TestKeysOfSeveralCalls: a method that makes several calls comes to its end under a key, too, and has the same keys when
// it is called again.
func TestKeysOfSeveralCalls(t *testing.T) {
	var keys []string
	b := other(t, client.Config{}, func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		more := key == "" && len(keys) == 0 || key == "role-1" // a key has the same answer each time
		keys = append(keys, key)
		fmt.Fprintf(w, `{"status":200,"error":{"code":""},"data":{"success":true,"hasMore":%v}}`, more)
	})
	ctx := t.Context()
	if _, err := b.DeleteRole(ctx, "agent", "helper"); err != nil || !slices.Equal(keys, []string{"", ""}) {
		t.Errorf("without a key: %q, %v", keys, err)
	}
	keys = nil
	for range 2 {
		if _, err := b.DeleteRole(client.WithIdempotencyKey(ctx, "role-1"), "agent", "helper"); err != nil {
			t.Error(err)
		}
	}
	if len(keys) != 4 || keys[0] != "role-1" || keys[1] == keys[0] || !slices.Equal(keys[:2], keys[2:]) {
		t.Errorf("the keys are %q", keys)
	}
}

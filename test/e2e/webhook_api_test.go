package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// TestWebhookAddresses: only https:// addresses in public networks may be registered without the setting, and what
// can never be called not even with it.
func TestWebhookAddresses(t *testing.T) {
	t.Parallel()
	const (
		form    = "must be an address such as https://example.com/parlor"
		private = "must not be in a private network; a server with webhook-private-network may call there"
		plain   = "must begin with https://; a server with webhook-private-network may call http://"
	)
	tests := []struct {
		url, reason string // "" for one that may be
		always      bool   // that it is refused, whatever the setting
	}{
		{url: "https://shop.invalid/parlor?a=b"},
		{url: "https://192.0.2.7:8443/"},
		{"http://shop.invalid/", plain, false},
		{"https://127.0.0.1/", private, false},
		{"https://localhost/", private, false},
		{"https://LOCALHOST:8080/", private, false},
		{"https://10.1.2.3/", private, false},
		{"https://172.16.0.1/", private, false},
		{"https://192.168.1.1/", private, false},
		{"https://169.254.169.254/latest", private, false},
		{"https://0.0.0.0/", private, false},
		{"https://[::1]/", private, false},
		{"https://[::ffff:127.0.0.1]/", private, false},
		{"https://[fd00::1]/", private, false},
		{"https://[fe80::1]/", private, false},
		{"ftp://shop.invalid/", form, true},
		{"shop.invalid/parlor", form, true},
		{"https://", form, true},
		{"https:///parlor", form, true},
		{"javascript:alert(1)", form, true},
		{"https://user:secret@shop.invalid/", "must not hold a password: what is called verifies the signature", true},
		{"https://shop.invalid/#part", "must not have a fragment", true},
		{url: "https://shop.invalid:65535/"},
		{"https://shop.invalid:0/", "must have a port from 1 to 65535", true},
		{"https://shop.invalid:65536/", "must have a port from 1 to 65535", true},
		{"https://shop.invalid/" + strings.Repeat("x", 2000), "must be 1 to 2000 characters", true},
	}
	allowing := servertest.SQLite(t)
	allowing.WebhookPrivateNetwork = true
	allows := servertest.Start(t, allowing, nil).Default()
	// The common servers allow it, for the sake of receivers in tests.
	a := servertest.Start(t, servertest.SQLite(t), nil).Default()
	id := makeWebhook(t, a)
	for _, tt := range tests {
		t.Run(tt.url[:min(len(tt.url), 60)], func(t *testing.T) {
			body := obj{"url": tt.url, "paused": true}
			for s, refused := range map[*servertest.App]bool{a: tt.reason != "", allows: tt.always} {
				if refused {
					refuse(t, s, "webhook/create", body, invalid("url", "url", tt.reason))
					refuse(t, s, "before_hook/set", obj{"url": tt.url}, invalid("url", "url", tt.reason))
					continue
				}
				made := ask[webhookData](t, s, "webhook/create", body).Webhook
				if made.URL != tt.url || made.State != "paused" {
					t.Errorf("made %+v", made)
				}
			}
			if tt.reason != "" {
				reason := strings.Replace(tt.reason, "be 1 to", "be 0 to", 1) // an update can be without one
				refuse(t, a, "webhook/update", obj{"webhookID": id, "url": tt.url}, invalid("url", "url", reason))
			}
		})
	}
	if got := ask[webhookData](t, a, "webhook/get", obj{"webhookID": id}).Webhook; got.URL != "https://shop.invalid/hook" {
		t.Errorf("refused calls have set %q", got.URL)
	}
	if is := ask[struct{ IsSet bool }](t, a, "before_hook/get", obj{}); is.IsSet {
		t.Error("refused calls have set a before-hook")
	}
}

// TestWebhookSettings: what is set is kept, what is not named stays, and an empty list takes a filter away.
func TestWebhookSettings(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		made := ask[webhookData](t, a, "webhook/create", obj{
			"url": "https://shop.invalid/a", "types": list{"room.locked", "user.created"}, "roomTags": list{"vip", "é"},
			"roomTypes": list{2, 4}, "batch": 100, "sealed": true, "paused": true,
		}).Webhook
		id := made.WebhookID
		show := func(what, want string) {
			t.Helper()
			got := ask[webhookData](t, a, "webhook/get", obj{"webhookID": id}).Webhook
			if is := strings.TrimSpace(fmt.Sprintln(got.URL, got.Types, got.RoomTags, got.RoomTypes, got.Batch, got.Sealed, got.State)); is != want {
				t.Errorf("%s: %s, want %s", what, is, want)
			}
		}
		show("made", "https://shop.invalid/a [room.locked user.created] [vip é] [2 4] 100 true paused")
		do(t, a, "webhook/update", obj{"webhookID": id, "types": nil, "url": nil, "batch": nil, "sealed": nil, "paused": nil})
		show("nothing set", "https://shop.invalid/a [room.locked user.created] [vip é] [2 4] 100 true paused")
		do(t, a, "webhook/update", obj{"webhookID": id, "url": "https://shop.invalid/b", "batch": 1, "sealed": false})
		show("some set", "https://shop.invalid/b [room.locked user.created] [vip é] [2 4] 1 false paused")
		do(t, a, "webhook/update", obj{"webhookID": id, "types": list{}, "roomTags": list{}, "roomTypes": list{}})
		show("no filter", "https://shop.invalid/b [] [] [] 1 false paused")
		do(t, a, "webhook/delete", obj{"webhookID": id})
		refuse(t, a, "webhook/get", obj{"webhookID": id}, failure{"40401", "Webhook is not found", ""})
		if left := ask[struct{ Webhooks list }](t, a, "webhook/list", obj{}).Webhooks; len(left) != 0 {
			t.Errorf("after the end there are %v", left)
		}
	})
}

// TestWebhookSecrets: a secret is shown to who makes it, and to nobody afterwards.
func TestWebhookSecrets(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		made := ask[webhookData](t, a, "webhook/create", obj{"url": "https://shop.invalid/", "paused": true}).Webhook
		next := ask[webhookData](t, a, "webhook/rotate_secret", obj{"webhookID": made.WebhookID}).Webhook
		third := ask[webhookData](t, a, "webhook/rotate_secret", obj{"webhookID": made.WebhookID}).Webhook
		secrets := []string{made.Secret, next.Secret, third.Secret}
		for i, s := range secrets {
			if !strings.HasPrefix(s, "whsec_") || len(s) < 38 || slices.Contains(secrets[:i], s) {
				t.Errorf("secret %d is %q, of %q", i, s, secrets)
			}
		}
		of := obj{"webhookID": made.WebhookID}
		for _, c := range []struct {
			path string
			body obj
		}{
			{"webhook/list", obj{}},
			{"webhook/get", of},
			{"webhook/update", of},
			{"webhook/dead/list", of},
			{"webhook/dead/replay", obj{"webhookID": made.WebhookID, "since": 0}},
			{"events/list", obj{}},
			{"webhook/delete", of},
		} {
			if answer := call(t, a, c.path, c.body); answer.Status != 200 || strings.Contains(string(answer.Body), "whsec_") {
				t.Errorf("%s: %s", c.path, answer.Body)
			}
		}
	})
}

// TestManyWebhooks: an App has at most 100, and one that is deleted makes room.
func TestManyWebhooks(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		body := obj{"url": "https://shop.invalid/", "paused": true}
		first := makeWebhook(t, a)
		together(98, func(int) { do(t, a, "webhook/create", body) })
		// Of several at the same time one finds room.
		codes := make([]string, 4)
		together(len(codes), func(i int) { codes[i] = call(t, a, "webhook/create", body).Error.Code })
		slices.Sort(codes)
		if !slices.Equal(codes, []string{"", "40301", "40301", "40301"}) {
			t.Errorf("at the limit: %q", codes)
		}
		full := failure{"40301", "An App has at most 100 webhooks; delete one first", ""}
		refuse(t, a, "webhook/create", body, full)
		if n := len(ask[struct{ Webhooks list }](t, a, "webhook/list", obj{}).Webhooks); n != 100 {
			t.Errorf("%d webhooks are listed", n)
		}
		do(t, a, "webhook/delete", obj{"webhookID": first})
		do(t, a, "webhook/create", body)
		refuse(t, a, "webhook/create", body, full)
	})
}

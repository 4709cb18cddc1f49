package client_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

// received is a call that a receiver has got.
type received struct {
	header http.Header
	body   []byte
}

// receiver takes a webhook's calls, and refuses them while status says so.
func receiver(t *testing.T, status *atomic.Int32) (url string, calls <-chan received) {
	t.Helper()
	list := make(chan received, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if code := int(status.Load()); code != 0 {
			w.WriteHeader(code)
			return
		}
		list <- received{r.Header.Clone(), body}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/hook", list
}

func nextCall(t *testing.T, calls <-chan received) received {
	t.Helper()
	select {
	case c := <-calls:
		return c
	case <-time.After(30 * time.Second):
		t.Fatal("the receiver was not called")
		return received{}
	}
}

// TestWebhooks registers a real receiver, verifies what it gets, by both secrets after a rotation, and sees
// to the webhook by all its calls.
func TestWebhooks(t *testing.T) {
	sqlite, postgres := servertest.SQLite(t), servertest.Postgres(t)
	sqlite.WebhookPrivateNetwork, postgres.WebhookPrivateNetwork = true, true // to call this machine
	t.Run("sqlite", func(t *testing.T) { testWebhooks(t, backendOf(t, servertest.Start(t, sqlite, nil))) })
	t.Run("postgres", func(t *testing.T) { testWebhooks(t, backendOf(t, servertest.Start(t, postgres, nil))) })
}

func testWebhooks(t *testing.T, b *client.Backend) {
	ctx := t.Context()
	var status atomic.Int32
	url, calls := receiver(t, &status)
	made, err := b.CreateWebhook(ctx, client.WebhookSettings{URL: url, Types: []client.FeedType{client.FeedUserCreated}})
	if err != nil || made.Secret == "" || made.State != client.WebhookActive || made.Batch != 1 {
		t.Fatalf("CreateWebhook: %+v, %v", made, err)
	}
	user(t, b, "ana")
	call := nextCall(t, calls)
	if err := client.VerifyWebhook(made.Secret, call.header, call.body); err != nil {
		t.Errorf("VerifyWebhook: %v of %v %s", err, call.header, call.body)
	}
	events, err := client.DecodeWebhook(call.body)
	if err != nil || len(events) != 1 || events[0].Type != client.FeedUserCreated || events[0].Data.User.XCID != "ana" ||
		events[0].ID != call.header.Get("Webhook-Id") {
		t.Errorf("DecodeWebhook: %+v, %v", events, err)
	}

	rotated, err := b.RotateWebhookSecret(ctx, made.ID)
	if err != nil || rotated.Secret == "" || rotated.Secret == made.Secret {
		t.Fatalf("RotateWebhookSecret: %+v, %v", rotated, err)
	}
	batch, err := b.UpdateWebhook(ctx, made.ID, client.WebhookSettings{Batch: 10, Types: []client.FeedType{}})
	if err != nil || batch.Batch != 10 || len(batch.Types) != 0 || batch.Secret != "" || batch.URL != url {
		t.Fatalf("UpdateWebhook: %+v, %v", batch, err)
	}
	for i, old := 0, true; old; i++ { // until the change has got to whoever makes the calls
		user(t, b, "user-"+strconv.Itoa(i))
		call = nextCall(t, calls)
		if err := client.VerifyWebhook(made.Secret, call.header, call.body); err != nil {
			t.Errorf("by the secret of before: %v", err)
		}
		old = client.VerifyWebhook(rotated.Secret, call.header, call.body) != nil
	}
	if events, err := client.DecodeWebhook(call.body); err != nil || len(events) == 0 {
		t.Errorf("a batch: %+v, %v", events, err)
	}

	if list, err := b.Webhooks(ctx); err != nil || len(list) != 1 || list[0].ID != made.ID || list[0].Secret != "" {
		t.Errorf("Webhooks: %+v, %v", list, err)
	}
	status.Store(500)
	user(t, b, "cy")
	eventually(t, "a failure is noted", func() bool {
		is, err := b.Webhook(ctx, made.ID)
		return err == nil && is.Parked > 0 && is.LastError == "HTTP 500" && !is.LastErrorAt.IsZero()
	})
	if list, next, more, err := b.DeadEvents(ctx, made.ID, ""); err != nil || len(list) > 0 || next != "" || more {
		t.Errorf("DeadEvents: %+v, %q, %v, %v", list, next, more, err)
	}
	if n, err := b.ReplayDeadSince(ctx, made.ID, client.Time{}); err != nil || n != 0 {
		t.Errorf("ReplayDeadSince: %d, %v", n, err)
	}
	if done, err := b.ReplayDead(ctx, made.ID, events[0].ID); err != nil || done {
		t.Errorf("ReplayDead: %v, %v", done, err)
	}
	if paused, err := b.UpdateWebhook(ctx, made.ID, client.WebhookSettings{Paused: new(true)}); err != nil || paused.State != client.WebhookPaused {
		t.Errorf("paused: %+v, %v", paused, err)
	}
	if err := b.DeleteWebhook(ctx, made.ID); err != nil {
		t.Errorf("DeleteWebhook: %v", err)
	}
	if _, err := b.Webhook(ctx, made.ID); client.CodeOf(err) != client.CodeNotFound {
		t.Errorf("a webhook that was deleted: %v", err)
	}
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not in time: %s", what)
		}
	}
}

// signatureOf signs as Standard Webhooks says.
func signatureOf(t *testing.T, secret, id string, at time.Time, body string) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(secret[len("whsec_"):])
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// TestVerifyWebhook: only what was signed with the secret just now is valid. TestWebhooks holds it to what the
// server signs.
func TestVerifyWebhook(t *testing.T) {
	const secret, other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD1gKt3Zc0fZ8=", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	const id, body = "evt_1-1", `{"id":"evt_1-1"}`
	now := time.Now()
	sign := func(at time.Time, secrets ...string) http.Header {
		var list []string
		for _, s := range secrets {
			list = append(list, signatureOf(t, s, id, at, body))
		}
		return http.Header{
			"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}, "Webhook-Signature": {strings.Join(list, " ")},
		}
	}
	with := func(name, value string) http.Header {
		h := sign(now, secret)
		h.Set(name, value)
		return h
	}
	tests := []struct {
		name, secret, body string
		header             http.Header
		want               error
	}{
		{"valid", secret, body, sign(now, secret), nil},
		{"the second of two", secret, body, sign(now, other, secret), nil},
		{"another secret", other, body, sign(now, secret), client.ErrWebhookSignature},
		{"another body", secret, body + " ", sign(now, secret), client.ErrWebhookSignature},
		{"another id", secret, body, with("Webhook-Id", "evt_1-2"), client.ErrWebhookSignature},
		{"another time", secret, body, with("Webhook-Timestamp", strconv.FormatInt(now.Unix()-1, 10)), client.ErrWebhookSignature},
		{"no signature", secret, body, with("Webhook-Signature", ""), client.ErrWebhookSignature},
		{"another version", secret, body, with("Webhook-Signature", "v2"+sign(now, secret).Get("Webhook-Signature")[2:]), client.ErrWebhookSignature},
		{"no time", secret, body, with("Webhook-Timestamp", ""), client.ErrWebhookTime},
		{"no number", secret, body, with("Webhook-Timestamp", "now"), client.ErrWebhookTime},
		{"a huge time", secret, body, with("Webhook-Timestamp", "9223372036854775807"), client.ErrWebhookTime},
		{"old", secret, body, sign(now.Add(-6*time.Minute), secret), client.ErrWebhookTime},
		{"of the future", secret, body, sign(now.Add(6*time.Minute), secret), client.ErrWebhookTime},
		{"four minutes old", secret, body, sign(now.Add(-4*time.Minute), secret), nil},
		{"no secret", "", body, sign(now, secret), client.ErrWebhookSecret},
		{"no prefix", secret[6:], body, sign(now, secret), client.ErrWebhookSecret},
		{"an empty secret", "whsec_", body, sign(now, secret), client.ErrWebhookSecret},
		{"no base64", "whsec_!", body, sign(now, secret), client.ErrWebhookSecret},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := client.VerifyWebhook(tt.secret, tt.header, []byte(tt.body)); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
	// The sample of Standard Webhooks' own documents, whose time has passed.
	if got := signatureOf(t, other, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), `{"test": 2432232314}`); got !=
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("these tests sign the sample of the standard as %s", got)
	}
	h := http.Header{
		"Webhook-Id": {"msg_p5jXN8AQM9LWM0D4loKWxJek"}, "Webhook-Timestamp": {"1614265330"},
		"Webhook-Signature": {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	}
	if err := client.VerifyWebhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", h, []byte(`{"test": 2432232314}`)); !errors.Is(err, client.ErrWebhookTime) {
		t.Errorf("the sample of the standard: %v", err)
	}
}

func TestDecodeWebhook(t *testing.T) {
	tests := []struct {
		body string
		want int // events; 0 for an error
	}{
		{`{"id":"evt_1-1","type":"user.created","created":5,"data":{}}`, 1},
		{`{"events":[{"id":"evt_1-1","data":{}},{"id":"evt_1-2","data":{}}]}`, 2},
		{`{}`, 0},
		{`[]`, 0},
		{`{"events":[`, 0},
		{``, 0},
	}
	for _, tt := range tests {
		if events, err := client.DecodeWebhook([]byte(tt.body)); len(events) != tt.want || (err == nil) != (tt.want > 0) {
			t.Errorf("%s: %+v, %v", tt.body, events, err)
		}
	}
}

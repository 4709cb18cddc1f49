package apns_test

import (
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/push"
	"parlor/internal/push/apns"
	"parlor/test/env/pushtest"
)

func open(t *testing.T, v *pushtest.Vendors, now func() time.Time) *apns.Sender {
	t.Helper()
	file, err := os.ReadFile(v.APNsFile)
	if err != nil {
		t.Fatal(err)
	}
	key, err := apns.ParseKey(file)
	if err != nil {
		t.Fatal(err)
	}
	return apns.New(apns.Options{
		Key: key, KeyID: pushtest.KeyID, Team: pushtest.Team, Topic: pushtest.Topic, URL: v.URL,
		Dial: push.Dial{Roots: v.Roots}, Now: now,
	})
}

func send(t *testing.T, s push.Sender, token string) push.Result {
	t.Helper()
	return s.Send(t.Context(), chat.PushTarget{Kind: chat.PushAPNs, Token: token}, push.Notification{
		Payload: []byte(`{"aps":{}}`), Collapse: "4711", Expires: time.Unix(2_000_000_000, 0),
	})
}

func TestSend(t *testing.T) {
	v := pushtest.Start(t)
	s := open(t, v, nil)
	if r := send(t, s, "aa"); r.Outcome != push.Sent {
		t.Fatalf("%+v", r)
	}
	p := v.Pushes("aa")[0]
	if string(p.Payload) != `{"aps":{}}` || p.Collapse != "4711" || p.Header.Get("apns-expiration") != "2000000000" {
		t.Errorf("%+v", p)
	}
}

// TestTokenIsKept: Apple refuses who makes tokens more often than every 20 minutes, and tokens that
// are older than an hour.
func TestTokenIsKept(t *testing.T) {
	v := pushtest.Start(t)
	var back atomic.Int64 // how far the clock is behind, in minutes
	s := open(t, v, func() time.Time { return time.Now().Add(-time.Duration(back.Load()) * time.Minute) })
	for _, step := range []struct {
		back   int64
		tokens int
	}{{50, 1}, {45, 1}, {11, 1}, {9, 2}, {0, 2}} {
		back.Store(step.back)
		if r := send(t, s, "aa"); r.Outcome != push.Sent {
			t.Fatalf("%+v", r)
		}
		if _, n := v.Tokens(); n != step.tokens {
			t.Errorf("%d minutes before the end: %d tokens, want %d", step.back, n, step.tokens)
		}
	}
}

// TestExpiredTokenIsMadeAnew: once, and not when it was made just before.
func TestExpiredTokenIsMadeAnew(t *testing.T) {
	v := pushtest.Start(t)
	expired := pushtest.Answer{Status: 403, Body: `{"reason":"ExpiredProviderToken"}`}
	var back atomic.Int64
	back.Store(30)
	s := open(t, v, func() time.Time { return time.Now().Add(-time.Duration(back.Load()) * time.Minute) })
	v.Answer("young", expired)
	if r := send(t, s, "young"); r.Outcome != push.Refused || r.Reason != "HTTP 403 ExpiredProviderToken" {
		t.Errorf("just made: %+v", r)
	}
	back.Store(5)
	v.Answer("old", expired, pushtest.Answer{})
	if r := send(t, s, "old"); r.Outcome != push.Sent {
		t.Errorf("made 25 minutes ago: %+v", r)
	}
	if _, n := v.Tokens(); n != 2 {
		t.Errorf("%d tokens, want 2", n)
	}
}

// TestAnswers are Apple's, and what others between may say.
func TestAnswers(t *testing.T) {
	v := pushtest.Start(t)
	s := open(t, v, nil)
	for _, tt := range []struct {
		token  string
		status int
		body   string
		want   push.Outcome
	}{
		{"a1", 410, `{"reason":"Unregistered","timestamp":1700000000000}`, push.Dead},
		{"a2", 400, `{"reason":"BadDeviceToken"}`, push.Dead},
		{"a3", 410, `{"reason":"ExpiredToken"}`, push.Dead},
		{"a4", 400, `{"reason":"DeviceTokenNotForTopic"}`, push.Refused},
		{"a5", 403, `{"reason":"InvalidProviderToken"}`, push.Refused},
		{"a6", 403, `{"reason":"SomethingNew"}`, push.Refused},
		{"a7", 400, `{"reason":"BadCollapseId"}`, push.Bad},
		{"a8", 413, `{"reason":"PayloadTooLarge"}`, push.Bad},
		{"a9", 429, `{"reason":"TooManyRequests"}`, push.Later},
		{"b1", 429, `{"reason":"TooManyProviderTokenUpdates"}`, push.Later},
		{"b2", 500, `{"reason":"InternalServerError"}`, push.Later},
		{"b3", 503, `{"reason":"Shutdown"}`, push.Later},
		{"b4", 404, "<html>a proxy's page</html>", push.Refused},
		{"b5", 410, "gone, says a proxy", push.Refused},
	} {
		v.Answer(tt.token, pushtest.Answer{Status: tt.status, Body: tt.body})
		if r := send(t, s, tt.token); r.Outcome != tt.want || strings.Contains(r.Reason, "proxy") {
			t.Errorf("%d %s: %+v, want %s", tt.status, tt.body, r, tt.want)
		}
	}
}

func TestKeyFiles(t *testing.T) {
	v := pushtest.Start(t)
	account, err := os.ReadFile(v.FCMFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"", "secret", string(account), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"} {
		if _, err := apns.ParseKey([]byte(file)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%.20q: %v", file, err)
		}
	}
}

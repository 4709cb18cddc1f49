package webpush_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/push"
	"parlor/internal/push/webpush"
	"parlor/test/env/pushtest"
)

func open(t *testing.T, v *pushtest.Vendors, private bool) *webpush.Sender {
	t.Helper()
	key, err := webpush.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := webpush.ParseKey(key.Private); err != nil || again != key {
		t.Fatalf("the key %+v is read as %+v: %v", key, again, err)
	}
	return webpush.New(webpush.Options{
		Key: key, Contact: pushtest.Contact, Dial: push.Dial{Roots: v.Roots}, Private: private,
	})
}

func target(t *testing.T, s pushtest.Subscription) chat.PushTarget {
	t.Helper()
	to, err := chat.WebPushTarget(s.Endpoint, s.Keys.P256DH, s.Keys.Auth)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func note(payload []byte) push.Notification {
	return push.Notification{Payload: payload, Collapse: "g7", Expires: time.Now().Add(time.Hour)}
}

// TestSend: what the browser deciphers is what was sent, up to the largest that fits.
func TestSend(t *testing.T) {
	v := pushtest.Start(t)
	s := open(t, v, true)
	to := target(t, v.Subscribe(t, "page"))
	for _, size := range []int{0, 1, 100, webpush.MaxPayload} {
		payload := bytes.Repeat([]byte("x"), size)
		if r := s.Send(t.Context(), to, note(payload)); r.Outcome != push.Sent {
			t.Fatalf("%d bytes: %+v", size, r)
		}
		list := v.Pushes("page")
		if got := list[len(list)-1]; !bytes.Equal(got.Payload, payload) || got.Header.Get("Urgency") != "high" || got.Collapse == "" {
			t.Errorf("%d bytes: %.40q, headers %v", size, got.Payload, got.Header)
		}
	}
	if r := s.Send(t.Context(), to, note(bytes.Repeat([]byte("x"), webpush.MaxPayload+1))); r.Outcome != push.Bad {
		t.Errorf("a byte too many: %+v", r)
	}
}

func TestAnswers(t *testing.T) {
	v := pushtest.Start(t)
	s := open(t, v, true)
	to := target(t, v.Subscribe(t, "page"))
	for status, want := range map[int]push.Outcome{
		200: push.Sent, 202: push.Sent, 404: push.Dead, 410: push.Dead, 429: push.Later, 500: push.Later, 503: push.Later,
		401: push.Refused, 403: push.Refused, 400: push.Bad, 413: push.Bad, 302: push.Bad,
	} {
		v.Answer("page", pushtest.Answer{Status: status, Body: "words"})
		if r := s.Send(t.Context(), to, note([]byte("x"))); r.Outcome != want {
			t.Errorf("%d: %+v, want %s", status, r, want)
		}
	}
}

// TestPrivateNetworks: a subscription is a client's word. None makes the server call its own
// network, by whichever name.
func TestPrivateNetworks(t *testing.T) {
	v := pushtest.Start(t)
	s := open(t, v, false)
	sub := v.Subscribe(t, "page")
	port := sub.Endpoint[strings.LastIndex(v.URL, ":"):]
	for _, host := range []string{
		"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
		"[fe80::1]", "[fc00::1]", "[64:ff9b::7f00:1]", "0.0.0.0", "2130706433",
	} {
		for _, at := range []string{port, ":443/x"} {
			sub.Endpoint = "https://" + host + at
			r := s.Send(t.Context(), target(t, sub), note([]byte("x")))
			if r.Outcome == push.Sent || strings.Contains(r.Reason, "/web/") {
				t.Errorf("%s: %+v", sub.Endpoint, r)
			}
		}
	}
	if n := len(v.Pushes("")); n != 0 {
		t.Errorf("%d notifications came into the private network", n)
	}
}

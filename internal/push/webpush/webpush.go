// Package webpush sends push notifications to browsers, through whichever service a browser's
// subscription names (RFC 8030), enciphered for the browser (RFC 8291) and signed by our VAPID key
// (RFC 8292). Subscriptions come from clients, so no address is called that lies in a private
// network.
package webpush

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"code.dny.dev/ssrf"
	vapid "github.com/SherClockHolmes/webpush-go"

	"parlor/internal/chat"
	"parlor/internal/push"
)

// MaxPayload is how many bytes fit into the one record that services have to take.
const MaxPayload = 3993

// Options are what a Sender needs.
type Options struct {
	Key     Key
	Contact string // whom services ask if something is wrong: mailto: or https:
	Dial    push.Dial
	Private bool             // addresses in private networks may be called
	Now     func() time.Time // the clock; nil means time.Now
}

// Key is a VAPID key, in base64url: subscriptions are made with the public one.
type Key struct{ Private, Public string }

// NewKey returns a key that nobody has.
func NewKey() (Key, error) {
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, err
	}
	return keyOf(k), nil
}

// ParseKey reads a private key.
func ParseKey(private string) (Key, error) {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(private, "="))
	if err == nil {
		var k *ecdh.PrivateKey
		if k, err = ecdh.P256().NewPrivateKey(b); err == nil {
			return keyOf(k), nil
		}
	}
	return Key{}, errors.New("want 32 bytes in base64url, as `parlor push vapid-key` makes them")
}

func keyOf(k *ecdh.PrivateKey) Key {
	text := base64.RawURLEncoding.EncodeToString
	return Key{Private: text(k.Bytes()), Public: text(k.PublicKey().Bytes())}
}

// Sender sends to browsers.
type Sender struct {
	o      Options
	client *http.Client
}

var _ push.Sender = (*Sender)(nil)

// New returns a Sender.
func New(o Options) *Sender {
	if o.Now == nil {
		o.Now = time.Now
	}
	// A proxy would look names up by itself, out of the guard's sight.
	o.Dial.Direct = true
	if !o.Private {
		o.Dial.Control = ssrf.New(ssrf.WithPorts(443)).Safe
	}
	return &Sender{o: o, client: o.Dial.Client()}
}

// Send hands a notification to the service of a browser.
func (s *Sender) Send(ctx context.Context, to chat.PushTarget, n push.Notification) push.Result {
	ctx, cancel := context.WithTimeout(ctx, push.Timeout)
	defer cancel()
	resp, err := vapid.SendNotificationWithContext(ctx, n.Payload,
		&vapid.Subscription{Endpoint: to.Token, Keys: vapid.Keys{P256dh: to.P256DH, Auth: to.Auth}},
		&vapid.Options{
			HTTPClient: s.client, Topic: topic(n.Collapse), Urgency: vapid.UrgencyHigh,
			TTL:             max(int(n.Expires.Sub(s.o.Now()).Seconds()), 0),
			Subscriber:      strings.TrimPrefix(s.o.Contact, "mailto:"), // which it puts in front
			VAPIDPublicKey:  s.o.Key.Public,
			VAPIDPrivateKey: s.o.Key.Private,
		})
	switch {
	case errors.Is(err, vapid.ErrMaxPadExceeded):
		return push.Result{Outcome: push.Bad, Reason: "the payload is too large"}
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort), errors.Is(err, ssrf.ErrProhibitedNetwork):
		return push.Result{Outcome: push.Dead, Reason: "the subscription names an address in a private network"}
	case err != nil:
		return push.Unreached(err)
	}
	defer resp.Body.Close()
	push.Body(resp) // which has nothing that the status does not say
	result := classify(resp.StatusCode)
	result.After = push.RetryAfter(resp.Header, s.o.Now())
	return result
}

// topic makes what services take as a topic, at most 32 characters of base64url.
func topic(collapse string) string {
	if collapse == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(collapse))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

// classify says what a status means.
func classify(status int) push.Result {
	r := push.Result{Outcome: push.Bad, Reason: fmt.Sprintf("HTTP %d", status)}
	switch {
	case status >= http.StatusOK && status < http.StatusMultipleChoices:
		return push.Result{Outcome: push.Sent}
	case status == http.StatusNotFound, status == http.StatusGone:
		r.Outcome = push.Dead
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError, status == http.StatusRequestTimeout:
		r.Outcome = push.Later
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		r.Outcome = push.Refused
	}
	return r
}

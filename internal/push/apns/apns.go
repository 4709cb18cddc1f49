// Package apns sends push notifications to iOS devices through Apple's service, with tokens that
// are signed by a .p8 key.
package apns

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"net/http"
	"strconv"
	"time"

	"parlor/internal/chat"
	"parlor/internal/push"
)

// Where APNs is.
const (
	DefaultURL        = "https://api.push.apple.com"
	DefaultSandboxURL = "https://api.sandbox.push.apple.com"
)

// Options are what a Sender needs.
type Options struct {
	Key   *ecdsa.PrivateKey
	KeyID string // of the key, ten characters
	Team  string // whose key it is, ten characters
	Topic string // the app's bundle id
	URL   string // of APNs and its sandbox, or of what stands in for both; "" are the defaults
	Dial  push.Dial
	Now   func() time.Time // the clock; nil means time.Now
}

// Sender sends through APNs.
type Sender struct {
	client       *http.Client
	url, sandbox string
	topic        string
	now          func() time.Time
	tokens       tokens
}

var _ push.Sender = (*Sender)(nil)

// New returns a Sender.
func New(o Options) *Sender {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Sender{
		client: o.Dial.Client(), url: DefaultURL, sandbox: DefaultSandboxURL, topic: o.Topic, now: o.Now,
		tokens: tokens{key: o.Key, keyID: o.KeyID, team: o.Team, now: o.Now},
	}
	if o.URL != "" {
		s.url, s.sandbox = o.URL, o.URL
	}
	return s
}

// Send hands a notification to APNs. A token that has expired there, since clocks differ, is made
// anew once.
func (s *Sender) Send(ctx context.Context, to chat.PushTarget, n push.Notification) push.Result {
	ctx, cancel := context.WithTimeout(ctx, push.Timeout)
	defer cancel()
	token, err := s.tokens.get("")
	if err != nil {
		return push.Result{Outcome: push.Refused, Reason: "no token could be signed"}
	}
	result, expired := s.post(ctx, token, to, n)
	if !expired {
		return result
	}
	fresh, err := s.tokens.get(token)
	if err != nil || fresh == token {
		return result
	}
	result, _ = s.post(ctx, fresh, to, n)
	return result
}

// post makes one call. expired says that Apple takes the token for too old.
func (s *Sender) post(
	ctx context.Context, token string, to chat.PushTarget, n push.Notification,
) (result push.Result, expired bool) {
	host := s.url
	if to.Kind == chat.PushAPNsSandbox {
		host = s.sandbox
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, host+"/3/device/"+to.Token, bytes.NewReader(n.Payload))
	if err != nil {
		return push.Result{Outcome: push.Refused, Reason: "the address of APNs is not valid"}, false
	}
	for name, value := range map[string]string{
		"authorization": "bearer " + token, "apns-topic": s.topic, "apns-push-type": "alert", "apns-priority": "10",
		"apns-collapse-id": n.Collapse, "apns-expiration": strconv.FormatInt(n.Expires.Unix(), 10),
		"content-type": "application/json",
	} {
		req.Header.Set(name, value)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return push.Unreached(err), false
	}
	defer resp.Body.Close()
	answer := push.Body(resp)
	if resp.StatusCode == http.StatusOK {
		return push.Result{Outcome: push.Sent}, false
	}
	reason := reasonOf(answer)
	result = classify(resp.StatusCode, reason)
	result.After = push.RetryAfter(resp.Header, s.now())
	return result, reason == "ExpiredProviderToken"
}

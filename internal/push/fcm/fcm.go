// Package fcm sends push notifications to Android devices through Firebase Cloud Messaging, by
// its HTTP v1 API.
package fcm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/oauth2"

	"parlor/internal/chat"
	"parlor/internal/push"
)

// DefaultURL is where FCM is.
const DefaultURL = "https://fcm.googleapis.com"

// Options are what a Sender needs.
type Options struct {
	Account Account
	URL     string           // of FCM, or of what stands in for it; "" is DefaultURL
	Dial    push.Dial        // of FCM and of where tokens are given
	Now     func() time.Time // the clock; nil means time.Now
}

// Sender sends through FCM.
type Sender struct {
	client *http.Client
	url    string
	now    func() time.Time
	tokens tokens
}

var _ push.Sender = (*Sender)(nil)

// New returns a Sender, or says what is wrong with the account's key.
func New(o Options) (*Sender, error) {
	if o.URL == "" {
		o.URL = DefaultURL
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := checkKey(o.Account.config.PrivateKey); err != nil {
		return nil, err
	}
	client := o.Dial.Client()
	return &Sender{
		client: client, url: o.URL + "/v1/projects/" + url.PathEscape(o.Account.Project) + "/messages:send",
		now: o.Now, tokens: tokens{config: o.Account.config, client: client},
	}, nil
}

// message is what FCM takes: data alone, which the app itself shows.
type message struct {
	Message struct {
		Token   string          `json:"token"`
		Data    json.RawMessage `json:"data"`
		Android android         `json:"android"`
	} `json:"message"`
}

type android struct {
	Priority    string `json:"priority"`
	TTL         string `json:"ttl"` // seconds, with an s
	CollapseKey string `json:"collapse_key,omitempty"`
}

// Send hands a notification to FCM. A token that FCM refuses is renewed once.
func (s *Sender) Send(ctx context.Context, to chat.PushTarget, n push.Notification) push.Result {
	ctx, cancel := context.WithTimeout(ctx, push.Timeout)
	defer cancel()
	var m message
	m.Message.Token, m.Message.Data = to.Token, n.Payload
	ttl := max(int64(n.Expires.Sub(s.now()).Seconds()), 0)
	m.Message.Android = android{Priority: "HIGH", TTL: strconv.FormatInt(ttl, 10) + "s", CollapseKey: n.Collapse}
	body, err := json.Marshal(m)
	if err != nil {
		return push.Result{Outcome: push.Bad, Reason: "the payload is no JSON"}
	}
	token, err := s.tokens.get(ctx, "")
	if err != nil {
		return noToken(err)
	}
	result, again := s.post(ctx, token, body)
	if again {
		if token, err = s.tokens.get(ctx, token); err != nil {
			return noToken(err)
		}
		result, _ = s.post(ctx, token, body)
	}
	return result
}

// post makes one call. again says that the token was refused.
func (s *Sender) post(ctx context.Context, token string, body []byte) (result push.Result, again bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return push.Result{Outcome: push.Refused, Reason: "the address of FCM is not valid"}, false
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return push.Unreached(err), false
	}
	defer resp.Body.Close()
	answer := push.Body(resp)
	if resp.StatusCode == http.StatusOK {
		return push.Result{Outcome: push.Sent}, false
	}
	result = classify(resp.StatusCode, answer)
	result.After = push.RetryAfter(resp.Header, s.now())
	return result, resp.StatusCode == http.StatusUnauthorized
}

// noToken is the result where no token was given: Google does not know the account, or was not
// reached.
func noToken(err error) push.Result {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return push.Unreached(err)
	}
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(refused.Body, &said) // what is no answer of Google's has no word
	status := refused.Response.StatusCode
	r := push.Result{
		Outcome: push.Refused,
		Reason:  push.Word(fmt.Sprintf("no token for the service account: HTTP %d %s", status, said.Error)),
	}
	if status == http.StatusTooManyRequests || status >= http.StatusInternalServerError {
		r.Outcome = push.Later
	}
	return r
}

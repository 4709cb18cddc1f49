package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// webhookTolerance is how far the time of a webhook's call may be from ours.
const webhookTolerance = 5 * time.Minute

// What VerifyWebhook finds wrong.
var (
	// ErrWebhookSecret is of a secret that is none: it is whsec_ and base64.
	ErrWebhookSecret = errors.New("client: this is no secret of a webhook")
	// ErrWebhookTime is of a call whose time is missing, or more than five minutes away. Somebody may
	// be repeating it, or one of the two clocks is wrong.
	ErrWebhookTime = errors.New("client: the call of the webhook was not made just now")
	// ErrWebhookSignature is of a call that was not signed with the secret, or was changed since.
	ErrWebhookSignature = errors.New("client: the call of the webhook is not signed with this secret")
)

// VerifyWebhook says why a call that came in is not one that Parlor has made for a webhook just now, nil if it
// is. The body is that of the request as it came: verify it before it is decoded. While receivers change over
// to another secret, both are valid for a day.
func VerifyWebhook(secret string, h http.Header, body []byte) error {
	return VerifyWebhookAt(secret, h, body, time.Now())
}

// VerifyWebhookAt is VerifyWebhook at another time than now, for calls that were kept.
func VerifyWebhookAt(secret string, h http.Header, body []byte, now time.Time) error {
	text, prefixed := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(text)
	if !prefixed || err != nil || len(key) == 0 {
		return ErrWebhookSecret
	}
	at := h.Get("Webhook-Timestamp")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > webhookTolerance {
		return ErrWebhookTime
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(h.Get("Webhook-Id") + "." + at + "."))
	mac.Write(body)
	want := mac.Sum(nil)
	for one := range strings.FieldsSeq(h.Get("Webhook-Signature")) {
		version, signature, _ := strings.Cut(one, ",")
		got, err := base64.StdEncoding.DecodeString(signature)
		if version == "v1" && err == nil && hmac.Equal(got, want) {
			return nil
		}
	}
	return ErrWebhookSignature
}

// DecodeWebhook reads the body of a webhook's call: its event or, of a batch, its events.
func DecodeWebhook(body []byte) ([]FeedEvent, error) {
	var call struct {
		FeedEvent
		Events []FeedEvent `json:"events"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return nil, err
	}
	switch {
	case call.Events != nil:
		return call.Events, nil
	case call.ID == "":
		return nil, errors.New("client: the body is no event of a webhook")
	}
	return []FeedEvent{call.FeedEvent}, nil
}

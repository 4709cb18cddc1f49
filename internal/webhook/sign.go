package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"parlor/internal/chat"
)

// The headers of a call, as in Standard Webhooks.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

const (
	secretPrefix = "whsec_"
	newSecret    = 32 // bytes
	minSecret    = 24
	maxSecret    = 64
)

// NewSecret makes a secret to sign with.
func NewSecret() string {
	b := make([]byte, newSecret)
	_, _ = rand.Read(b) // it never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(b)
}

// errSecret says what a secret looks like.
var errSecret = errors.New("a secret is whsec_ and 24 to 64 bytes in base64")

// ParseSecret returns the key of a secret.
func ParseSecret(secret string) ([]byte, error) {
	text, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < minSecret || len(key) > maxSecret {
		return nil, errSecret
	}
	return key, nil
}

// Sign returns the signature header of a call: one signature for each secret that is valid, with a
// space between them.
func Sign(secrets []chat.WebhookSecret, id string, at time.Time, body []byte) (string, error) {
	var list []string
	for _, s := range secrets {
		if s.Until > 0 && s.Until <= at.UnixMilli() {
			continue
		}
		key, err := ParseSecret(s.Secret)
		if err != nil {
			return "", err
		}
		list = append(list, "v1,"+base64.StdEncoding.EncodeToString(mac(key, id, at.Unix(), body)))
	}
	return strings.Join(list, " "), nil
}

// mac is over the id, the time in Unix seconds and the body.
func mac(key []byte, id string, seconds int64, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + strconv.FormatInt(seconds, 10) + "."))
	h.Write(body)
	return h.Sum(nil)
}

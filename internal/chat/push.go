package chat

import (
	"crypto/ecdh"
	"encoding/base64"
	"net/url"
	"strings"
)

// PushKind says whose service brings push notifications to a device.
type PushKind string

// The kinds, as they are stored.
const (
	PushFCM         PushKind = "fcm"
	PushAPNs        PushKind = "apns"
	PushAPNsSandbox PushKind = "apns-sandbox" // of apps that run from Xcode
	PushWeb         PushKind = "webpush"
)

// PushTarget is by what a vendor knows a device. Whoever has one may be able to write to the
// device, so none is ever logged.
type PushTarget struct {
	Kind  PushKind
	Token string // the device's, or the address of a browser's subscription
	// Of a browser, the keys for which is enciphered, in base64url.
	P256DH, Auth string
}

// PushDevice is the push target of a login.
type PushDevice struct {
	App    AppID
	User   UserID
	Login  LoginID
	Device string // the device's own id, "" when it gave none
	Target PushTarget
}

// Bounds of what devices register.
const (
	MaxPushToken = 4096 // bytes
	MaxEndpoint  = 2048 // bytes of a subscription's address
)

// FCMTarget is the target of a token that FCM gave to an app.
func FCMTarget(token string) (PushTarget, error) {
	if len(token) > MaxPushToken {
		return PushTarget{}, Invalid("fcmToken", "must have at most %d bytes", MaxPushToken)
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return PushTarget{}, Invalid("fcmToken", "must be a token as FCM gives it")
	}
	return PushTarget{Kind: PushFCM, Token: token}, nil
}

// The hexadecimal digits that a device token of APNs may have.
const (
	minAPNsToken = 32
	maxAPNsToken = 200
)

// APNsTarget is the target of a device token of APNs, in hexadecimal digits; what iOS itself
// shows of one, with <, > and spaces, is understood, too.
func APNsTarget(token string, sandbox bool) (PushTarget, error) {
	token = strings.ToLower(strings.NewReplacer("<", "", ">", "", " ", "").Replace(token))
	notHex := func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }
	if len(token) < minAPNsToken || len(token) > maxAPNsToken || strings.ContainsFunc(token, notHex) {
		return PushTarget{}, Invalid("apnToken", "must be %d to %d hexadecimal digits", minAPNsToken, maxAPNsToken)
	}
	if sandbox {
		return PushTarget{Kind: PushAPNsSandbox, Token: token}, nil
	}
	return PushTarget{Kind: PushAPNs, Token: token}, nil
}

// WebPushTarget is the target of a browser's PushSubscription: its endpoint and its two keys.
func WebPushTarget(endpoint, p256dh, auth string) (PushTarget, error) {
	u, err := url.Parse(endpoint)
	if len(endpoint) > MaxEndpoint || err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return PushTarget{}, Invalid("endpoint", "must be the https address of a subscription, of at most %d bytes", MaxEndpoint)
	}
	point, err := unpadded(p256dh)
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(point)
	}
	if err != nil {
		return PushTarget{}, Invalid("keys.p256dh", "must be a subscription's public key in base64url")
	}
	secret, err := unpadded(auth)
	if err != nil || len(secret) != authSecret {
		return PushTarget{}, Invalid("keys.auth", "must be a subscription's secret of %d bytes in base64url", authSecret)
	}
	return PushTarget{
		Kind: PushWeb, Token: endpoint,
		P256DH: base64.RawURLEncoding.EncodeToString(point), Auth: base64.RawURLEncoding.EncodeToString(secret),
	}, nil
}

// authSecret is how many bytes a subscription's secret has.
const authSecret = 16

// unpadded reads base64url with or without padding.
func unpadded(s string) ([]byte, error) {
	if len(s) > 200 {
		s = "" // far more than any key has
	}
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
}

// The kinds of jobs that send push notifications.
const (
	// JobPushMessage finds out who is to be notified of the message that it is about.
	JobPushMessage JobKind = "push.message"
	// JobPushSend notifies some users of it.
	JobPushSend JobKind = "push.send"
)

// PushDelay is how long after its commit people are notified of a message, in ms: devices that are
// connected have it by then.
const PushDelay = 1000

// Notifies reports whether people are sent push notifications of the message.
func (m *Message) Notifies() bool { return !m.Hidden && !m.Withheld && m.Type != SystemMessage }

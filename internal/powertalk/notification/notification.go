// Package notification makes the payloads of push notifications out of messages, as the SDKs
// expect them (docs/protocol.md, "Push notifications"). The words that a person is shown are
// plain, the message in it is enciphered like everywhere else.
package notification

import (
	"encoding/json"
	"errors"
	"unicode/utf8"

	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/powertalk/wire"
	"parlor/internal/push"
	"parlor/internal/push/webpush"
)

// identifier marks notifications for the SDKs: they pass over all others.
const identifier = "io.taptalk.TapTalk"

// untold is what is shown of a text that cannot be opened: some devices seal what they like.
const untold = "New message"

// ErrTooLarge says that a message cannot be cut to what a vendor takes.
var ErrTooLarge = errors.New("the message is too large for a notification")

// Notification is a message for one recipient.
type Notification struct {
	View  chat.MessageView // as the recipient sees it
	Badge int64            // how many messages the recipient has not read
}

// Payload is what a device of that kind gets, cut to what its vendor takes.
func (n Notification) Payload(kind chat.PushKind) ([]byte, error) {
	switch kind {
	case chat.PushAPNs, chat.PushAPNsSandbox:
		return n.forAPNs()
	case chat.PushWeb:
		return n.forWeb()
	}
	return n.forFCM()
}

// fcmMargin is left for what FCM counts besides keys and values.
const fcmMargin = 96

// forFCM is data alone: the SDK shows the notification by itself. Without a message it cannot.
func (n Notification) forFCM() ([]byte, error) {
	const overhead = len("identifier") + len(identifier) + len("body") + fcmMargin
	for cut := newCutter(n.View); ; {
		message := wire.Message(&cut.view)
		if excess := overhead + len(message) - push.MaxPayload; excess > 0 {
			if !cut.shorten(excess) {
				return nil, ErrTooLarge
			}
			continue
		}
		return json.Marshal(map[string]string{"identifier": identifier, "body": string(message)})
	}
}

// alert is what iOS shows.
type alert struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// aps is Apple's own part of a payload.
type aps struct {
	Alert            alert  `json:"alert"`
	Badge            int64  `json:"badge"`
	Sound            string `json:"sound"`
	ThreadID         string `json:"thread-id"` // notifications of a room lie on one pile
	ContentAvailable int    `json:"content-available"`
}

// forAPNs is an alert and the message. One that cannot be cut far enough is left out: then a tap
// opens the app and not the room.
func (n Notification) forAPNs() ([]byte, error) {
	title, body := n.words()
	type data struct {
		Message json.RawMessage `json:"message,omitempty"`
	}
	payload := struct {
		APS  aps  `json:"aps"`
		Data data `json:"data"`
	}{APS: aps{
		Alert: alert{title, body}, Badge: n.Badge, Sound: "default", ThreadID: n.View.Room.PublicID(), ContentAvailable: 1,
	}}
	return fit(newCutter(n.View), push.MaxPayload, func(message []byte) ([]byte, error) {
		payload.Data.Message = message
		return json.Marshal(payload)
	})
}

// forWeb is everything that a page's service worker needs to show a notification, and the message.
func (n Notification) forWeb() ([]byte, error) {
	title, body := n.words()
	payload := struct {
		Title   string          `json:"title"`
		Body    string          `json:"body"`
		RoomID  string          `json:"roomID"`
		Badge   int64           `json:"badge"`
		Message json.RawMessage `json:"message,omitempty"`
	}{Title: title, Body: body, RoomID: n.View.Room.PublicID(), Badge: n.Badge}
	return fit(newCutter(n.View), webpush.MaxPayload, func(message []byte) ([]byte, error) {
		payload.Message = message
		return json.Marshal(payload)
	})
}

// fit cuts a message until what is made with it has no more than limit bytes, or leaves it out.
func fit(cut *cutter, limit int, payload func(message []byte) ([]byte, error)) ([]byte, error) {
	for {
		b, err := payload(wire.Message(&cut.view))
		if err != nil || len(b) <= limit {
			return b, err
		}
		if !cut.shorten(len(b) - limit) {
			break
		}
	}
	b, err := payload(nil)
	if err == nil && len(b) > limit {
		err = ErrTooLarge
	}
	return b, err
}

// Bounds of what is shown, in characters. Screens show less.
const (
	maxTitle = 80
	maxShown = 240
)

// words are the title and the text of a notification, plain.
func (n Notification) words() (title, body string) {
	body = plainBody(n.View.Message)
	title = n.View.Sender.Fullname
	if n.View.Room.Type != chat.Personal && n.View.Room.Name != "" {
		title, body = n.View.Room.Name, title+": "+body
	}
	return clip(title, maxTitle), clip(body, maxShown)
}

// plainBody opens a message's text.
func plainBody(m *chat.Message) string {
	key, err := cipher.NewKey(m.LocalID)
	if err != nil {
		return untold
	}
	if body, err := key.Open(string(m.Body)); err == nil && body != "" {
		return body
	}
	return untold
}

// clip cuts a text to at most limit characters, of which the last then says so.
func clip(s string, limit int) string {
	chars := 0
	for i, r := range s {
		if chars++; chars == limit && i+utf8.RuneLen(r) < len(s) {
			return s[:i] + "…"
		}
	}
	return s
}

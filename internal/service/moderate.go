package service

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/webhook"
)

// hookAge is for how long a node goes on with a hook that another one has changed.
const hookAge = time.Second

// Question is what a before-hook is asked about: a message as a device has written it, with its texts
// in plain.
type Question struct {
	ID       string
	Updating bool // it is an edit of a message that is there
	At       int64
	RoomID   string
	User     *chat.User
	LocalID  string
	Type     chat.MessageType
	Body     string
	Data     string
	// Not of an edit, which leaves them as they are:
	Quote   chat.Quote // its content is plain
	ReplyTo chat.Reference
	Forward chat.Reference
}

// Moderation is how before-hooks are asked.
type Moderation struct {
	Asker *webhook.Asker
	// Encode writes a question as targets read it.
	Encode func(*Question) []byte
	Log    *slog.Logger
}

// moderator asks before-hooks. Its zero value asks none.
type moderator struct {
	Moderation

	mu   sync.Mutex
	kept map[chat.AppID]keptHook
}

type keptHook struct {
	hook   chat.BeforeHook
	is     bool
	readAt time.Time
}

// What a target may decide.
const (
	actionAllow  = "allow"
	actionRefuse = "refuse"
	actionChange = "change"
)

// decision is what a target answers.
type decision struct {
	Action string  `json:"action"`
	Reason string  `json:"reason"`
	Body   *string `json:"body"`
	Data   *string `json:"data"`
}

// maxReason bounds what a sender is told, in characters.
const maxReason = 500

// hook finds the App's before-hook, as it was a moment ago.
func (c *core) hook(ctx context.Context, app chat.AppID) (h chat.BeforeHook, ok bool, err error) {
	m := c.moderator
	if m.Asker == nil {
		return h, false, nil
	}
	m.mu.Lock()
	kept, known := m.kept[app]
	m.mu.Unlock()
	if known && time.Since(kept.readAt) < hookAge {
		return kept.hook, kept.is, nil
	}
	if h, ok, err = c.store.BeforeHook(ctx, app); err != nil {
		return h, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) >= maxKeptKeys {
		clear(m.kept)
	}
	m.kept[app] = keptHook{h, ok, time.Now()}
	return h, ok, nil
}

// moderated has the App's before-hook, if there is one, look at what the member is about to say: it may
// refuse it or have it say something else.
func (me Member) moderated(ctx context.Context, d Draft, updating bool) (Draft, error) {
	h, ok, err := me.hook(ctx, me.App.ID)
	if err != nil || !ok {
		return d, err
	}
	key, err := me.dialect.Cipher(d.LocalID)
	if err != nil {
		return d, err
	}
	q := Question{ID: "ask_" + rand.Text(), Updating: updating, At: me.now().UnixMilli(), RoomID: d.RoomID, LocalID: d.LocalID, Type: d.Type}
	if _, q.Body, err = sealedBody(key, d.Body); err != nil {
		return d, err
	}
	if _, q.Data, err = sealedData(key, d.Data); err != nil {
		return d, err
	}
	if !updating {
		q.Quote, q.ReplyTo, q.Forward = d.Quote, d.ReplyTo, d.Forward
		if plain, err := key.Open(d.Quote.Content); err == nil { // what does not decipher nobody reads
			q.Quote.Content = chat.Sealed(plain)
		}
	}
	if q.User, err = me.store.User(ctx, me.App.ID, me.User); err != nil {
		return d, err
	}
	answer, err := me.moderator.Asker.Ask(ctx, &h, q.ID, me.moderator.Encode(&q))
	var is decision
	if err == nil {
		is, err = parseDecision(answer)
	}
	if err != nil {
		me.moderator.Log.Warn("a message could not be shown to the before-hook", "app", int64(me.App.ID), "stored", !h.Strict, "error", err)
		if h.Strict {
			return d, chat.Errorf(chat.CodeUnavailable, "The message could not be checked, and is not stored; send it again")
		}
		return d, nil
	}
	return is.apply(d, key)
}

// sentBefore finds a message of the member's that is stored already where a before-hook would be asked about it: what
// was allowed once is not asked about again.
func (me Member) sentBefore(ctx context.Context, localID string) (m chat.Message, ok bool, err error) {
	if _, ok, err := me.hook(ctx, me.App.ID); err != nil || !ok {
		return m, false, err
	}
	m, err = me.store.MessageByLocalID(ctx, me.App.ID, localID)
	if chat.CodeOf(err) == chat.CodeNotFound {
		return m, false, nil
	}
	return m, err == nil && m.Sender == me.User && m.Type != chat.SystemMessage, err
}

// parseDecision reads an answer. One that says anything but what is known is an error: a target that meant to refuse
// must not be taken for one that allows.
func parseDecision(answer []byte) (is decision, err error) {
	if answer = bytes.TrimSpace(answer); len(answer) == 0 || string(answer) == "{}" {
		return decision{Action: actionAllow}, nil
	}
	if err := json.Unmarshal(answer, &is); err != nil {
		return is, err
	}
	switch is.Action {
	case actionAllow, actionRefuse, actionChange:
		return is, nil
	}
	return is, fmt.Errorf("the action is %.40q, want %s, %s or %s", is.Action, actionAllow, actionRefuse, actionChange)
}

// apply does what a target has decided.
func (is decision) apply(d Draft, key Cipher) (Draft, error) {
	switch is.Action {
	case actionRefuse:
		reason := is.Reason
		if reason == "" || chat.Text("reason", reason, 1, maxReason) != nil {
			reason = "The message was refused"
		}
		return d, &chat.Error{Code: chat.CodeForbidden, Message: reason}
	case actionChange:
		if is.Body != nil {
			d.Body = key.Seal(*is.Body)
		}
		if is.Data != nil {
			d.Data = key.Seal(*is.Data)
		}
	}
	return d, nil
}

// BeforeHook is the App's; ok is false where it has none.
func (b Backend) BeforeHook(ctx context.Context) (h chat.BeforeHook, ok bool, err error) {
	return b.store.BeforeHook(ctx, b.app.ID)
}

// SetBeforeHook has an address asked before a device's message is stored, within a second on every
// node. The secret is made here, a new one each time.
func (b Backend) SetBeforeHook(ctx context.Context, h chat.BeforeHook) (chat.BeforeHook, error) {
	if err := webhook.ValidateURL(h.URL, b.webhookPrivate); err != nil {
		return h, chat.Invalid("url", "%v", err)
	}
	h.App, h.Secret = b.app.ID, webhook.NewSecret()
	return h, b.store.SetBeforeHook(ctx, b.app.ID, &h)
}

// DeleteBeforeHook has nobody asked any more.
func (b Backend) DeleteBeforeHook(ctx context.Context) error {
	return b.store.SetBeforeHook(ctx, b.app.ID, nil)
}

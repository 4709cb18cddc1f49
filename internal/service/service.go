// Package service holds Parlor's rules: who may do what, in which order, and what is
// written along with it. Edges translate to and from it, the store keeps what it decides.
//
// It has a door, a type, for each kind of caller: Backend for a server key,
// Member for a signed-in user, Guest for a device that shows no more than its app's key.
// Service itself opens the doors, and holds what operators do and what nobody asks for.
// A rule that holds behind several doors is an unexported function below them.
package service

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/picture"
	"parlor/internal/store"
)

// Service applies the rules to what is in a store. It is safe for concurrent use.
type Service struct {
	core
	keys keyCache
}

// Lifetimes is how long what is handed out at a sign-in is good for.
type Lifetimes struct {
	Ticket, Access, Refresh time.Duration
}

// DefaultLifetimes are those of a server that nobody configured.
func DefaultLifetimes() Lifetimes {
	return Lifetimes{Ticket: time.Hour, Access: 24 * time.Hour, Refresh: 60 * 24 * time.Hour}
}

// Options are what a Service is given besides its store.
type Options struct {
	Now       func() time.Time // the clock; nil means time.Now
	Lifetimes Lifetimes        // zero means DefaultLifetimes
	Live      Live             // nil means that nobody is connected
	CatchUp   device.Limits    // zero means device.DefaultLimits
	// WebPushKey is the public key with which browsers subscribe, "" where none can.
	WebPushKey string
	Files      Files // zero means that none are kept
	// PictureRefused, if set, is told of each upload of which no small picture could be made.
	PictureRefused func(picture.Refusal)
	// Freed, if set, is told of what rules of retention have removed.
	Freed func(chat.Freed)
	// WebhookPrivate lets webhooks be in private networks.
	WebhookPrivate bool
	// Search is the index of messages; nil is none. SearchOff, if set, says to those who search why it is not used.
	Search    *store.SearchIndex
	SearchOff string
	// Moderation is how before-hooks are asked; zero asks none.
	Moderation Moderation
}

// New returns a Service over st whose devices speak d.
func New(st *store.Store, d Dialect, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Lifetimes == (Lifetimes{}) {
		o.Lifetimes = DefaultLifetimes()
	}
	if o.Live == nil {
		o.Live = nobody{}
	}
	if o.Freed == nil {
		o.Freed = func(chat.Freed) {}
	}
	return &Service{
		core: core{
			store: st, now: o.Now, dialect: d, lifetimes: o.Lifetimes, live: o.Live,
			devices: device.New(st, o.Live, o.CatchUp), receipts: newShares(receiptShare), webPush: o.WebPushKey,
			files: o.Files, freed: o.Freed, pictures: picture.NewWorkshop(o.PictureRefused),
			feed: newFeedWatch(), search: newSearcher(o.Search, o.SearchOff), webhookPrivate: o.WebhookPrivate,
			moderator: &moderator{Moderation: o.Moderation, kept: map[chat.AppID]keptHook{}},
		},
		keys: keyCache{kept: map[string]keptKey{}},
	}
}

// Ready says whether requests can be served, durable writes included.
func (s *Service) Ready(ctx context.Context) error { return s.store.Health(ctx) }

// Backend is the door of app's own server, which whoever has shown a server key may use.
func (s *Service) Backend(app chat.App) Backend { return Backend{&s.core, app} }

// Member is the door of the signed-in user that AuthenticateDevice has found.
func (s *Service) Member(c chat.Caller) Member { return Member{&s.core, c} }

// Guest is the door of whoever has shown no more than an app key of app.
func (s *Service) Guest(app chat.App) Guest { return Guest{&s.core, app} }

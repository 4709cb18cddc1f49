// Package courier sends people push notifications of messages: it decides who gets one, makes it
// and hands it to the senders.
package courier

import (
	"context"
	"log/slog"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/powertalk/notification"
	"parlor/internal/push"
	"parlor/internal/store"
	"parlor/internal/view"
)

// Options are what a Courier works with.
type Options struct {
	Store   *store.Store
	Senders push.Senders
	Now     func() time.Time // the clock; nil means time.Now

	// What the jobs need, and trials do not.
	Sessions device.Sessions
	Log      *slog.Logger
	Observe  func(chat.PushKind, push.Outcome) // is told of each device
}

// Courier sends push notifications. It is safe for concurrent use.
type Courier struct {
	o      Options
	views  *view.Loader
	pauses pauses
}

// New returns a Courier.
func New(o Options) *Courier {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Courier{o: o, views: view.NewLoader(o.Store), pauses: pauses{until: map[paused]time.Time{}}}
}

// keep is how long a vendor keeps a notification for a device that is away.
const keep = 7 * 24 * time.Hour

// make makes the notification of a message for one device of its viewer.
func (c *Courier) make(
	ctx context.Context, v chat.MessageView, viewer *chat.User, kind chat.PushKind,
) (n push.Notification, err error) {
	shown := notification.Notification{View: v}
	if kind != chat.PushFCM { // Android counts by itself
		if shown.Badge, err = c.o.Store.UnreadCount(ctx, viewer); err != nil {
			return n, err
		}
	}
	n.Expires = time.UnixMilli(v.CreatedAt).Add(keep)
	if n.Collapse = v.Room.PublicID(); kind == chat.PushAPNs || kind == chat.PushAPNsSandbox {
		n.Collapse = v.ID.String() // by which the SDK takes away what was read elsewhere
	}
	n.Payload, err = shown.Payload(kind)
	return n, err
}

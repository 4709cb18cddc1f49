// Package push is what the senders of push notifications have in common: fcm, apns and webpush,
// each of which speaks to one vendor. They know nothing of chats.
package push

import (
	"context"
	"time"

	"parlor/internal/chat"
)

// Sender brings notifications to devices through one vendor. It is safe for concurrent use.
type Sender interface {
	// Send hands one notification to the vendor and says what became of it. It takes Timeout at
	// most, and tries again by itself only where a fresh credential may help.
	Send(ctx context.Context, to chat.PushTarget, n Notification) Result
}

// Senders are those that are set up, by the kind of target that they reach.
type Senders map[chat.PushKind]Sender

// Timeout bounds one call of a vendor, its connection included.
const Timeout = 10 * time.Second

// MaxPayload is how large a payload may be, in bytes, as FCM and APNs count.
const MaxPayload = 4096

// Notification is one notification as it goes to a vendor.
type Notification struct {
	// Payload is JSON as the device gets it: for FCM an object of texts, for APNs one with "aps",
	// for a browser whatever its page expects.
	Payload []byte
	// Collapse names what a later notification replaces: at FCM and in browsers one that has not
	// been delivered yet, at APNs also one that is shown.
	Collapse string
	// Expires is until when the vendor keeps it for a device that is away.
	Expires time.Time
}

// Outcome is what became of a notification.
type Outcome string

// The outcomes, which are labels of a metric, too.
const (
	Sent    Outcome = "sent"    // the vendor has it
	Dead    Outcome = "dead"    // the target is no more: it is to be forgotten
	Later   Outcome = "later"   // the vendor cannot just now, or was not reached
	Refused Outcome = "refused" // the vendor does not accept our credentials: an operator has to act
	Bad     Outcome = "bad"     // the vendor will never take this notification
)

// Result is what a vendor answered, without anything secret.
type Result struct {
	Outcome Outcome
	// Reason is the vendor's own word, or what went wrong on the way there.
	Reason string
	// After is how long to wait at least before another try, 0 where the vendor did not say.
	After time.Duration
}

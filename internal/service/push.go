package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// SetPushTarget notes how the member's device can be sent push notifications, for as long as the
// login stands. It takes the place of what was noted before. A target that another login of the
// App had, be it somebody else's, is this one's from now on: the device has changed hands.
func (me Member) SetPushTarget(ctx context.Context, t chat.PushTarget) error {
	return me.write(ctx, me.pushShard(), func(ctx context.Context, tx *store.Tx) error {
		return tx.SetPushTarget(ctx, me.Login, t)
	})
}

// RemovePushTarget ends push notifications to the member's device.
func (me Member) RemovePushTarget(ctx context.Context) error {
	return me.write(ctx, me.pushShard(), func(ctx context.Context, tx *store.Tx) error {
		return tx.RemovePushTarget(ctx, me.Login.ID)
	})
}

// pushShard has those who register the same target come one after the other, on one node.
func (me Member) pushShard() int64 { return shardOf(me.App.ID, "push", "") }

// WebPushKey is the public key with which browsers subscribe, in base64url; "" where none can.
func (g Guest) WebPushKey() string { return g.webPush }

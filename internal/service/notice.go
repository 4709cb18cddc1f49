package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/store"
)

// speaker is who a system message says has done something.
type speaker struct {
	user  chat.UserID
	isApp bool // it is the App's own user, of whom nobody counts own messages
}

// notice is what Parlor itself writes into a room: a system message.
type notice struct {
	action chat.Action
	body   string // plain, with {{sender}} and {{target}} for devices to fill in
	data   string // plain, "" for none
	target chat.Target
	hidden bool
}

// notify writes a notice into a room.
func notify(ctx context.Context, tx *store.Tx, by speaker, room chat.Room, n notice) error {
	_, err := postNotice(ctx, tx, by, room, n)
	return err
}

// postNotice is notify that returns the time of the message.
func postNotice(ctx context.Context, tx *store.Tx, by speaker, room chat.Room, n notice) (at int64, err error) {
	m := chat.Message{
		App: room.App, Room: room.ID, Type: chat.SystemMessage, LocalID: cipher.NewLocalID(),
		Sender: by.user, ByApp: by.isApp, Action: n.action, Target: n.target, Hidden: n.hidden, FreshID: true,
	}
	if err := seal(&m, n.body, n.data); err != nil {
		return 0, err
	}
	m, err = tx.AppendMessage(ctx, m)
	return m.CreatedAt, err
}

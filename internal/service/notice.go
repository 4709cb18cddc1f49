package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/store"
)

// systemMessage is what Parlor itself writes into a room.
type systemMessage struct {
	sender chat.UserID // who did it; 0 for the App
	action chat.Action
	body   string // plain, with {{sender}} and {{target}} for devices to fill in
	target chat.Target
	hidden bool
}

// announce writes a system message in the caller's name, which may be the App's own.
func announce(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.Room, action chat.Action, body string) error {
	_, err := appendSystem(ctx, tx, c, room, systemMessage{sender: c.User, action: action, body: body})
	return err
}

// appendSystem writes a system message and returns it as it was stored.
func appendSystem(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.Room, sm systemMessage) (chat.Message, error) {
	m := chat.Message{
		App: room.App, Room: room.ID, Type: chat.SystemMessage, LocalID: cipher.NewLocalID(),
		Sender: sm.sender, Action: sm.action, Target: sm.target, Hidden: sm.hidden, FreshID: true,
	}
	if m.Sender == 0 {
		m.Sender, m.ByApp = c.App.SystemUser, true
	}
	if err := seal(&m, sm.body, ""); err != nil {
		return m, err
	}
	return tx.AppendMessage(ctx, m)
}

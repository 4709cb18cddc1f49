package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/cipher"
	"parlor/internal/store"
)

// systemMessage is what Parlor itself writes into a room.
type systemMessage struct {
	sender chat.UserID // who did it; 0 for the App
	action chat.Action
	body   string // plain, with {{sender}} and {{target}} for devices to fill in
	target chat.Target
}

// announce writes a system message in the App's own name.
func announce(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.Room, action chat.Action, body string) error {
	return appendSystem(ctx, tx, c, room, systemMessage{action: action, body: body})
}

func appendSystem(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.Room, sm systemMessage) error {
	m := chat.Message{
		App: room.App, Room: room.ID, Type: chat.SystemMessage, LocalID: cipher.NewLocalID(),
		Sender: sm.sender, Action: sm.action, Target: sm.target,
	}
	if m.Sender == 0 {
		m.Sender, m.ByApp = c.App.SystemUser, true
	}
	if err := seal(&m, sm.body, ""); err != nil {
		return err
	}
	_, err := tx.AppendMessage(ctx, m)
	return err
}

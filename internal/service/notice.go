package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// speaker writes notices into rooms, in the name of who has done what they tell of.
type speaker struct {
	dialect Dialect
	user    chat.UserID
	isApp   bool // it is the App's own user, of whom nobody counts own messages
}

// member is the user in whose name notices are written, 0 where that is the App.
func (by speaker) member() chat.UserID {
	if by.isApp {
		return 0
	}
	return by.user
}

// notify writes a notice into a room.
func (by speaker) notify(ctx context.Context, tx *store.Tx, room chat.Room, n chat.Notice) error {
	_, err := by.post(ctx, tx, room, n)
	return err
}

// post is notify that returns the time of the message.
func (by speaker) post(ctx context.Context, tx *store.Tx, room chat.Room, n chat.Notice) (at int64, err error) {
	m, err := by.message(room, n)
	if err != nil {
		return 0, err
	}
	stored, err := tx.AppendMessage(ctx, m)
	return stored.CreatedAt, err
}

// message is a notice as it is to be stored.
func (by speaker) message(room chat.Room, n chat.Notice) (store.NewMessage, error) {
	text, err := by.dialect.Notice(n)
	if err != nil {
		return store.NewMessage{}, err
	}
	m := chat.Message{
		App: room.App, Room: room.ID, Type: chat.SystemMessage, LocalID: by.dialect.NewLocalID(),
		Sender: by.user, Action: text.Action, Target: n.Target, Hidden: n.Hidden,
	}
	err = seal(by.dialect, &m, plainText{body: text.Body, data: text.Data})
	return store.NewMessage{
		Message: m, FreshID: true, ByApp: by.isApp, RoomChanges: n.Kind == chat.NoticeRoomDeleted,
	}, err
}

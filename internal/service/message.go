package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/view"
)

// View returns one message as the member sees it.
func (me Member) View(ctx context.Context, m chat.Message) (chat.MessageView, error) {
	room, err := me.store.RoomByID(ctx, me.App.ID, m.Room)
	if err != nil {
		return chat.MessageView{}, err
	}
	lens, err := view.Open(ctx, me.store, me.App.ID, me.User, &room)
	if err != nil {
		return chat.MessageView{}, err
	}
	key := store.SizedKey{MessageKey: store.MessageKey{Room: m.Room, CreatedAt: m.CreatedAt}}
	messages, err := me.store.MessagesByKey(ctx, me.App.ID, []store.SizedKey{key})
	if err != nil {
		return chat.MessageView{}, err
	}
	views, err := lens.Messages(ctx, messages)
	if err != nil {
		return chat.MessageView{}, err
	}
	if len(views) == 0 {
		return chat.MessageView{}, messageNotFound()
	}
	return views[0], nil
}

// NewestMessage returns the newest message of a room that the member may read, nil where
// there is none.
func (me Member) NewestMessage(ctx context.Context, roomID string) (*chat.MessageView, error) {
	views, _, err := me.MessagesBefore(ctx, roomID, 0, 1)
	if err != nil || len(views) == 0 {
		return nil, err
	}
	return &views[0], nil
}

// readable finds a message that the member may see.
func (me Member) readable(ctx context.Context, id int64) (chat.Message, error) {
	messages, err := me.store.MessagesByID(ctx, me.App.ID, []int64{id})
	if err != nil {
		return chat.Message{}, err
	}
	if len(messages) == 0 {
		return chat.Message{}, messageNotFound()
	}
	m := messages[0]
	if !m.VisibleTo(me.User) {
		return m, messageNotFound()
	}
	_, member, err := me.store.RoomByIDFor(ctx, me.App.ID, m.Room, me.User)
	if err != nil {
		return m, err
	}
	if !member.MayRead() || member.Last() > 0 && m.CreatedAt > member.Last() {
		return m, messageNotFound()
	}
	return m, nil
}

func messageNotFound() error { return chat.Errorf(chat.CodeNotFound, "Message is not found") }

// announceChange has everybody told of a message that a user, 0 for the App, has edited, or deleted for everyone.
func announceChange(ctx context.Context, tx *store.Tx, m chat.Message, by chat.UserID) error {
	kind := chat.FeedMessageUpdated
	if m.Deleted() {
		kind = chat.FeedMessageDeleted
	}
	err := tx.Record(ctx, chat.FeedEvent{App: m.App, Kind: kind, Room: m.Room, Time: m.CreatedAt, User: by})
	if err != nil {
		return err
	}
	return tx.Announce(ctx, &chat.MessageChanged{Place: chat.Place{App: m.App, Room: m.Room}, Message: &m})
}

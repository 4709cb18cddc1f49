package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MessageQuery says which messages of a room a backend lists.
type MessageQuery struct {
	chat.MessageFilter          // but for its Sender, which is By
	By                 UserName // who has sent them, nobody for everyone; deleted users have sent some, too
	Sealed             bool     // their texts stay in the cipher
}

// messageCursor is a place in one list of messages.
type messageCursor struct {
	Room   chat.RoomID `json:"r"`
	Filter uint64      `json:"f"`
	At     int64       `json:"a"` // CreatedAt of the message before it
}

// Messages lists up to limit messages of a room, deleted or not, from a cursor on, "" for the beginning.
// next is the cursor of the next page, "" behind the last. See store.Store.MessagePage.
func (b Backend) Messages(
	ctx context.Context, name RoomName, q MessageQuery, cursor string, limit int,
) (list []chat.MessageView, next string, err error) {
	room, err := b.fixedRoom(ctx, name)
	if err != nil {
		return nil, "", err
	}
	f := q.MessageFilter
	if f.Sender, err = b.anybody(ctx, q.By); err != nil {
		return nil, "", err
	}
	var at messageCursor
	if !chat.DecodeCursor(cursor, &at) || cursor != "" && (at.Room != room.ID || at.Filter != f.Hash()) {
		return nil, "", errCursor()
	}
	messages, after, more, err := b.store.MessagePage(ctx, b.app.ID, room.ID, f, at.At, limit)
	if err != nil {
		return nil, "", err
	}
	if list, err = b.showMessages(ctx, b.app.ID, messages, q.Sealed); err != nil || !more {
		return list, "", err
	}
	return list, chat.EncodeCursor(messageCursor{room.ID, f.Hash(), after}), nil
}

// anybody finds a user of the App, deleted or not, or its own user; 0 for no name.
func (b Backend) anybody(ctx context.Context, name UserName) (chat.UserID, error) {
	switch {
	case name.XCID != "":
		return b.store.UserIDEver(ctx, b.app.ID, name.XCID)
	case name.ID == "":
		return 0, nil
	}
	id, ok := chat.ParseUserID(name.ID)
	if !ok {
		return 0, chat.Missing(chat.UserNotFound(), name.ID)
	}
	_, err := b.store.User(ctx, b.app.ID, id)
	return id, chat.Missing(err, name.ID)
}

// FoundMessages are messages that were asked for by their ids.
type FoundMessages struct {
	Messages  []chat.MessageView // in the order of the ids
	Missing   []chat.MessageID   // that the App does not have
	Remaining []chat.MessageID   // that were too much for one answer
}

// MessagesByID finds messages of the App, each once, as many as a page may hold.
func (b Backend) MessagesByID(ctx context.Context, ids []chat.MessageID, sealed bool) (f FoundMessages, err error) {
	ids = chat.Unique(ids)
	found, err := b.store.MessageKeysByID(ctx, b.app.ID, ids)
	if err != nil {
		return f, err
	}
	var keys []store.SizedKey
	size := int64(0)
	for i, id := range ids {
		k, ok := found[id]
		if !ok {
			f.Missing = append(f.Missing, id)
			continue
		}
		if size += k.Size; len(keys) > 0 && size > store.PageBytes {
			f.Remaining = ids[i:]
			break
		}
		keys = append(keys, k)
	}
	messages, err := b.store.MessagesByKey(ctx, b.app.ID, keys)
	if err != nil {
		return f, err
	}
	place := make(map[store.MessageKey]int, len(keys))
	for i, k := range keys {
		place[k.MessageKey] = i
	}
	inOrder := make([]chat.Message, len(keys))
	for _, m := range messages {
		inOrder[place[store.MessageKey{Room: m.Room, CreatedAt: m.CreatedAt}]] = m
	}
	f.Messages, err = b.showMessages(ctx, b.app.ID, inOrder, sealed)
	return f, err
}

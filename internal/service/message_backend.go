package service

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MessageName names a message by its id or by the localID of its sender.
type MessageName struct {
	ID      chat.MessageID
	LocalID string
}

// MessageEdit is what a backend changes a message to, in plain text.
type MessageEdit struct {
	Body string
	Data *string // JSON text of an object or an array, or ""; nil leaves it as it is
}

// validate says what is wrong with the edit of a message of a type.
func (e *MessageEdit) validate(t chat.MessageType) error {
	switch {
	case e.Body == "":
		return chat.Required("body")
	case chat.UTF16Len(e.Body) > chat.BodyPart:
		return chat.Invalid("body", "must have at most %d UTF-16 units", chat.BodyPart)
	case e.Data == nil:
		return nil
	case *e.Data == "" && t == chat.ImageMessage: // devices would show a hole in its place
		return chat.Required("data")
	case *e.Data != "" && t == chat.TextMessage:
		return chat.Invalid("data", "must be empty for messages of type 1001")
	case len(*e.Data) > chat.MaxData:
		return chat.Invalid("data", "must have at most %d bytes", chat.MaxData)
	case *e.Data != "" && !jsonDocument(*e.Data):
		return chat.Invalid("data", "must be the JSON text of an object or an array")
	}
	return nil
}

// namedMessage finds a message of the App.
func (b Backend) namedMessage(ctx context.Context, name MessageName) (chat.Message, error) {
	if name.LocalID != "" {
		return b.keptMessage(ctx, b.app.ID, name.LocalID)
	}
	found, err := b.store.MessagesByID(ctx, b.app.ID, []int64{int64(name.ID)})
	if err == nil && len(found) == 0 {
		err = chat.Missing(messageNotFound(), name.ID.String())
	}
	if err != nil {
		return chat.Message{}, err
	}
	return found[0], nil
}

// EditMessage changes body and data of anybody's message, whatever the state of its room. What says the same
// already is left as it is, and changed is false. System messages and deleted ones are CodeForbidden.
func (b Backend) EditMessage(
	ctx context.Context, name MessageName, e MessageEdit,
) (v chat.MessageView, changed bool, err error) {
	old, err := b.namedMessage(ctx, name)
	if err != nil {
		return v, false, err
	}
	if err := e.validate(old.Type); err != nil {
		return v, false, err
	}
	var file chat.FileID
	if e.Data != nil {
		var data string
		if data, file, err = b.withAddress(ctx, *e.Data); err != nil {
			return v, false, err
		}
		e.Data = &data
	}
	shard, err := b.shardOfRoomID(ctx, b.app.ID, old.Room)
	if err != nil {
		return v, false, err
	}
	var m chat.Message
	err = b.store.WriteOnce(ctx, shard, func(ctx context.Context, tx *store.Tx) (err error) {
		if _, _, err = tx.RoomForUpdateFor(ctx, b.app.ID, old.Room, 0); err != nil {
			return err
		}
		if m, err = tx.MessageForUpdate(ctx, b.app.ID, old.ID); err != nil {
			return err
		}
		if m.Deleted() || m.Type == chat.SystemMessage {
			return chat.Errorf(chat.CodeForbidden, "This message cannot be edited")
		}
		m, changed, err = b.edit(ctx, tx, m, e, file)
		return err
	}, &m, &changed)
	if err != nil {
		return v, false, err
	}
	shown, err := b.showMessages(ctx, b.app.ID, []chat.Message{m}, false)
	if err == nil && len(shown) == 0 {
		err = messageNotFound()
	}
	if err != nil {
		return v, changed, err
	}
	return shown[0], changed, nil
}

// edit stores what a message says from now on, and tells of it. file is what new data names.
func (b Backend) edit(
	ctx context.Context, tx *store.Tx, m chat.Message, e MessageEdit, file chat.FileID,
) (_ chat.Message, changed bool, err error) {
	now := m
	if err := openTexts(b.dialect, &now); err != nil {
		return m, false, err
	}
	if e.Body == string(now.Body) && (e.Data == nil || *e.Data == string(now.Data)) {
		return m, false, nil
	}
	text := plainText{body: e.Body}
	if e.Data != nil {
		m.Data, text.data = "", *e.Data
	} else if file, err = tx.SharedFile(ctx, m); err != nil {
		return m, false, err
	}
	m.Edited, m.File = true, file
	if err := seal(b.dialect, &m, text); err != nil {
		return m, false, err
	}
	if m, err = tx.ChangeMessage(ctx, m); err != nil {
		return m, false, err
	}
	return m, true, announceChange(ctx, tx, m, 0)
}

// DeleteMessages deletes messages of the App for everyone, whoever has sent them and whatever the state of
// their rooms. deleted are those that this or an earlier call has deleted. skipped are ids that no message has,
// and those of system messages on which devices act. The messages of each room are deleted in one transaction;
// where one fails, others may have been committed, and the call can be made again.
func (b Backend) DeleteMessages(
	ctx context.Context, ids []chat.MessageID,
) (deleted, skipped []chat.MessageID, err error) {
	ids = chat.Unique(ids)
	found, err := b.store.MessageKeysByID(ctx, b.app.ID, ids)
	if err != nil {
		return nil, nil, err
	}
	byRoom := map[chat.RoomID][]chat.MessageID{}
	var rooms []chat.RoomID
	for _, id := range ids {
		if k, ok := found[id]; ok {
			if byRoom[k.Room] == nil {
				rooms = append(rooms, k.Room)
			}
			byRoom[k.Room] = append(byRoom[k.Room], id)
		}
	}
	if len(rooms) != 1 { // one room's transaction notes the call itself
		if err := b.store.NoteCall(ctx); err != nil {
			return nil, nil, err
		}
	}
	var lock sync.Mutex
	gone := map[chat.MessageID]bool{}
	batch(len(rooms), func(i int) string { return fmt.Sprint(rooms[i]) }, func(i int) {
		done, derr := b.deleteIn(ctx, rooms[i], byRoom[rooms[i]])
		lock.Lock()
		defer lock.Unlock()
		if derr != nil {
			err = derr
		}
		for _, id := range done {
			gone[id] = true
		}
	})
	for _, id := range ids {
		if gone[id] {
			deleted = append(deleted, id)
		} else {
			skipped = append(skipped, id)
		}
	}
	return deleted, skipped, err
}

// deleteIn deletes messages of one room, and returns those that are deleted now.
func (b Backend) deleteIn(
	ctx context.Context, room chat.RoomID, ids []chat.MessageID,
) (deleted []chat.MessageID, err error) {
	shard, err := b.shardOfRoomID(ctx, b.app.ID, room)
	if err != nil {
		return nil, err
	}
	err = b.store.Write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
		deleted = nil
		if _, _, err := tx.RoomForUpdateFor(ctx, b.app.ID, room, 0); err != nil {
			return err
		}
		for _, id := range slices.Sorted(slices.Values(ids)) {
			m, err := tx.MessageForUpdate(ctx, b.app.ID, id)
			if chat.CodeOf(err) == chat.CodeNotFound {
				continue // a rule of retention was faster
			}
			if err != nil {
				return err
			}
			if m.Type == chat.SystemMessage && m.Action != chat.ActionUpdateRoom {
				continue
			}
			if err := b.deleteForAll(ctx, tx, m, 0); err != nil {
				return err
			}
			deleted = append(deleted, id)
		}
		return nil
	})
	return deleted, err
}

// SendSystem writes a text of the App's own into a group or transaction room, as a system message.
func (b Backend) SendSystem(ctx context.Context, name RoomName, text string) (m chat.Message, err error) {
	switch {
	case text == "":
		return m, chat.Required("body")
	case chat.UTF16Len(text) > chat.BodyPart:
		return m, chat.Invalid("body", "must have at most %d UTF-16 units", chat.BodyPart)
	}
	notice, err := b.speaker().message(chat.Room{App: b.app.ID}, chat.Notice{Kind: chat.NoticeText, Text: text})
	if err != nil {
		return m, err
	}
	err = b.changeRoom(ctx, name, func(ctx context.Context, tx *store.Tx, room chat.Room) (err error) {
		notice.Room = room.ID
		m, err = tx.AppendMessage(ctx, notice)
		return err
	}, &m)
	return m, err
}

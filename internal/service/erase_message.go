package service

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// messages deletes what the user has written, and takes name and words of the user out of what others
// have.
func (w *eraser) messages(ctx context.Context) error { return w.messagesAfter(ctx, w.e.Position) }

// lateMessages is messages for what was being stored meanwhile, by those who knew nothing of the erasure yet:
// also under ids that were passed.
func (w *eraser) lateMessages(ctx context.Context) error {
	return w.messagesAfter(ctx, max(0, w.e.Position-erasePage))
}

func (w *eraser) messagesAfter(ctx context.Context, after chat.MessageID) error {
	for {
		found, last, err := w.store.MessagesNaming(ctx, w.e, after, erasePage)
		if err != nil || last == after {
			return err
		}
		for _, room := range slices.Sorted(maps.Keys(found)) {
			for part := range slices.Chunk(found[room], eraseStep) {
				if err := w.messagesOf(ctx, room, part); err != nil {
					return err
				}
			}
		}
		err = w.step(ctx, int64(w.e.User), func(_ context.Context, _ *store.Tx, e *chat.Erasure) error {
			e.Position = max(e.Position, last)
			return nil
		})
		if err != nil {
			return err
		}
		after = last
	}
}

// messagesOf erases messages of a room, those that were erased before left out.
func (w *eraser) messagesOf(ctx context.Context, room chat.RoomID, list []store.Naming) error {
	shard, err := w.shardOfRoomID(ctx, w.e.App, room)
	if err != nil {
		return err
	}
	return w.step(ctx, shard, func(ctx context.Context, tx *store.Tx, e *chat.Erasure) error {
		// As whoever writes into the room: its row first.
		if _, _, err := tx.RoomForUpdateFor(ctx, e.App, room, e.User); err != nil {
			return err
		}
		for _, named := range list {
			if err := w.message(ctx, tx, e, named); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *eraser) message(ctx context.Context, tx *store.Tx, e *chat.Erasure, named store.Naming) error {
	m, err := tx.MessageForUpdate(ctx, e.App, named.ID)
	if chat.CodeOf(err) == chat.CodeNotFound {
		return nil // a rule of retention was faster
	}
	if err != nil {
		return err
	}
	if m.Sender == e.User && m.Type != chat.SystemMessage {
		return w.own(ctx, tx, e, m)
	}
	changed, err := w.without(&m, named)
	if err != nil || !changed {
		return err
	}
	if m, err = tx.Redact(ctx, m, true, true); err != nil {
		return err
	}
	e.Erased.References++
	return announceChange(ctx, tx, m, 0)
}

// own deletes a message of the user's for everyone, with all that it says.
func (w *eraser) own(ctx context.Context, tx *store.Tx, e *chat.Erasure, m chat.Message) error {
	was := m
	m.Data, m.Quote, m.FilterID = "", chat.Quote{}, ""
	m.ReplyTo, m.Forward = chat.Reference{}, chat.Reference{}
	if err := seal(w.dialect, &m, plainText{}); err != nil {
		return err
	}
	if !m.Deleted() {
		m.DeletedAt = max(tx.Now(), 1)
	}
	// A message that was deleted before says nothing any more, but may still refer to another.
	told := was.Deleted() && was.Data == "" && was.Quote == m.Quote
	if told && was.ReplyTo == m.ReplyTo && was.Forward == m.Forward && was.FilterID == "" {
		return nil
	}
	m, err := tx.Redact(ctx, m, false, !told)
	if err != nil {
		return err
	}
	e.Erased.Messages++
	if told {
		return nil
	}
	return announceChange(ctx, tx, m, 0)
}

// without takes the user out of somebody else's message, and out of what Parlor itself has written.
// changed is false where the user is not in it.
func (w *eraser) without(m *chat.Message, named store.Naming) (changed bool, err error) {
	was := *m
	if m.Target.User == w.e.User {
		m.Target.XCID, m.Target.Name = w.e.ID.ErasedXCID(), chat.ErasedName
	}
	if named.ReplyTo {
		withoutAnswered(m, w.e.ID.ErasedXCID())
	}
	if named.Forward {
		m.Forward = anonymous(m.Forward, w.e.ID.ErasedXCID())
	}
	if m.Action == chat.ActionPinMessage || m.Action == chat.ActionUnpinMessage {
		if err := w.unpinned(m); err != nil {
			return false, err
		}
	}
	return *m != was, nil
}

// unpinned takes the words of a message of the user's out of the notice that it was pinned.
func (w *eraser) unpinned(m *chat.Message) error {
	key, err := w.dialect.Cipher(m.LocalID)
	if err != nil || m.Data == "" {
		return err
	}
	plain, err := key.Open(m.Data)
	if err != nil {
		return err
	}
	data := map[string]any{}
	if err := json.Unmarshal([]byte(plain), &data); err != nil || data["userID"] != w.e.User.String() {
		return err
	}
	text, _ := data["localID"].(string)
	words, err := w.dialect.Cipher(text)
	if err != nil {
		return err
	}
	body, _ := data["body"].(string)
	if body, err = words.Open(chat.Sealed(body)); err == nil && body == "" && data["data"] == "" {
		return nil
	}
	data["body"], data["data"] = words.Seal(""), ""
	changed, err := json.Marshal(data)
	m.Data = key.Seal(string(changed))
	return err
}

package service

import (
	"context"
	"errors"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// edited is the message that a draft names: by its id, which an app has from the echo, or
// else by its localID, under which d is enciphered.
func (me Member) edited(ctx context.Context, d Draft) (chat.Message, error) {
	if d.ID > 0 {
		found, err := me.store.MessagesByID(ctx, me.App.ID, []int64{int64(d.ID)})
		if err != nil {
			return chat.Message{}, err
		}
		if len(found) == 1 && found[0].LocalID == d.LocalID {
			return found[0], nil
		}
	}
	return me.keptMessage(ctx, me.App.ID, d.LocalID)
}

// keptMessage finds a message of the App by its localID. One that is no longer kept is not found.
func (c *core) keptMessage(ctx context.Context, app chat.AppID, localID string) (chat.Message, error) {
	m, err := c.store.MessageByLocalID(ctx, app, localID)
	if errors.Is(err, store.ErrNoLongerKept) {
		err = chat.Missing(messageNotFound(), localID)
	}
	return m, err
}

// Edit changes body, data and type of the member's own message. Everything else of the
// draft is ignored.
func (me Member) Edit(ctx context.Context, d Draft) error {
	if err := me.dialect.ValidateLocalID(d.LocalID); err != nil {
		return err
	}
	old, err := me.edited(ctx, d)
	if err != nil {
		return err
	}
	if d, err = me.moderated(ctx, d, true); err != nil {
		return err
	}
	key, err := me.dialect.Cipher(d.LocalID)
	if err != nil {
		return err
	}
	body, _, err := sealedBody(key, d.Body)
	if err != nil {
		return err
	}
	data, plain, err := sealedData(key, d.Data)
	if err != nil {
		return err
	}
	file, err := me.fileToShare(ctx, fileNamed(plain), d.RoomID, old.Forward.RoomID)
	if err != nil {
		return err
	}
	if body, err = me.captioned(key, d.Type, body, data); err != nil {
		return err
	}
	shard, err := me.shardOfRoomID(ctx, me.App.ID, old.Room)
	if err != nil {
		return err
	}
	return me.write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
		room, member, err := tx.RoomForUpdateFor(ctx, me.App.ID, old.Room, me.User)
		if err != nil {
			return err
		}
		m, err := tx.MessageForUpdate(ctx, me.App.ID, old.ID)
		switch {
		case err != nil:
			return err
		case m.Sender != me.User || !member.In:
			return chat.Errorf(chat.CodeForbidden, "Only a message's sender may edit it")
		case room.Deleted():
			return chat.RoomNotFound()
		case room.Locked():
			return ErrRoomLocked
		case mayWrite(room, member, tx.Now()) != nil:
			return mayWrite(room, member, tx.Now())
		case m.Deleted() || !m.Type.EditableTo(d.Type), room.Blocks != 0 && !m.Withheld:
			return chat.Errorf(chat.CodeForbidden, "This message cannot be edited")
		}
		m.Body, m.Data, m.Type, m.Edited, m.File = body, data, d.Type, true, file
		if m, err = tx.ChangeMessage(ctx, m); err != nil {
			return err
		}
		return announceChange(ctx, tx, m, me.User)
	})
}

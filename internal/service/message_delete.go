package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// maxChanged bounds the messages of one deletion.
const maxChanged = 500

// DeleteMessages deletes messages of a room, for everyone or for the member alone, and
// returns the ids of those that this or an earlier call has deleted. For everyone, a
// sender may delete their own, and an admin of a group everybody's; system messages stay.
func (me Member) DeleteMessages(
	ctx context.Context, roomID string, ids []int64, everyone bool,
) (deleted []chat.MessageID, err error) {
	if len(ids) > maxChanged {
		return nil, chat.Invalid("messageIDs", "must have at most %d entries", maxChanged)
	}
	room, member, err := me.roomOf(ctx, roomID)
	if err != nil {
		return nil, err
	}
	messages, err := me.store.MessagesByID(ctx, me.App.ID, ids)
	if err != nil {
		return nil, err
	}
	var times []int64
	var concerned []chat.Message
	for _, m := range messages {
		if m.Room == room.ID && m.VisibleTo(me.User) && m.Type != chat.SystemMessage && (member.Last() == 0 || m.CreatedAt <= member.Last()) {
			times = append(times, m.CreatedAt)
			deleted, concerned = append(deleted, m.ID), append(concerned, m)
		}
	}
	if len(deleted) == 0 {
		return nil, nil
	}
	if !everyone {
		return deleted, me.hide(ctx, room, concerned, times)
	}
	err = me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		room, member, err := tx.RoomForUpdateFor(ctx, me.App.ID, room.ID, me.User)
		if err != nil {
			return err
		}
		if room.Deleted() || !member.In {
			return notParticipant()
		}
		anybodys := member.Admin && room.Type != chat.Personal
		for _, id := range deleted {
			if err := me.deleteOne(ctx, tx, id, anybodys); err != nil {
				return err
			}
		}
		return nil
	})
	return deleted, err
}

// deleteOne deletes the member's own message, or anybody's, for everyone.
func (me Member) deleteOne(ctx context.Context, tx *store.Tx, id chat.MessageID, anybodys bool) error {
	m, err := tx.MessageForUpdate(ctx, me.App.ID, id)
	switch {
	case chat.CodeOf(err) == chat.CodeNotFound:
		return nil // a rule of retention was faster
	case err != nil:
		return err
	case m.Sender != me.User && !anybodys:
		return chat.Errorf(chat.CodeForbidden, "Only a message's sender or an admin of the group may delete it for everyone")
	}
	return me.deleteForAll(ctx, tx, m, me.User)
}

// deleteForAll deletes a message for everyone, unless it is deleted already. by is 0 for the App.
func (c *core) deleteForAll(ctx context.Context, tx *store.Tx, m chat.Message, by chat.UserID) (err error) {
	if m.Deleted() {
		return nil
	}
	m.Data, m.Quote = "", chat.Quote{}
	if err := seal(c.dialect, &m, plainText{}); err != nil {
		return err
	}
	m.DeletedAt = max(tx.Now(), 1)
	if m, err = tx.ChangeMessage(ctx, m); err != nil {
		return err
	}
	return announceChange(ctx, tx, m, by)
}

// hide deletes messages for the member alone. Those of others count as read from then on.
func (me Member) hide(ctx context.Context, room chat.Room, messages []chat.Message, times []int64) error {
	var added store.AddedReceipts
	err := me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		added = store.AddedReceipts{}
		hidden, err := tx.HideMessages(ctx, room.ID, me.User, times)
		if err != nil || len(hidden) == 0 {
			return err
		}
		theirs := receivedTimes(messages, me.User, room.ID)
		if added, err = me.addAndAnnounce(ctx, tx, room, chat.Read, theirs); err != nil {
			return err
		}
		return tx.Announce(ctx, &chat.MessagesHidden{Place: room.Place(), User: me.User, Times: hidden})
	})
	if err != nil {
		return err
	}
	return me.fillHoles(ctx, room, added)
}

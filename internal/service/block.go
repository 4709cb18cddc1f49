package service

import (
	"context"
	"errors"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MaxBlocked is how many users one user can have blocked.
const MaxBlocked = 5000

// Block has the member hear no more of a user, who is not told of it, and returns that user. When
// it returns, no message of theirs that is stored from then on reaches the member in the personal
// room of the two, now or later. Blocking somebody again is a success.
func (me Member) Block(ctx context.Context, id string) (*chat.User, error) {
	other, err := me.setBlocked(ctx, id, true)
	if err != nil {
		return nil, err
	}
	return me.shown(ctx)(me.store.User(ctx, me.App.ID, other))
}

// Unblock ends a block. What was withheld meanwhile stays so. Unblocking somebody who is not
// blocked is a success.
func (me Member) Unblock(ctx context.Context, id string) error {
	_, err := me.setBlocked(ctx, id, false)
	return err
}

func (me Member) setBlocked(ctx context.Context, id string, on bool) (chat.UserID, error) {
	other, err := me.resolveUser(ctx, me.App.ID, UserName{ID: id})
	if err != nil {
		return 0, err
	}
	if other == me.User {
		return 0, chat.Invalid("userID", "must be another user")
	}
	shard := pairShard(me.App.ID, chat.NewPair(me.User, other))
	return other, me.write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
		room, changed, err := tx.SetBlocked(ctx, me.App.ID, store.Block{Owner: me.User, Blocked: other}, on)
		if err != nil || !changed {
			return err
		}
		if on {
			if err := stillThere(ctx, tx, other, id); err != nil {
				return err
			}
			n, err := tx.BlockCount(ctx, me.User)
			if err != nil {
				return err
			}
			if n > MaxBlocked {
				return chat.Errorf(chat.CodeForbidden, "You have blocked %d users, and no more can be", MaxBlocked)
			}
		}
		event := chat.FeedEvent{App: me.App.ID, Kind: chat.FeedUserUnblocked, User: me.User}
		if event.Data.Users = []chat.UserID{other}; on {
			event.Kind = chat.FeedUserBlocked
		}
		if err := tx.Record(ctx, event); err != nil {
			return err
		}
		return tx.Announce(ctx, &chat.BlockChanged{
			Place: chat.Place{App: me.App.ID, Room: room}, User: me.User, Blocked: other, On: on,
		})
	})
}

// Blocked lists the users whom the member has blocked, by name.
func (me Member) Blocked(ctx context.Context) ([]*chat.User, error) {
	users, err := me.store.Blocked(ctx, me.App.ID, me.User, MaxBlocked)
	return users, err // whether they are online is not the member's to know
}

func errBlocked() error {
	return chat.Errorf(chat.CodeForbidden, "You have blocked this user; unblock them first")
}

// sendAcross stores a message of the member's in a personal room in which somebody has blocked
// somebody, or had when it was looked at.
func (me Member) sendAcross(ctx context.Context, room chat.Room, n store.NewMessage) (m chat.Message, err error) {
	crowded := false
	err = me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) (err error) {
		m, crowded, err = me.appendAcross(ctx, tx, room.ID, n)
		return err
	})
	if errors.Is(err, store.ErrNotAppended) {
		err = errSendAgain()
	}
	if err == nil && crowded {
		err = me.store.FillHoles(ctx, shardOfRoom(room), room.ID, room.Pair.Other(me.User))
	}
	return m, err
}

// appendAcross refuses a message to somebody whom the member has blocked. One to somebody who has
// blocked the member is stored, and withheld from them.
func (me Member) appendAcross(
	ctx context.Context, tx *store.Tx, id chat.RoomID, n store.NewMessage,
) (m chat.Message, crowded bool, err error) {
	room, _, err := tx.RoomForUpdateFor(ctx, me.App.ID, id, me.User)
	partner := room.Pair.Other(me.User)
	n.Room = id
	switch {
	case err != nil:
		return m, false, err
	case room.BlockedBy(me.User):
		return m, false, errBlocked()
	case !room.BlockedBy(partner):
		m, err = tx.AppendMessage(ctx, n)
		return m, false, err
	case room.Locked():
		return m, false, ErrRoomLocked
	}
	n.Withheld, n.Guarded = true, false
	if m, err = tx.AppendMessage(ctx, n); err != nil {
		return m, false, err
	}
	crowded, err = tx.PassOver(ctx, m, partner)
	return m, crowded, err
}

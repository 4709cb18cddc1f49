package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// scheduled takes name and words of the user out of what others have written to be sent later.
func (w *eraser) scheduled(ctx context.Context) error {
	for after := chat.ScheduledID(0); ; {
		found, named, last, err := w.store.ScheduledNaming(ctx, w.e, after, erasePage)
		if err != nil || last == after {
			return err
		}
		for i := range found {
			if err := w.scheduledOf(ctx, found[i], named[i]); err != nil {
				return err
			}
		}
		after = last
	}
}

// scheduledOf redacts one message, in the lane of its room. What it says of another since it was read was looked
// at by who has changed that.
func (w *eraser) scheduledOf(ctx context.Context, s chat.Scheduled, named store.Naming) error {
	owner := Member{w.core, chat.Caller{App: chat.App{ID: w.e.App}, User: s.Message.Sender}}
	ref, _ := chat.ParseRoomID(s.Room)
	where, shard, err := owner.placeOf(ctx, ref)
	if err != nil {
		return err
	}
	return w.step(ctx, shard, func(ctx context.Context, tx *store.Tx, e *chat.Erasure) error {
		list, err := tx.ScheduledForUpdate(ctx, owner.User, s.Room, []chat.ScheduledID{s.ID})
		if err != nil || len(list) == 0 {
			return err
		}
		now := list[0]
		if named.ReplyTo && now.Message.ReplyTo == s.Message.ReplyTo {
			withoutAnswered(&now.Message, e.ID.ErasedXCID())
		}
		if named.Forward && now.Message.Forward == s.Message.Forward {
			now.Message.Forward = anonymous(now.Message.Forward, e.ID.ErasedXCID())
		}
		if now.Message == list[0].Message {
			return nil
		}
		if err := tx.RedactScheduled(ctx, now); err != nil {
			return err
		}
		e.Erased.References++
		return owner.tellOfSchedule(ctx, tx, where, s.Room)
	})
}

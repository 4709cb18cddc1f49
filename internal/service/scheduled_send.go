package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/store"
)

// KeepRefused is how long a scheduled message that was refused when it was due is kept.
const KeepRefused = 30 * 24 * time.Hour

// scheduledLease is how long sending one may take, and how late one is whose node was killed over it.
const scheduledLease = 10 * time.Second

// ScheduledKind is what is done about scheduled messages that are due.
func (s *Service) ScheduledKind() job.Kind {
	return job.Kind{Name: chat.JobScheduled, Do: s.sendDue, EndsItself: true, AtOnce: 64, Lease: scheduledLease, Attempts: 50}
}

// sendDue sends the message of a job, and what else its sender has in the room that is due before it,
// in that order. The messages are stored in the transaction that ends their schedules and jobs, so
// that each is sent once, whoever else is at it. One that is refused is kept, and its sender told.
func (s *Service) sendDue(ctx context.Context, j chat.Job) error {
	m, found, err := s.store.ScheduledOfJob(ctx, j)
	if err != nil {
		return err
	}
	if !found { // it was sent by hand, or its sender is deleted
		_, err := s.store.EndJob(ctx, j)
		return err
	}
	me := Member{&s.core, chat.Caller{App: chat.App{ID: m.App}, User: m.Message.Sender}}
	d := dispatch{me: me, by: store.Author{User: me.User}, room: m.Room}
	if m.Failed() {
		return d.forget(ctx, m)
	}
	d.pick = func(ctx context.Context, tx *store.Tx) ([]chat.Scheduled, error) {
		list, err := tx.DueForUpdate(ctx, me.User, m.Room, m.At)
		if err != nil {
			return nil, err
		}
		// Where the job is no longer this one's, somebody else has sent the message or moved it.
		if ok, err := tx.EndJob(ctx, j); err != nil || !ok {
			return nil, err
		}
		return list, nil
	}
	for {
		refused, why, err := d.send(ctx)
		switch {
		case refused == nil && chat.CodeOf(err) == chat.CodeNotFound && d.userGone(ctx):
			return d.forget(ctx, m)
		case refused == nil || err != nil:
			return err
		}
		if err := d.settleRefused(ctx, *refused, why); err != nil {
			return err
		}
		if refused.ID == m.ID {
			return nil
		}
	}
}

// SendScheduled sends messages that the member has scheduled at once, and returns which of them.
// Others were sent before, or never scheduled. Where none could be sent, the error says why.
func (me Member) SendScheduled(ctx context.Context, ids []chat.ScheduledID) (sent []chat.ScheduledID, err error) {
	err = me.eachRoomOf(ctx, ids, func(room string, ids []chat.ScheduledID) (err error) {
		d := dispatch{me: me, by: me.author(), room: room}
		d.pick = func(ctx context.Context, tx *store.Tx) ([]chat.Scheduled, error) {
			return tx.ScheduledForUpdate(ctx, me.User, room, ids)
		}
		for {
			refused, why, serr := d.send(ctx)
			if serr != nil {
				return errors.Join(err, serr)
			}
			if refused == nil {
				sent = append(sent, d.sent...)
				return err
			}
			if why == nil { // it is in the room already
				sent = append(sent, refused.ID)
				if derr := d.forget(ctx, *refused); derr != nil {
					return derr
				}
			} else {
				err = why
			}
			ids = slices.DeleteFunc(ids, func(id chat.ScheduledID) bool { return id == refused.ID })
		}
	})
	if len(sent) > 0 && isRefusal(err) {
		err = nil // the others stay listed
	}
	return sent, err
}

// isRefusal reports whether err is a rule's, not the database's.
func isRefusal(err error) bool {
	code := chat.CodeOf(err)
	return code != chat.CodeInternal && code != chat.CodeUnavailable
}

// dispatch sends scheduled messages of one user in one room.
type dispatch struct {
	me   Member
	by   store.Author
	room string // its public id
	// pick finds, in the transaction, what is to be sent, in that order.
	pick func(context.Context, *store.Tx) ([]chat.Scheduled, error)

	sent []chat.ScheduledID // by the last send
}

// send sends what is picked, all of it or nothing. Where one is refused, it says which and why; why
// is nil where the message is in the room already, as its device may have sent it in the usual way.
func (d *dispatch) send(ctx context.Context) (refused *chat.Scheduled, why, err error) {
	ref, _ := chat.ParseRoomID(d.room)
	where, shard, err := d.me.placeOf(ctx, ref)
	if err != nil {
		return nil, nil, err
	}
	crowded := false
	err = d.me.store.WriteAs(ctx, d.by, shard, func(ctx context.Context, tx *store.Tx) error {
		refused, crowded, d.sent = nil, false, nil
		list, err := d.pick(ctx, tx)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, s := range list {
			if err := tx.Unschedule(ctx, s); err != nil {
				return err
			}
		}
		if err := tx.RefuseDeactivated(ctx, d.me.App.ID, d.me.User); err != nil {
			refused = &list[0]
			return err
		}
		into, err := d.openRoom(ctx, tx, ref)
		if err != nil {
			refused = &list[0]
			return err
		}
		where.Room = into.ID
		for i, s := range list {
			full, err := d.append(ctx, tx, into, s)
			if err != nil {
				refused = &list[i]
				return err
			}
			crowded = crowded || full
			d.sent = append(d.sent, s.ID)
		}
		return d.me.tellOfSchedule(ctx, tx, where, d.room)
	})
	if err == nil && crowded {
		err = d.me.store.FillHoles(ctx, shard, where.Room, ref.Pair.Other(d.me.User))
	}
	if refused == nil || err == nil || !isRefusal(err) {
		return nil, nil, err
	}
	why, err = d.whyRefused(ctx, ref, *refused, err)
	return refused, why, err
}

// openRoom is the room of the messages; a personal one comes into being with its first message.
func (d *dispatch) openRoom(ctx context.Context, tx *store.Tx, ref chat.RoomRef) (chat.Room, error) {
	if ref.Type != chat.Personal {
		return chat.Room{ID: ref.ID}, nil
	}
	return tx.PersonalRoom(ctx, d.me.App.ID, ref.Pair)
}

func (d *dispatch) append(
	ctx context.Context, tx *store.Tx, room chat.Room, s chat.Scheduled,
) (crowded bool, err error) {
	n := store.NewMessage{Message: s.Message, Guarded: true, Scheduled: true}
	n.Room = room.ID
	if n.Named, err = d.me.withoutErased(ctx, &n.Message); err != nil { // who was erased since it was scheduled
		return false, err
	}
	if room.Blocks != 0 {
		_, crowded, err = d.me.appendAcross(ctx, tx, room.ID, n)
		return crowded, err
	}
	_, err = tx.AppendMessage(ctx, n)
	return false, err
}

// whyRefused finds out which rule kept a message from being sent, by an error of err's kind. why is nil
// where the message is stored already.
func (d *dispatch) whyRefused(ctx context.Context, ref chat.RoomRef, s chat.Scheduled, err error) (why, failed error) {
	stored, merr := d.me.store.MessageByLocalID(ctx, d.me.App.ID, s.Message.LocalID)
	switch {
	case merr == nil && stored.Sender == d.me.User && stored.Type != chat.SystemMessage:
		return nil, nil
	case merr == nil:
		return chat.Errorf(chat.CodeConflict, "This localID belongs to another sender's message"), nil
	case errors.Is(merr, store.ErrNoLongerKept):
		return merr, nil
	case chat.CodeOf(merr) != chat.CodeNotFound:
		return nil, merr
	case !errors.Is(err, store.ErrNotAppended):
		return err, nil
	}
	_, werr := d.me.writableRoom(ctx, ref)
	switch {
	case werr == nil:
		return nil, errSendAgain() // what stood in the way has gone in the meantime
	case !isRefusal(werr):
		return nil, werr
	}
	return werr, nil
}

// settleRefused keeps a message that was refused, with the reason, or forgets one that is in the room
// already. It changes nothing where the message has been changed since.
func (d *dispatch) settleRefused(ctx context.Context, s chat.Scheduled, why error) error {
	if why == nil {
		return d.forget(ctx, s)
	}
	return d.change(ctx, s, func(ctx context.Context, tx *store.Tx) error {
		s.Failure = reasonOf(why)
		_, err := tx.ChangeScheduled(ctx, s, d.me.now().Add(KeepRefused).UnixMilli())
		return err
	})
}

// reasonOf is what the sender is told.
func reasonOf(err error) string {
	var known *chat.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return "The message could not be sent"
}

// forget ends the schedule of a message without sending it.
func (d *dispatch) forget(ctx context.Context, s chat.Scheduled) error {
	return d.change(ctx, s, func(ctx context.Context, tx *store.Tx) error { return tx.Unschedule(ctx, s) })
}

// change changes a scheduled message, unless it has been changed since it was read, and tells the
// sender's devices.
func (d *dispatch) change(ctx context.Context, s chat.Scheduled, do func(context.Context, *store.Tx) error) error {
	ref, _ := chat.ParseRoomID(s.Room)
	where, shard, err := d.me.placeOf(ctx, ref)
	if err != nil {
		return err
	}
	return d.me.store.Write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.ScheduledForUpdate(ctx, d.me.User, s.Room, []chat.ScheduledID{s.ID})
		if err != nil || len(list) == 0 || list[0].UpdatedAt != s.UpdatedAt {
			return err
		}
		if err := do(ctx, tx); err != nil {
			return err
		}
		return d.me.tellOfSchedule(ctx, tx, where, s.Room)
	})
}

// userGone reports whether the sender is deleted.
func (d *dispatch) userGone(ctx context.Context) bool {
	u, err := d.me.store.User(ctx, d.me.App.ID, d.me.User)
	return err == nil && u.DeletedAt > 0
}

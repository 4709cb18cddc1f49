package service

import (
	"context"
	"errors"
	"strconv"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// MaxScheduled is how many messages a user can have scheduled for one room.
	MaxScheduled = 100
	// MaxScheduledInAll is how many messages a user can have scheduled for all rooms.
	MaxScheduledInAll = 500
	// MaxScheduledBytes bounds their sealed texts in one room: they are listed in one answer.
	MaxScheduledBytes = 2 << 20
	// MaxScheduledAhead is how far ahead a message can be scheduled.
	MaxScheduledAhead = 366 * 24 * time.Hour
	// scheduledLate is how long ago a message that is being scheduled may have been due: calls take
	// their time, and SDKs say nothing of an error. It is sent at once.
	scheduledLate = time.Minute
)

// Schedule stores a message of the member's to be sent at a time (Unix ms), when all rules are looked
// at again. A localID that is scheduled already is answered with what is scheduled.
func (me Member) Schedule(ctx context.Context, d Draft, at int64) (chat.ScheduledView, error) {
	if err := me.scheduleTime(at); err != nil {
		return chat.ScheduledView{}, err
	}
	draft, named, err := me.scheduleDraft(ctx, d)
	if err != nil {
		return chat.ScheduledView{}, err
	}
	ref, ok := chat.ParseRoomID(d.RoomID)
	if !ok {
		return chat.ScheduledView{}, chat.RoomNotFound()
	}
	if err := me.maySchedule(ctx, ref, draft.LocalID); err != nil {
		return chat.ScheduledView{}, err
	}
	s := chat.Scheduled{App: me.App.ID, Room: d.RoomID, Message: draft, At: at}
	where, shard, err := me.placeOf(ctx, ref)
	if err != nil {
		return chat.ScheduledView{}, err
	}
	err = me.write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.HoldNamed(ctx, named); err != nil {
			return err
		}
		before, found, err := tx.ScheduledByLocalID(ctx, me.App.ID, draft.LocalID)
		switch {
		case err != nil:
			return err
		case found && before.Message.Sender != me.User:
			return chat.Errorf(chat.CodeConflict, "This localID belongs to another sender's message")
		case found:
			s = before
			return nil
		}
		if s, err = tx.Schedule(ctx, s); err != nil {
			return err
		}
		return me.scheduleChanged(ctx, tx, where, s)
	})
	if err != nil {
		return chat.ScheduledView{}, err
	}
	views, err := me.viewScheduled(ctx, d.RoomID, []chat.Scheduled{s})
	if err != nil {
		return chat.ScheduledView{}, afterWrite(err)
	}
	return views[0], nil
}

// scheduleDraft checks a message that is to be sent later, and finds the file and the users that it names.
func (me Member) scheduleDraft(ctx context.Context, d Draft) (m chat.Message, named []store.NamedUser, err error) {
	if d, err = me.moderated(ctx, d, false); err != nil {
		return m, nil, err
	}
	m, file, err := d.message(me.dialect)
	if err != nil {
		return m, nil, err
	}
	m.App, m.Sender = me.App.ID, me.User
	if m.File, err = me.fileToShare(ctx, file, d.RoomID, d.Forward.RoomID); err != nil {
		return m, nil, err
	}
	named, err = me.withoutErased(ctx, &m)
	return m, named, err
}

// scheduleTime says what is wrong with a time to send something.
func (me Member) scheduleTime(at int64) error {
	now := me.now()
	switch {
	case at <= 0:
		return chat.Required("scheduledTime")
	case at < now.Add(-scheduledLate).UnixMilli():
		return chat.Invalid("scheduledTime", "must not be in the past")
	case at > now.Add(MaxScheduledAhead).UnixMilli():
		return chat.Invalid("scheduledTime", "must be within a year")
	}
	return nil
}

// maySchedule says why the member could not send a message now.
func (me Member) maySchedule(ctx context.Context, ref chat.RoomRef, localID string) error {
	_, err := me.store.MessageByLocalID(ctx, me.App.ID, localID)
	if err == nil {
		return chat.Errorf(chat.CodeConflict, "A message with this localID was sent already")
	}
	if chat.CodeOf(err) != chat.CodeNotFound {
		return err
	}
	if ref.Type == chat.Personal && !ref.Pair.Has(me.User) {
		return chat.RoomNotFound() // a stranger learns nothing of it
	}
	room, err := me.writableRoom(ctx, ref)
	switch {
	case ref.Type == chat.Personal && chat.CodeOf(err) == chat.CodeNotFound: // it will come into being
		_, err = me.resolveUser(ctx, me.App.ID, UserName{ID: ref.Pair.Other(me.User).String()})
		return err
	case err == nil && room.BlockedBy(me.User):
		return errBlocked()
	}
	return err
}

// placeOf is where a room is, Room being 0 for a personal one that is not there yet, and the shard of
// what is written about it.
func (me Member) placeOf(ctx context.Context, ref chat.RoomRef) (where chat.Place, shard int64, err error) {
	where = chat.Place{App: me.App.ID, Room: ref.ID}
	if ref.Type != chat.Personal {
		shard, err = me.shardOfRef(ctx, me.App.ID, ref)
		return where, shard, err
	}
	where.Room, err = me.store.PersonalRoomID(ctx, me.App.ID, ref.Pair)
	if chat.CodeOf(err) == chat.CodeNotFound {
		err = nil
	}
	return where, pairShard(me.App.ID, ref.Pair), err
}

// scheduleChanged refuses what is too much, and tells the member's devices of a change.
func (me Member) scheduleChanged(ctx context.Context, tx *store.Tx, where chat.Place, s chat.Scheduled) error {
	use, err := tx.ScheduledUse(ctx, me.User, s.Room)
	switch {
	case err != nil:
		return err
	case use.InRoom > MaxScheduled:
		return chat.Errorf(chat.CodeForbidden, "You have scheduled %d messages in this room, and no more can be", MaxScheduled)
	case use.All > MaxScheduledInAll:
		return chat.Errorf(chat.CodeForbidden, "You have scheduled %d messages, and no more can be", MaxScheduledInAll)
	case use.Bytes > MaxScheduledBytes:
		return chat.Errorf(chat.CodeForbidden, "The messages that you have scheduled in this room are too large together")
	}
	return me.tellOfSchedule(ctx, tx, where, s.Room)
}

func (me Member) tellOfSchedule(ctx context.Context, tx *store.Tx, where chat.Place, room string) error {
	return tx.Announce(ctx, &chat.ScheduleChanged{Place: where, User: me.User, RoomID: room, At: tx.Now()})
}

// Scheduled lists what the member has scheduled for a room, in the order of when it is due, with what
// was refused when it was due. A room that the member is not in any more has what was refused.
func (me Member) Scheduled(ctx context.Context, roomID string) ([]chat.ScheduledView, error) {
	if _, ok := chat.ParseRoomID(roomID); !ok {
		return nil, nil // nothing can be scheduled there
	}
	list, err := me.store.Scheduled(ctx, me.App.ID, me.User, roomID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return me.viewScheduled(ctx, roomID, list)
}

// viewScheduled shows scheduled messages of a room as if they were sent when they are due.
func (me Member) viewScheduled(
	ctx context.Context, roomID string, list []chat.Scheduled,
) ([]chat.ScheduledView, error) {
	ref, _ := chat.ParseRoomID(roomID)
	room, member, err := me.store.RoomFor(ctx, me.App.ID, ref, me.User)
	if err != nil && chat.CodeOf(err) != chat.CodeNotFound {
		return nil, err
	}
	if err != nil || !member.MayRead() { // not there yet, or no longer the member's to see
		room = chat.Room{App: me.App.ID, ID: ref.ID, Type: ref.Type, Pair: ref.Pair}
	}
	people := []chat.UserID{me.User, me.User}
	if ref.Type == chat.Personal {
		people[1] = ref.Pair.Other(me.User)
	}
	users, err := me.store.Users(ctx, me.App.ID, people)
	if err != nil {
		return nil, err
	}
	views := make([]chat.ScheduledView, len(list))
	for i, s := range list {
		m := s.Message
		m.Room, m.CreatedAt, m.UpdatedAt = room.ID, s.At, s.UpdatedAt
		views[i] = chat.ScheduledView{Scheduled: s, View: chat.MessageView{Message: &m, Room: &room, Sender: users[0]}}
		if ref.Type == chat.Personal {
			views[i].View.Partner = users[1]
		}
	}
	return views, nil
}

// Reschedule has a message sent at another time (Unix ms), also one that was refused.
func (me Member) Reschedule(ctx context.Context, id chat.ScheduledID, at int64) error {
	if err := me.scheduleTime(at); err != nil {
		return err
	}
	return me.changeScheduled(ctx, id, func(_ context.Context, _ *store.Tx, s *chat.Scheduled) error {
		s.At = at
		return nil
	})
}

// EditScheduled has another message sent in place of one that is scheduled. One that was refused is
// tried again at its time, which may be over.
func (me Member) EditScheduled(ctx context.Context, id chat.ScheduledID, d Draft) error {
	draft, named, err := me.scheduleDraft(ctx, d)
	if err != nil {
		return err
	}
	return me.changeScheduled(ctx, id, func(ctx context.Context, tx *store.Tx, s *chat.Scheduled) error {
		if err := tx.HoldNamed(ctx, named); err != nil {
			return err
		}
		other, found, err := tx.ScheduledByLocalID(ctx, me.App.ID, draft.LocalID)
		if err == nil && found && other.ID != id {
			return chat.Errorf(chat.CodeConflict, "This localID belongs to another message")
		}
		s.Message = draft
		return err
	})
}

// errNotScheduled is the answer for what was sent already, or never scheduled.
func (me Member) errNotScheduled(ctx context.Context, id chat.ScheduledID) error {
	if err := me.CheckLogin(ctx); err != nil { // what the user had scheduled goes with the user
		return err
	}
	return chat.Missing(chat.Errorf(chat.CodeNotFound, "Message is not found"), strconv.FormatInt(int64(id), 10))
}

// changeScheduled changes a message that the member has scheduled.
func (me Member) changeScheduled(
	ctx context.Context, id chat.ScheduledID, change func(context.Context, *store.Tx, *chat.Scheduled) error,
) error {
	list, err := me.store.ScheduledByID(ctx, me.App.ID, me.User, []chat.ScheduledID{id})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return me.errNotScheduled(ctx, id)
	}
	room := list[0].Room
	ref, _ := chat.ParseRoomID(room)
	where, shard, err := me.placeOf(ctx, ref)
	if err != nil {
		return err
	}
	return me.write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.ScheduledForUpdate(ctx, me.User, room, []chat.ScheduledID{id})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return me.errNotScheduled(ctx, id)
		}
		s := list[0]
		s.Failure = ""
		if err := change(ctx, tx, &s); err != nil {
			return err
		}
		if s, err = tx.ChangeScheduled(ctx, s, s.At); err != nil {
			return err
		}
		return me.scheduleChanged(ctx, tx, where, s)
	})
}

// Unschedule has messages not be sent, and returns which of them. Others were sent, or never
// scheduled.
func (me Member) Unschedule(ctx context.Context, ids []chat.ScheduledID) (dropped []chat.ScheduledID, err error) {
	err = me.eachRoomOf(ctx, ids, func(room string, ids []chat.ScheduledID) error {
		ref, _ := chat.ParseRoomID(room)
		where, shard, err := me.placeOf(ctx, ref)
		if err != nil {
			return err
		}
		var here []chat.ScheduledID
		err = me.write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
			here = nil
			list, err := tx.ScheduledForUpdate(ctx, me.User, room, ids)
			if err != nil || len(list) == 0 {
				return err
			}
			for _, s := range list {
				if err := tx.Unschedule(ctx, s); err != nil {
					return err
				}
				here = append(here, s.ID)
			}
			return me.tellOfSchedule(ctx, tx, where, room)
		})
		dropped = append(dropped, here...)
		return err
	})
	return dropped, err
}

// eachRoomOf calls do for each room in which the member has scheduled any of some messages.
func (me Member) eachRoomOf(
	ctx context.Context, ids []chat.ScheduledID, do func(room string, ids []chat.ScheduledID) error,
) error {
	list, err := me.store.ScheduledByID(ctx, me.App.ID, me.User, ids)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return me.CheckLogin(ctx) // what the user had scheduled goes with the user
	}
	var rooms []string
	of := map[string][]chat.ScheduledID{}
	for _, s := range list {
		if of[s.Room] == nil {
			rooms = append(rooms, s.Room)
		}
		of[s.Room] = append(of[s.Room], s.ID)
	}
	for _, room := range rooms {
		err = errors.Join(err, do(room, of[room]))
	}
	return err
}

package service

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// maxPartners bounds the personal rooms that are told of a new profile, the latest used;
	// in the others it shows with the next message.
	maxPartners = 500
	// taskPage is how many rooms are done between two renewals of a task's lease.
	taskPage = 256
	// taskInterval is how often a node looks for tasks that nobody is at work on.
	taskInterval = time.Second
	// finishTime bounds the work of a call whose caller has set no end. What is left is done
	// by FinishTasks.
	finishTime = 20 * time.Second
)

// finish does what is due in a user's rooms, for a call that has just made it so. It is
// stored: so it goes on when the caller leaves, and when it fails, or has no time left,
// FinishTasks of any node does the rest.
func (c *core) finish(ctx context.Context, t store.UserTask) error {
	until, limited := ctx.Deadline()
	if !limited {
		until = time.Now().Add(finishTime)
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer cancel()
	return c.workOn(ctx, t)
}

// FinishTasks does, until ctx ends, what is due since users were changed and what nobody is
// at work on: the node that began it has died, or had no time.
func (s *Service) FinishTasks(ctx context.Context, log *slog.Logger) error {
	tick := time.NewTicker(taskInterval)
	defer tick.Stop()
	released := false
	for {
		err := error(nil)
		if !released {
			err = s.store.ReleaseUserTasks(ctx)
			released = err == nil
		}
		for ok := true; ok && err == nil; {
			var t store.UserTask
			if t, ok, err = s.store.ClaimUserTask(ctx); ok && err == nil {
				err = s.workOn(ctx, t)
			}
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("what is due since a user was changed is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// workOn does what is left of a task of which the caller has the lease.
func (c *core) workOn(ctx context.Context, t store.UserTask) error {
	for {
		rooms, err := c.taskRooms(ctx, t)
		if err == nil {
			err = c.stepAll(ctx, t, rooms)
		}
		if err == nil && (!t.Account || len(rooms) < taskPage) {
			return c.store.EndUserTask(ctx, t)
		}
		if err == nil {
			t.Position = rooms[len(rooms)-1].ID
			err = c.store.AdvanceUserTask(ctx, t, true)
		}
		if err != nil {
			// Not to be waited for, if it can be had. Otherwise the lease ends by itself.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			_ = c.store.AdvanceUserTask(last, t, false)
			cancel()
			return err
		}
	}
}

// taskRooms lists the next rooms of a task: those that are there when it begins. A deleted
// user gets no new ones, and those of others are open.
func (c *core) taskRooms(ctx context.Context, t store.UserTask) ([]chat.Room, error) {
	if t.Account {
		return c.store.PersonalRoomsAfter(ctx, t.App, t.User, t.Position, taskPage)
	}
	return c.store.PersonalRooms(ctx, t.App, t.User, maxPartners)
}

// stepAll does what is due in rooms, many at a time, so that they share commits.
func (c *core) stepAll(ctx context.Context, t store.UserTask, rooms []chat.Room) error {
	var all errgroup.Group
	all.SetLimit(roomsAtOnce)
	for _, room := range rooms {
		all.Go(func() error {
			return c.store.Write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
				if ok, err := tx.BeginUserStep(ctx, t, room.ID); err != nil || !ok {
					return err
				}
				return c.stepIn(ctx, tx, t, room.ID)
			})
		})
	}
	return all.Wait()
}

// stepIn brings a personal room to what its user is now: of a deleted one it is closed, of
// a live one it is opened, unless the partner is deleted, and told of the profile.
func (c *core) stepIn(ctx context.Context, tx *store.Tx, t store.UserTask, id chat.RoomID) error {
	room, _, err := tx.RoomForUpdateFor(ctx, t.App, id, t.User)
	if err != nil {
		return err
	}
	// With the room in hand: the partner's own step is before this one or after it.
	partner := room.Pair.Other(t.User)
	live, err := tx.LiveAmong(ctx, t.User, partner)
	if err != nil {
		return err
	}
	notice, event := chat.Notice{Kind: chat.NoticeUserUpdated, Hidden: true}, chat.FeedKind("")
	switch {
	case !live[t.User] && room.Locked(), room.Locked() && !live[partner]:
		return nil
	case !live[t.User]:
		notice, event = chat.Notice{Kind: chat.NoticeUserDeleted}, chat.FeedRoomLocked
		room.LockedAt = max(tx.Now(), 1)
		room, err = tx.UpdateRoom(ctx, room)
	case room.Locked():
		event, room.LockedAt = chat.FeedRoomUnlocked, 0
		room, err = tx.UpdateRoom(ctx, room)
	}
	if err != nil {
		return err
	}
	if err := (speaker{c.dialect, t.User, false}).notify(ctx, tx, room, notice); err != nil || event == "" {
		return err
	}
	return record(ctx, tx, event, room, t.User, chat.FeedData{})
}

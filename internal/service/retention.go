package service

import (
	"context"
	"errors"
	"time"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/store"
)

const (
	// retentionStep is how many messages one transaction removes, and retentionPause the time before the next: so
	// others' writes come between them.
	retentionStep  = 50
	retentionPause = 20 * time.Millisecond
	// retentionRooms is how many rooms are looked at for something to remove at a time.
	retentionRooms = 200
	// retentionLease is how long a node is at one rule before it gives it back, done or not, and how long one waits
	// whose node was killed.
	retentionLease = 15 * time.Second
)

// SetRetention has messages of rooms with a tag removed so many days after they were sent; "" is for the rooms none
// of whose tags has a rule. It begins chat.RetentionGrace later.
func (b Backend) SetRetention(ctx context.Context, tag string, days int) (r chat.RetentionRule, err error) {
	err = b.store.WriteOnce(ctx, b.retentionShard(), func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SetRetentionRule(ctx, b.app.ID, tag, days); err != nil {
			return err
		}
		r, err = tx.RetentionRuleForUpdate(ctx, b.app.ID, tag)
		return err
	}, &r)
	return r, err
}

// DeleteRetention has nothing removed any more because of a rule; found is false where there is none. The rooms have the
// rule then that they would have without it.
func (b Backend) DeleteRetention(ctx context.Context, tag string) (found bool, err error) {
	err = b.store.WriteOnce(ctx, b.retentionShard(), func(ctx context.Context, tx *store.Tx) (err error) {
		found, err = tx.DeleteRetentionRule(ctx, b.app.ID, tag)
		return err
	}, &found)
	return found && err == nil, err
}

// Retention lists the App's rules, with what they have done.
func (b Backend) Retention(ctx context.Context) ([]chat.RetentionRule, error) {
	return b.store.RetentionRules(ctx, b.app.ID)
}

func (b Backend) retentionShard() int64 { return shardOf(b.app.ID, "retention", "") }

// RetentionKind is what is done about rules of retention.
func (s *Service) RetentionKind() job.Kind {
	return job.Kind{
		Name: chat.JobRetention, Do: s.retain, EndsItself: true, AtOnce: 2, Lease: retentionLease, Attempts: 1 << 20,
	}
}

// retain removes what a rule no longer keeps, and has the rule's job done again a day later. Each of its steps is a
// transaction that also stores what it has removed and how far it is: so it goes on where a killed process was,
// and each message is counted once, whoever else is at it.
func (s *Service) retain(ctx context.Context, j chat.Job) error {
	rule, err := s.store.RetentionRule(ctx, j.App, j.Payload)
	if chat.CodeOf(err) == chat.CodeNotFound || err == nil && rule.Job != j.ID {
		_, err = s.store.EndJob(ctx, j)
		return err
	}
	if err != nil {
		return err
	}
	w := retainer{&s.core, rule}
	err = inParts(ctx, w.run)
	if errors.Is(err, errRulesChanged) {
		return nil // whoever has changed them has moved or dropped the job
	}
	return err
}

// errRulesChanged ends a run: what it was to remove may be kept now.
var errRulesChanged = errors.New("the App's rules have changed")

// retainer is at work on a rule.
type retainer struct {
	*core
	rule chat.RetentionRule
}

func (w *retainer) run(ctx context.Context) error {
	if err := w.begin(ctx); err != nil || !w.rule.Running() {
		return err
	}
	for {
		part, err := w.store.RetentionRooms(ctx, w.rule, retentionRooms)
		if err != nil {
			return err
		}
		for _, room := range part.Due {
			if err := w.room(ctx, room); err != nil {
				return err
			}
		}
		err = w.step(ctx, shardOf(w.rule.App, "retention", ""), func(ctx context.Context, tx *store.Tx, r *chat.RetentionRule) error {
			r.AtRoom = max(r.AtRoom, part.Last)
			if !part.Done {
				return nil
			}
			r.FinishedAt = max(tx.Now(), r.StartedAt)
			_, err := tx.MoveJob(ctx, r.Job, r.StartedAt+chat.RetentionInterval.Milliseconds())
			return err
		})
		if err != nil || part.Done {
			return err
		}
	}
}

// begin begins a run, unless one was broken off: that goes on. Within the time of grace there is none.
func (w *retainer) begin(ctx context.Context) error {
	if w.rule.Running() {
		return nil
	}
	return w.step(ctx, shardOf(w.rule.App, "retention", ""), func(ctx context.Context, tx *store.Tx, r *chat.RetentionRule) error {
		now := tx.Now()
		if now < r.BeginsAt {
			_, err := tx.MoveJob(ctx, r.Job, r.BeginsAt)
			return err
		}
		// Where the clock was ahead, the end of the last run gives way: what is removed goes by the beginning of this one.
		r.FinishedAt = min(r.FinishedAt, now-1)
		r.StartedAt, r.AtRoom, r.Run = now, 0, chat.Freed{}
		return nil
	})
}

// step does part of a run, and stores how far it is, in one transaction.
func (w *retainer) step(
	ctx context.Context, shard int64, do func(context.Context, *store.Tx, *chat.RetentionRule) error,
) error {
	var r chat.RetentionRule
	err := w.store.Write(ctx, shard, func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = tx.RetentionRuleForUpdate(ctx, w.rule.App, w.rule.Tag)
		if chat.CodeOf(err) == chat.CodeNotFound || err == nil && w.over(r) {
			return errRulesChanged
		}
		if err == nil {
			err = do(ctx, tx, &r)
		}
		if err == nil {
			err = tx.MoveRetention(ctx, r)
		}
		return err
	})
	if err == nil {
		w.rule = r
	}
	return err
}

// over reports whether the run is another's to go on with, or nobody's: r is the rule as it is now.
func (w *retainer) over(r chat.RetentionRule) bool {
	return r.Version != w.rule.Version || r.StartedAt != w.rule.StartedAt || r.FinishedAt != w.rule.FinishedAt
}

// room removes what the rule no longer keeps of a room.
func (w *retainer) room(ctx context.Context, room chat.RoomID) error {
	shard, err := w.shardOfRoomID(ctx, w.rule.App, room)
	if err != nil {
		return err
	}
	for more := true; more; {
		var freed chat.Freed
		err := w.step(ctx, shard, func(ctx context.Context, tx *store.Tx, r *chat.RetentionRule) (err error) {
			freed, more, err = w.expire(ctx, tx, r, room)
			r.Run.Add(freed)
			r.Total.Add(freed)
			done := room
			if more { // it is in the middle of the room: see store.Tx.TellOfPart
				done--
			}
			r.AtRoom = max(r.AtRoom, done)
			return err
		})
		if err != nil {
			return err
		}
		w.freed(freed)
		if err := pause(ctx, retentionPause); err != nil {
			return err
		}
	}
	return nil
}

// expire removes some of the messages of a room, the oldest first. The last time it also tells the backend.
func (w *retainer) expire(
	ctx context.Context, tx *store.Tx, r *chat.RetentionRule, id chat.RoomID,
) (freed chat.Freed, more bool, err error) {
	room, _, err := tx.RoomForUpdateFor(ctx, r.App, id, 0)
	if err != nil {
		return freed, false, err
	}
	has, err := tx.HasRetentionRule(ctx, *r, id)
	if err == nil && !has && r.AtRoom == id-1 { // its tags have changed
		err = tx.TellOfPart(ctx, *r)
	}
	if err != nil || !has {
		return freed, false, err
	}
	done, err := tx.ExpireMessages(ctx, r.App, id, r.Until(), retentionStep)
	if err != nil {
		return freed, false, err
	}
	for _, latest := range done.Latest {
		m, err := tx.MessageForUpdate(ctx, r.App, latest)
		if err == nil {
			err = w.deleteForAll(ctx, tx, m, 0)
		}
		if err != nil {
			return freed, false, err
		}
	}
	if !done.More {
		err = record(ctx, tx, chat.FeedMessageExpired, room, 0, chat.FeedData{Until: r.Until()})
	}
	return done.Freed, done.More, err
}

// pause waits, or ends with ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package service

import (
	"cmp"
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/store"
)

const (
	// KeepDeletions is how long it can be looked up what has become of a deletion that is finished.
	KeepDeletions = 30 * 24 * time.Hour
	// deletionStep is how many messages one transaction deletes, and deletionPause the time before the next:
	// so others' writes come between them.
	deletionStep  = 50
	deletionPause = 20 * time.Millisecond
	deletionLease = 15 * time.Second
	deletionTries = 100
)

// DeletionQuery says which messages a backend deletes all at once.
type DeletionQuery struct {
	Room  RoomName // nothing for all rooms
	By    UserName // nobody for everyone
	From  int64    // Unix ms, of their creation,
	Until int64    // likewise, 0 for no bound; both included
	// LocalID is optional: a repeated call with it begins nothing new.
	LocalID string
}

// DeleteMatching begins to delete all messages that match, but for system messages. It is stored to be worked
// off when DeleteMatching returns; see Deletion for what becomes of it. What is sent later stays. A deletion whose
// LocalID is given, and was used before, is not begun again; where it was another's, that is CodeConflict.
func (b Backend) DeleteMatching(ctx context.Context, q DeletionQuery) (d chat.Deletion, err error) {
	if q.LocalID != "" {
		if err := b.dialect.ValidateLocalID(q.LocalID); err != nil {
			return d, err
		}
	}
	d = chat.Deletion{App: b.app.ID, From: q.From, Until: cmp.Or(q.Until, chat.Forever)}
	// Times may be ahead of the clock, so they do not tell what is sent later.
	if _, d.Below, err = b.store.Reach(ctx); err != nil {
		return d, err
	}
	if q.Room != (RoomName{}) {
		room, err := b.fixedRoom(ctx, q.Room)
		if err != nil {
			return d, err
		}
		d.Room, d.AtRoom = room.ID, room.ID
	}
	if d.Sender, err = b.anybody(ctx, q.By); err != nil {
		return d, err
	}
	d.ID = b.workID(ctx, q.LocalID)
	added := false
	err = b.store.Write(ctx, shardOf(d.App, "deletion", ""), func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.OpenDeletions(ctx, d.App)
		if err != nil {
			return err
		}
		if added, err = tx.AddDeletion(ctx, d); added && n >= chat.MaxDeletions {
			err = chat.Errorf(chat.CodeForbidden, "An App makes at most %d such deletions at a time", chat.MaxDeletions)
		}
		return err
	})
	if err != nil || added {
		return d, err
	}
	return d, b.sameDeletion(ctx, d)
}

// sameDeletion is CodeConflict where what is stored under a deletion's id is another.
func (b Backend) sameDeletion(ctx context.Context, d chat.Deletion) error {
	stored, err := b.store.Deletion(ctx, b.app.ID, d.ID)
	if err != nil {
		return err
	}
	if stored.Room != d.Room || stored.Sender != d.Sender || stored.From != d.From || stored.Until != d.Until {
		return chat.Errorf(chat.CodeConflict, "This localID belongs to another deletion")
	}
	return nil
}

// workID is what work is called that is done beside the calls: what the caller says or else, under a key, what
// whoever does the call again finds, as after a process has died before it could answer.
func (b Backend) workID(ctx context.Context, localID string) string {
	if localID != "" {
		return localID
	}
	if claim := store.ClaimOf(ctx); claim != nil {
		return b.dialect.PartLocalID(claim.Name(), 0)
	}
	return b.dialect.NewLocalID()
}

// Deletion tells how far a deletion is.
func (b Backend) Deletion(ctx context.Context, id string) (chat.Deletion, error) {
	return b.store.Deletion(ctx, b.app.ID, id)
}

// DeletionKind is what is done about deletions.
func (s *Service) DeletionKind() job.Kind {
	return job.Kind{
		Name: chat.JobDeletion, Do: s.deleteSome, EndsItself: true, AtOnce: 4, Lease: deletionLease, Attempts: deletionTries,
	}
}

// deleteSome deletes the next messages of a job's deletion, all of one room. The transaction takes the place of
// the job by another for the rest, so that each message is counted once, whoever else is at it.
func (s *Service) deleteSome(ctx context.Context, j chat.Job) error {
	d, err := s.store.Deletion(ctx, j.App, j.Payload)
	if chat.CodeOf(err) == chat.CodeNotFound {
		_, err = s.store.EndJob(ctx, j)
		return err
	}
	if err != nil {
		return err
	}
	next, err := s.store.DeletionStep(ctx, d, deletionStep)
	if err != nil {
		return err
	}
	shard := shardOf(d.App, "deletion", "")
	if len(next.List) > 0 {
		if shard, err = s.shardOfRoomID(ctx, d.App, next.Room); err != nil {
			return err
		}
	}
	return s.store.Write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
		if ok, err := tx.EndJob(ctx, j); err != nil || !ok {
			return err
		}
		now := d
		now.AtRoom, now.AtTime = next.Room, next.Time
		if next.Done {
			now.FinishedAt = max(tx.Now(), 1)
			return tx.MoveDeletion(ctx, now)
		}
		deleted, err := s.deleteListed(ctx, tx, d.App, next.Room, next.List)
		if err != nil {
			return err
		}
		now.Looked, now.Deleted = d.Looked+int64(len(next.List)), d.Deleted+deleted
		if err := tx.MoveDeletion(ctx, now); err != nil {
			return err
		}
		_, err = tx.AddJob(ctx, chat.Job{Kind: j.Kind, App: j.App, Payload: j.Payload, DueAt: tx.Now() + deletionPause.Milliseconds()})
		return err
	})
}

// deleteListed deletes messages of a room in the App's name, but for system messages, and returns how many
// were not deleted before.
func (c *core) deleteListed(
	ctx context.Context, tx *store.Tx, app chat.AppID, room chat.RoomID, list []store.MessageAt,
) (deleted int64, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	if _, _, err := tx.RoomForUpdateFor(ctx, app, room, 0); err != nil {
		return 0, err
	}
	for _, at := range list {
		m, err := tx.MessageForUpdate(ctx, app, at.ID)
		if chat.CodeOf(err) == chat.CodeNotFound {
			continue // a rule of retention was faster
		}
		if err != nil {
			return 0, err
		}
		if m.Type == chat.SystemMessage || m.Deleted() {
			continue
		}
		if err := c.deleteForAll(ctx, tx, m, 0); err != nil {
			return 0, err
		}
		deleted++
	}
	return deleted, nil
}

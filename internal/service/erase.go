package service

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/store"
)

const (
	// erasePage is how many messages are looked through for a user's at a time.
	erasePage = 2000
	// eraseStep bounds the messages, and other rows, that one transaction changes, so that it is short.
	eraseStep = 50
	// eraseLease is how long a node is at one erasure before it gives it back, done or not, and how long
	// one waits whose node was killed.
	eraseLease = 15 * time.Second
)

// EraseUser deletes a user, as DeleteUser does, and then, for good and by a job, everything that the
// user has written, uploaded, set or was known by. The customer's id is free at once: who is named by it
// from then on is somebody new.
func (b Backend) EraseUser(ctx context.Context, xcUser string) (e chat.Erasure, err error) {
	var due *store.UserTask
	err = b.store.WriteOnce(ctx, loginShard(b.app.ID, xcUser), func(ctx context.Context, tx *store.Tx) (err error) {
		erased, err := tx.LeavingWith(ctx, b.app.ID, xcUser)
		if err != nil {
			return err
		}
		var user chat.User
		if user, due, _, err = tx.DeleteUser(ctx, b.app.ID, xcUser); err != nil {
			return err
		}
		if user.XCID != xcUser || user.Erased() { // another call was faster, or it is an erased user's new id
			return chat.Missing(chat.UserNotFound(), xcUser)
		}
		e, err = tx.AddErasure(ctx, user, erased)
		return err
	}, &e)
	if err == nil && due != nil {
		_ = b.finish(ctx, *due) // the user is deleted; what could not be done now is done later
	}
	return e, err
}

// Erasure finds an erasure of the App, or CodeNotFound, and how far it is.
func (b Backend) Erasure(ctx context.Context, id chat.ErasureID) (chat.Erasure, error) {
	return b.store.Erasure(ctx, b.app.ID, id)
}

// EraseKind is what is done about users who are to be erased.
func (s *Service) EraseKind() job.Kind {
	return job.Kind{Name: chat.JobErase, Do: s.erase, EndsItself: true, AtOnce: 2, Lease: eraseLease, Attempts: 1 << 20}
}

// erase takes away what is left of a user. Each of its steps is a transaction that also stores how far it
// is: so it goes on where a killed process was, and nothing is counted twice.
func (s *Service) erase(ctx context.Context, j chat.Job) error {
	e, err := s.store.Erasure(ctx, j.App, chat.ErasureID(j.Payload))
	if chat.CodeOf(err) == chat.CodeNotFound {
		return job.GiveUp(err)
	}
	if err != nil {
		return err
	}
	w := eraser{&s.core, j, e}
	return inParts(ctx, w.scheduled, w.messages, w.rooms, w.photos, w.files, w.people, w.lateMessages, w.words, w.finish)
}

// eraser erases one user.
type eraser struct {
	*core
	job chat.Job
	e   chat.Erasure
}

// step does part of an erasure and counts it, in one transaction.
func (w *eraser) step(ctx context.Context, shard int64, do func(context.Context, *store.Tx, *chat.Erasure) error) error {
	return w.store.Write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
		e, err := tx.ErasureForUpdate(ctx, w.e.App, w.e.ID)
		if err != nil {
			return err
		}
		if err := do(ctx, tx, &e); err != nil {
			return err
		}
		if err := tx.SetErasure(ctx, e); err != nil {
			return err
		}
		w.e = e
		return nil
	})
}

// repeat does steps until one has found nothing more to do.
func (w *eraser) repeat(ctx context.Context, do func(context.Context, *store.Tx, *chat.Erasure) (n int64, err error)) error {
	for n := int64(1); n > 0; {
		err := w.step(ctx, int64(w.e.User), func(ctx context.Context, tx *store.Tx, e *chat.Erasure) (err error) {
			n, err = do(ctx, tx, e)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// rooms takes away what the user has kept and set in rooms.
func (w *eraser) rooms(ctx context.Context) error {
	err := w.repeat(ctx, func(ctx context.Context, tx *store.Tx, e *chat.Erasure) (int64, error) {
		n, err := tx.EraseInRooms(ctx, e.User, eraseStep)
		e.Erased.Hidden += n.Hidden
		e.Erased.Stars += n.Stars
		e.Erased.ParticipantData += n.Data
		return n.Hidden + n.Stars + n.Data, err
	})
	if err != nil {
		return err
	}
	for after := chat.RoomID(0); ; {
		last := after
		err := w.step(ctx, int64(w.e.User), func(ctx context.Context, tx *store.Tx, e *chat.Erasure) (err error) {
			var n int64
			n, last, err = tx.ErasePreferences(ctx, e.User, after, eraseStep)
			e.Erased.Preferences += n
			return err
		})
		if err != nil || last == after {
			return err
		}
		after = last
	}
}

func (w *eraser) photos(ctx context.Context) error {
	return w.repeat(ctx, func(ctx context.Context, tx *store.Tx, e *chat.Erasure) (int64, error) {
		n, err := tx.ErasePhotos(ctx, e.App, e.User)
		e.Erased.Photos += n
		return n, err
	})
}

// people takes away how the user and others stand to each other, and what is known of the devices.
func (w *eraser) people(ctx context.Context) error {
	for {
		blocks, err := w.store.BlocksWith(ctx, w.e.User, eraseStep)
		if err != nil {
			return err
		}
		if len(blocks) == 0 {
			break
		}
		for _, b := range blocks {
			err = w.step(ctx, int64(w.e.User), func(ctx context.Context, tx *store.Tx, e *chat.Erasure) error {
				_, changed, err := tx.SetBlocked(ctx, e.App, b, false)
				if changed {
					e.Erased.Blocks++
				}
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return w.repeat(ctx, func(ctx context.Context, tx *store.Tx, e *chat.Erasure) (int64, error) {
		broadcasts, err := tx.EraseBroadcasts(ctx, e.App, e.User)
		if err != nil {
			return 0, err
		}
		contacts, err := tx.EraseContacts(ctx, e.User, eraseStep)
		if err != nil {
			return 0, err
		}
		reports, err := tx.EraseReports(ctx, e.User, eraseStep)
		if err != nil {
			return 0, err
		}
		devices, err := tx.EraseDevices(ctx, e.User)
		e.Erased.Broadcasts += broadcasts
		e.Erased.Contacts += contacts
		e.Erased.Reports += reports
		e.Erased.Devices += devices
		return contacts + reports + devices, err
	})
}

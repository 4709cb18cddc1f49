package device

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// State is how far a device is with what comes over its socket.
type State struct {
	Began  int64 // every change from this number on was delivered to the session
	UpTo   int64 // the frames of all changes below this number that were delivered to it have arrived
	SeenAt int64 // Unix ms: when the device last showed that it is there
	Known  Known // what has arrived lately
}

// Note stores what has reached a device over its socket, and that its user was there. The
// cursor moves if the device has caught up to where the session began; Note returns the cursor.
func (d *Devices) Note(ctx context.Context, c chat.Caller, s State) (cursor int64, err error) {
	err = d.store.Write(ctx, shard(c), func(ctx context.Context, tx *store.Tx) error {
		cursor = 0
		if err := tx.SetActive(ctx, c.App.ID, c.User, s.SeenAt); err != nil {
			return err
		}
		p, found, err := tx.ProgressForUpdate(ctx, c.User, c.Login.Device)
		if err != nil || !found {
			return err // a device that has never asked for its rooms has nothing yet, and stays unknown
		}
		cursor = p.Cursor
		moves := p.Target == 0 && !p.Offered && p.Cursor >= s.Began && s.UpTo > p.Cursor
		if !moves && len(s.Known) == 0 {
			return nil
		}
		if moves {
			cursor, p.Cursor = s.UpTo, s.UpTo
		}
		known := decodeKnown(p.Known)
		known.Add(s.Known)
		known.Forget(p.Cursor)
		if p.Known, err = known.encode(); err != nil {
			return err
		}
		return tx.SetProgress(ctx, c.User, c.Login.Device, p)
	})
	return cursor, err
}

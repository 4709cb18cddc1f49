package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// maxDevices is how many devices of one user are remembered, the latest in use.
const maxDevices = 100

// Progress is how far a device is with what is handed out to it (see package device).
type Progress struct {
	Cursor int64 // every change with a lower number was handed out
	// Offered says that this is not certain: the device was sent its first list of rooms as of
	// the cursor, and it is not known whether that has arrived.
	Offered bool
	Target  int64       // if not 0, a walk is under way that hands out changes from Cursor to below Target
	Room    chat.RoomID // the walk has handed out rooms with lower ids,
	At      int64       // and of this one all messages created at that time or before
	Known   string      // what of later changes the device has
}

const progressColumns = `d.cursor, d.target, d.walked_room, d.walked_at, d.handed_out`

func scanProgress(r engine.Row) (p Progress, found bool, err error) {
	err = r.Scan(&p.Cursor, &p.Target, &p.Room, &p.At, &p.Known)
	if engine.NoRows(err) {
		return p, false, nil
	}
	if p.Cursor < 0 { // the column's form of Offered
		p.Offered, p.Cursor = true, -p.Cursor
	}
	return p, err == nil, err
}

// Progress reads how far a device is. found is false for one that was never seen.
func (s *Store) Progress(ctx context.Context, user chat.UserID, device string) (p Progress, found bool, err error) {
	p, found, err = scanProgress(s.eng.Row(ctx, `SELECT `+progressColumns+` FROM devices d
		WHERE d.user_id = $1 AND d.device_id = $2`, user, device))
	return p, found, s.explain(err)
}

// ProgressForUpdate is Progress, and keeps others from changing it until the commit.
func (tx *Tx) ProgressForUpdate(
	ctx context.Context, user chat.UserID, device string,
) (p Progress, found bool, err error) {
	return scanProgress(tx.conn.Row(ctx, `SELECT `+progressColumns+` FROM devices d
		WHERE d.user_id = $1 AND d.device_id = $2`+tx.store.eng.ForUpdate("d"), user, device))
}

// SetProgress stores how far a device is. The longest unused one beyond maxDevices of the
// user is forgotten.
func (tx *Tx) SetProgress(ctx context.Context, user chat.UserID, device string, p Progress) error {
	if _, err := tx.conn.Exec(ctx, `DELETE FROM devices WHERE user_id = $1 AND device_id IN (SELECT device_id FROM devices
		WHERE user_id = $1 AND device_id <> $2 ORDER BY synced_at DESC LIMIT 1000 OFFSET $3)`,
		user, device, maxDevices-1); err != nil {
		return err
	}
	if p.Offered {
		p.Cursor = -p.Cursor
	}
	_, err := tx.conn.Exec(ctx, `INSERT INTO devices
		(user_id, device_id, synced_at, cursor, target, walked_room, walked_at, handed_out)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (user_id, device_id) DO UPDATE SET synced_at = excluded.synced_at, cursor = excluded.cursor,
			target = excluded.target, walked_room = excluded.walked_room, walked_at = excluded.walked_at,
			handed_out = excluded.handed_out`,
		user, device, tx.store.nowMS(), p.Cursor, p.Target, p.Room, p.At, p.Known)
	return err
}

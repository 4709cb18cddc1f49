package store

import (
	"context"

	"parlor/internal/chat"
)

// maxDevices is how many devices of one user are remembered, the latest in use.
const maxDevices = 100

// Synced is how far a device is with what is handed out to it. found is false for a
// device that was never seen.
func (s *Store) Synced(ctx context.Context, user chat.UserID, device string) (at int64, handedOut string, found bool, err error) {
	err = s.eng.row(ctx, `SELECT synced_at, handed_out FROM devices WHERE user_id = $1 AND device_id = $2`, user, device).
		Scan(&at, &handedOut)
	if noRows(err) {
		return 0, "", false, nil
	}
	return at, handedOut, err == nil, s.explain(err)
}

// SyncedForUpdate is Synced, and keeps others from changing it until the commit.
func (tx *Tx) SyncedForUpdate(ctx context.Context, user chat.UserID, device string) (at int64, handedOut string, found bool, err error) {
	err = tx.row(ctx, `SELECT d.synced_at, d.handed_out FROM devices d WHERE d.user_id = $1 AND d.device_id = $2`+
		tx.store.eng.forUpdate("d"), user, device).Scan(&at, &handedOut)
	if noRows(err) {
		return 0, "", false, nil
	}
	return at, handedOut, err == nil, err
}

// SetHandedOut notes what was handed out to a device, and up to which time it has
// everything. That time never goes back.
func (tx *Tx) SetHandedOut(ctx context.Context, user chat.UserID, device string, at int64, handedOut string) error {
	if _, err := tx.exec(ctx, `DELETE FROM devices WHERE user_id = $1 AND device_id IN (SELECT device_id FROM devices
		WHERE user_id = $1 AND device_id <> $2 ORDER BY synced_at DESC LIMIT 1000 OFFSET $3)`, user, device, maxDevices-1); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `INSERT INTO devices (user_id, device_id, synced_at, handed_out) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, device_id) DO UPDATE SET handed_out = excluded.handed_out,
			synced_at = CASE WHEN devices.synced_at > excluded.synced_at THEN devices.synced_at ELSE excluded.synced_at END`, user, device, at, handedOut)
	return err
}

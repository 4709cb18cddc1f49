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

// SetSynced notes that a device has everything up to a time, if that is later than what is
// known of it.
func (tx *Tx) SetSynced(ctx context.Context, user chat.UserID, device string, at int64) error {
	_, err := tx.exec(ctx, `UPDATE devices SET synced_at = $1, handed_out = '' WHERE user_id = $2 AND device_id = $3
		AND synced_at <= $1`, at, user, device)
	return err
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

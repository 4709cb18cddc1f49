package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// maxTickets is how many unused tickets of one user stand at a time; a further one
// takes the place of the oldest.
const maxTickets = 20

// CreateTicket stores the hash of a ticket for user, and throws old ones away.
func (tx *Tx) CreateTicket(ctx context.Context, app chat.AppID, user chat.UserID, hash []byte, expiresAt int64) error {
	now := tx.store.nowMS()
	if _, err := tx.conn.Exec(ctx, `DELETE FROM auth_tickets WHERE hash IN (SELECT hash FROM auth_tickets
		WHERE user_id = $1 ORDER BY expires_at DESC LIMIT 1000 OFFSET $2)`, user, maxTickets-1); err != nil {
		return err
	}
	// Nothing else sweeps up: delete a few of those that nobody came for.
	if _, err := tx.conn.Exec(ctx, `DELETE FROM auth_tickets WHERE hash IN (SELECT hash FROM auth_tickets
		WHERE expires_at < $1 ORDER BY expires_at LIMIT 10)`, now); err != nil {
		return err
	}
	_, err := tx.conn.Exec(ctx, `INSERT INTO auth_tickets (hash, app_id, user_id, expires_at) VALUES ($1, $2, $3, $4)`,
		hash, app, user, expiresAt)
	return err
}

// UseTicket takes a ticket away and returns whose it was. ok is false for one that is
// unknown, used, expired, or another App's.
func (tx *Tx) UseTicket(ctx context.Context, app chat.AppID, hash []byte) (user chat.UserID, ok bool, err error) {
	var expiresAt int64
	err = tx.conn.Row(ctx, `DELETE FROM auth_tickets WHERE hash = $1 AND app_id = $2
		RETURNING user_id, expires_at`, hash, app).Scan(&user, &expiresAt)
	if engine.NoRows(err) {
		return 0, false, nil
	}
	return user, expiresAt > tx.store.nowMS(), err
}

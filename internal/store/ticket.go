package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// maxTickets is how many unused tickets of one user stand at a time; a further one
// takes the place of the oldest.
const maxTickets = 20

// TicketUser finds whose ticket it is, by both ids, without using it. ok is false for one that is unknown, or
// another App's.
func (s *Store) TicketUser(
	ctx context.Context, app chat.AppID, hash []byte,
) (user chat.UserID, xc string, ok bool, err error) {
	err = s.eng.Row(ctx, `SELECT u.id, u.xc_user_id FROM auth_tickets t JOIN users u ON u.id = t.user_id
		WHERE t.hash = $1 AND t.app_id = $2`, hash, app).Scan(&user, &xc)
	if engine.NoRows(err) {
		return 0, "", false, nil
	}
	return user, xc, err == nil, s.explain(err)
}

// CreateTicket stores the hash of a ticket for user, and throws old ones away. A deactivated user is
// CodeForbidden.
func (tx *Tx) CreateTicket(ctx context.Context, app chat.AppID, user chat.UserID, hash []byte, expiresAt int64) error {
	if err := tx.lockLogins(ctx, user); err != nil {
		return err
	}
	if err := tx.RefuseDeactivated(ctx, app, user); err != nil {
		return err
	}
	now := tx.store.nowMS()
	if _, err := tx.conn.Exec(ctx, `DELETE FROM auth_tickets WHERE hash IN (SELECT hash FROM auth_tickets
		WHERE user_id = $1 ORDER BY expires_at DESC LIMIT 1000 OFFSET $2)`, user, maxTickets-1); err != nil {
		return err
	}
	// Nothing else sweeps up: delete a few of those that nobody came for, and that nobody else is deleting.
	if _, err := tx.conn.Exec(ctx, `DELETE FROM auth_tickets WHERE hash IN (SELECT t.hash FROM auth_tickets t
		WHERE t.expires_at < $1 ORDER BY t.expires_at LIMIT 10`+tx.store.eng.SkipLocked("t")+`)`, now); err != nil {
		return err
	}
	_, err := tx.conn.Exec(ctx, `INSERT INTO auth_tickets (hash, app_id, user_id, expires_at) VALUES ($1, $2, $3, $4)`,
		hash, app, user, expiresAt)
	return err
}

// UseTicket takes a user's ticket away. ok is false for one that is unknown, used, expired, or another
// user's.
func (tx *Tx) UseTicket(ctx context.Context, app chat.AppID, user chat.UserID, hash []byte) (ok bool, err error) {
	if err := tx.lockLogins(ctx, user); err != nil {
		return false, err
	}
	var expiresAt int64
	err = tx.conn.Row(ctx, `DELETE FROM auth_tickets WHERE hash = $1 AND app_id = $2 AND user_id = $3
		RETURNING expires_at`, hash, app, user).Scan(&expiresAt)
	if engine.NoRows(err) {
		return false, nil
	}
	return expiresAt > tx.store.nowMS(), err
}

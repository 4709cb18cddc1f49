package store

import (
	"context"

	"parlor/internal/chat"
)

// SetDeactivated keeps a live user from signing in, and signs them out, or lets them sign in again. changed
// is false where it was so before; an absent or deleted user is CodeNotFound.
func (tx *Tx) SetDeactivated(ctx context.Context, app chat.AppID, user chat.UserID, on bool) (changed bool, err error) {
	kind := chat.FeedUserReactivated
	if on {
		kind = chat.FeedUserDeactivated
		if _, err := tx.SignOut(ctx, app, user, ""); err != nil {
			return false, err
		}
	}
	// What is being written in the user's name is waited for: none of it comes later.
	u, err := tx.userAlone(ctx, app, user)
	switch {
	case err != nil:
		return false, err
	case u.DeletedAt > 0:
		return false, chat.Missing(chat.UserNotFound(), u.XCID)
	case on == (u.DeactivatedAt > 0):
		return false, nil
	}
	now := max(tx.store.nowMS(), u.UpdatedAt+1)
	at := int64(0)
	if on {
		at = now
	}
	if _, err := tx.conn.Exec(ctx, `UPDATE users SET deactivated_at = $1, updated_at = $2 WHERE id = $3 AND app_id = $4`,
		at, now, user, app); err != nil {
		return false, err
	}
	touch(tx, userRow{user})
	return true, tx.announceUser(ctx, app, user, kind)
}

// RefuseDeactivated is CodeForbidden for a user who is deactivated, deleted besides or not.
func (tx *Tx) RefuseDeactivated(ctx context.Context, app chat.AppID, user chat.UserID) error {
	var found bool
	err := tx.conn.Row(ctx, `SELECT EXISTS (SELECT 1 FROM users u
		WHERE u.id = $1 AND u.app_id = $2 AND u.deactivated_at > 0)`, user, app).Scan(&found)
	if err == nil && found {
		err = chat.UserIsDeactivated()
	}
	return err
}

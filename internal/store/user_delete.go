package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// DeleteUser marks a user as deleted, ends their logins and forgets their tickets and what they
// have scheduled. changed
// is false for one who was deleted before; an absent one is CodeNotFound. due is what is
// then to be done in personal rooms.
func (tx *Tx) DeleteUser(
	ctx context.Context, app chat.AppID, xc string,
) (u chat.User, due *UserTask, changed bool, err error) {
	if u, changed, err = tx.deleteUser(ctx, app, xc); err != nil || !changed {
		return u, nil, changed, err
	}
	t, err := tx.setUserTask(ctx, u, true)
	return u, &t, true, err
}

func (tx *Tx) deleteUser(ctx context.Context, app chat.AppID, xc string) (u chat.User, changed bool, err error) {
	var id chat.UserID
	err = tx.conn.Row(ctx, `SELECT id FROM users WHERE app_id = $1 AND xc_user_id = $2`, app, xc).Scan(&id)
	if engine.NoRows(err) {
		return u, false, chat.Missing(chat.UserNotFound(), xc)
	}
	if err != nil {
		return u, false, err
	}
	if _, err := tx.SignOut(ctx, app, id, ""); err != nil {
		return u, false, err
	}
	if u, err = tx.userAlone(ctx, app, id); err != nil || u.DeletedAt > 0 {
		return u, false, err
	}
	u.UpdatedAt = max(tx.store.nowMS(), u.UpdatedAt+1)
	u.DeletedAt = u.UpdatedAt
	if _, err := tx.conn.Exec(ctx, `UPDATE users SET deleted_at = $1, updated_at = $1 WHERE id = $2 AND app_id = $3`,
		u.DeletedAt, u.ID, app); err != nil {
		return u, false, err
	}
	touch(tx, userRow{u.ID})
	if err := tx.unscheduleAll(ctx, u.ID); err != nil {
		return u, false, err
	}
	if u.Role.Code != "" {
		touch(tx, roleHolders{app, u.Role.Code})
		if err := tx.Announce(ctx, &chat.RolesChanged{App: app}); err != nil {
			return u, false, err
		}
	}
	return u, true, tx.announceUser(ctx, app, u.ID, chat.FeedUserDeleted)
}

// userAlone is a user whom nobody holds any more, and keeps it so until the commit: it waits for writes in
// the user's name, and for personal rooms that are being made with the user.
func (tx *Tx) userAlone(ctx context.Context, app chat.AppID, id chat.UserID) (chat.User, error) {
	u, err := scanUser(tx.conn.Row(ctx, userSelect+`WHERE u.id = $1 AND u.app_id = $2`+
		tx.store.eng.Locks("UPDATE", "u"), id, app))
	if engine.NoRows(err) {
		err = chat.Missing(chat.UserNotFound(), id.String())
	}
	return u, err
}

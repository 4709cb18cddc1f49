package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// loginsAlone is the class under which a user's sign-ins and sign-outs are one at a time (engine.SQL.Alone).
const loginsAlone = 1

// lockLogins keeps others from beginning or ending the user's logins, and from making tickets for the user,
// until the commit. It comes before all locks of rows of the user, which are taken in the order of logins, the
// user, tickets: so two of these writes never wait in a circle, nor with one in the name of a login. Since
// writes share commits, that takes their shards, too: below zero, so that a
// commit has one of a user at most, and users in one order.
func (tx *Tx) lockLogins(ctx context.Context, user chat.UserID) error {
	query := tx.store.eng.Alone(loginsAlone, "$1")
	if query == "" {
		return nil
	}
	_, err := tx.conn.Exec(ctx, query, int64(user))
	return err
}

// SignOut ends the logins of a user, or those on one device, and has their sessions closed. Without a device
// the user's tickets are void, too.
func (tx *Tx) SignOut(
	ctx context.Context, app chat.AppID, user chat.UserID, device string,
) (ended []chat.LoginID, err error) {
	if err := tx.lockLogins(ctx, user); err != nil {
		return nil, err
	}
	ended, err = tx.endEach(ctx, `SELECT id FROM logins WHERE user_id = $1 AND app_id = $2 AND ($3 = '' OR device_id = $3)`,
		user, app, device)
	if err == nil && device == "" {
		_, err = tx.conn.Exec(ctx, `DELETE FROM auth_tickets WHERE user_id = $1`, user)
	}
	if err != nil || len(ended) == 0 {
		return nil, err
	}
	return ended, tx.Announce(ctx, &chat.LoginsEnded{App: app, Logins: ended})
}

// endEach ends those logins whose ids a query finds.
func (tx *Tx) endEach(ctx context.Context, query string, args ...any) (ended []chat.LoginID, err error) {
	err = engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.LoginID
		err := r.Scan(&id)
		ended = append(ended, id)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	slices.Sort(ended) // all who end several hold them in this order
	for _, id := range ended {
		if err := tx.EndLogin(ctx, id); err != nil {
			return nil, err
		}
	}
	return ended, nil
}

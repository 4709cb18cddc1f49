package store

import (
	"context"
	"crypto/sha256"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// SetPushTarget stores by what a vendor knows the device of a login, in place of what was known
// before. A target that another login of the App had is this one's from now on. The login is to be
// held by the write (see Author).
func (tx *Tx) SetPushTarget(ctx context.Context, l chat.Login, t chat.PushTarget) error {
	hash := targetHash(t)
	if _, err := tx.conn.Exec(ctx, `DELETE FROM push_targets WHERE app_id = $1 AND hash = $2 AND login_id <> $3`,
		l.App, hash, l.ID); err != nil {
		return err
	}
	_, err := tx.conn.Exec(ctx, `INSERT INTO push_targets
			(login_id, app_id, user_id, kind, token, p256dh, auth, hash, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (login_id) DO UPDATE SET kind = excluded.kind, token = excluded.token, p256dh = excluded.p256dh,
			auth = excluded.auth, hash = excluded.hash, updated_at = excluded.updated_at`,
		l.ID, l.App, l.User, string(t.Kind), t.Token, t.P256DH, t.Auth, hash, tx.store.nowMS())
	return err
}

// RemovePushTarget forgets the target of a login, whichever it is.
func (tx *Tx) RemovePushTarget(ctx context.Context, login chat.LoginID) error {
	_, err := tx.conn.Exec(ctx, `DELETE FROM push_targets WHERE login_id = $1`, login)
	return err
}

// RemoveDeadTarget forgets a target that its vendor does not know any more, unless the device has
// registered another one meanwhile.
func (tx *Tx) RemoveDeadTarget(ctx context.Context, d chat.PushDevice) error {
	_, err := tx.conn.Exec(ctx, `DELETE FROM push_targets WHERE login_id = $1 AND app_id = $2 AND hash = $3`,
		d.Login, d.App, targetHash(d.Target))
	return err
}

// PushDevices returns the devices of users of the App that can be sent notifications, in the order
// of their logins.
func (s *Store) PushDevices(
	ctx context.Context, app chat.AppID, users []chat.UserID,
) (list []chat.PushDevice, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		d := chat.PushDevice{App: app}
		err := r.Scan(&d.Login, &d.User, &d.Device, (*string)(&d.Target.Kind), &d.Target.Token, &d.Target.P256DH, &d.Target.Auth)
		list = append(list, d)
		return err
	}, `SELECT t.login_id, t.user_id, l.device_id, t.kind, t.token, t.p256dh, t.auth
		FROM push_targets t JOIN logins l ON l.id = t.login_id
		WHERE +t.app_id = $1 AND `+s.eng.IDInList("t.user_id", "$2")+` AND l.expires_at > $3 ORDER BY t.login_id`,
		app, s.eng.IDListArg(idsOf(users)), s.nowMS())
	return list, s.explain(err)
}

// targetHash stands in for a target's kind and token in an index.
func targetHash(t chat.PushTarget) []byte {
	sum := sha256.Sum256([]byte(string(t.Kind) + "\x00" + t.Token))
	return sum[:]
}

package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// The kinds of tokens.
const (
	accessToken  = "access"
	refreshToken = "refresh"
)

// maxTokens is how many tokens of one login are known at a time, the newest.
const maxTokens = 20

// Token is what the database knows of a token by its hash.
type Token struct {
	Login      chat.Login
	ExpiresAt  int64
	ReplacedAt int64 // when a refresh token was exchanged, 0 if it was not
	UserGone   bool
}

const loginOfToken = `SELECT l.id, l.app_id, l.user_id, l.device_id, l.platform,
	t.expires_at, t.replaced_at, u.deleted_at
	FROM tokens t JOIN logins l ON l.id = t.login_id JOIN users u ON u.id = l.user_id WHERE t.hash = $1 AND t.kind = $2`

func scanToken(r engine.Row) (t Token, err error) {
	var deletedAt int64
	err = r.Scan(&t.Login.ID, &t.Login.App, &t.Login.User, &t.Login.Device, &t.Login.Platform,
		&t.ExpiresAt, &t.ReplacedAt, &deletedAt)
	t.UserGone = deletedAt > 0
	return t, err
}

// AccessToken finds an access token by its hash. ok is false for one that is unknown.
func (s *Store) AccessToken(ctx context.Context, hash []byte) (t Token, ok bool, err error) {
	t, err = scanToken(s.eng.Row(ctx, loginOfToken, hash, accessToken))
	if engine.NoRows(err) {
		return t, false, nil
	}
	t.Login.AccessExpiry = t.ExpiresAt
	return t, err == nil, s.explain(err)
}

// RefreshToken finds a refresh token by its hash, and keeps its login from ending until the
// commit. ok is false for one that is unknown.
func (tx *Tx) RefreshToken(ctx context.Context, hash []byte) (t Token, ok bool, err error) {
	t, err = scanToken(tx.conn.Row(ctx, loginOfToken+tx.store.eng.ForUpdate("l"), hash, refreshToken))
	if engine.NoRows(err) {
		return t, false, nil
	}
	return t, err == nil, err
}

// CreateLogin stores a login and ends the user's oldest ones beyond chat.MaxLogins, which
// it returns: their sessions are to be closed. A deleted user is CodeTokenOrphan, a deactivated one
// CodeForbidden.
func (tx *Tx) CreateLogin(
	ctx context.Context, l chat.Login, expiresAt int64,
) (_ chat.Login, ended []chat.LoginID, err error) {
	// First of all: whoever signs the user out then finds this login, or was there before.
	if err := tx.lockLogins(ctx, l.User); err != nil {
		return l, nil, err
	}
	now := tx.store.nowMS()
	ended, err = tx.endEach(ctx, `SELECT id FROM logins WHERE user_id = $1 ORDER BY id DESC LIMIT 1000 OFFSET $2`,
		l.User, chat.MaxLogins-1)
	if err != nil {
		return l, nil, err
	}
	// Those of others that somebody is just ending are left to them.
	expired, err := tx.endEach(ctx, `SELECT l.id FROM logins l WHERE l.expires_at < $1 ORDER BY l.expires_at LIMIT 10`+
		tx.store.eng.SkipLocked("l"), now)
	if err != nil {
		return l, nil, err
	}
	ended = append(ended, expired...)
	n, err := tx.conn.Exec(ctx, `UPDATE users SET last_login_at = $1, last_activity_at = $1
		WHERE id = $2 AND app_id = $3 AND deleted_at = 0 AND deactivated_at = 0`, now, l.User, l.App)
	if err != nil {
		return l, nil, err
	}
	if n == 0 {
		if err := tx.RefuseDeactivated(ctx, l.App, l.User); err != nil {
			return l, nil, err
		}
		return l, nil, chat.Errorf(chat.CodeTokenOrphan, "The user of this ticket was deleted")
	}
	touch(tx, userRow{l.User})
	err = tx.conn.Row(ctx, `INSERT INTO logins (id, app_id, user_id, device_id, platform, created_at, expires_at)
		VALUES (`+tx.store.eng.NewID("logins")+`, $1, $2, $3, $4, $5, $6) RETURNING id`,
		l.App, l.User, l.Device, l.Platform, now, expiresAt).Scan(&l.ID)
	if err != nil {
		return l, nil, err
	}
	return l, ended, err
}

// NewToken is what is stored of a token that a login gets.
type NewToken struct {
	Hash      []byte
	ExpiresAt int64 // Unix ms
}

// AddTokens gives a login a pair of tokens and forgets its oldest ones.
func (tx *Tx) AddTokens(ctx context.Context, login chat.LoginID, access, refresh NewToken) error {
	if _, err := tx.conn.Exec(ctx, `DELETE FROM tokens WHERE hash IN (SELECT hash FROM tokens
		WHERE login_id = $1 ORDER BY created_at DESC LIMIT 1000 OFFSET $2)`, login, maxTokens-2); err != nil {
		return err
	}
	if _, err := tx.conn.Exec(ctx, `INSERT INTO tokens (hash, login_id, kind, created_at, expires_at)
		VALUES ($1, $3, $5, $8, $2), ($4, $3, $6, $8, $7)`,
		access.Hash, access.ExpiresAt, login, refresh.Hash, accessToken, refreshToken, refresh.ExpiresAt,
		tx.store.nowMS()); err != nil {
		return err
	}
	_, err := tx.conn.Exec(ctx, `UPDATE logins SET expires_at = $1 WHERE id = $2`, refresh.ExpiresAt, login)
	return err
}

// ReplaceToken notes that a refresh token was exchanged.
func (tx *Tx) ReplaceToken(ctx context.Context, hash []byte) error {
	_, err := tx.conn.Exec(ctx, `UPDATE tokens SET replaced_at = $1 WHERE hash = $2 AND replaced_at = 0`,
		tx.store.nowMS(), hash)
	return err
}

// EndLogin forgets a login, its tokens and its push target. Its row comes first: nobody gives it a new
// token meanwhile, and writes in its name are done (see Author).
func (tx *Tx) EndLogin(ctx context.Context, id chat.LoginID) error {
	touch(tx, loginRow{id})
	touch(tx, loginsOver{})
	var held chat.LoginID
	err := tx.conn.Row(ctx, `SELECT l.id FROM logins l WHERE l.id = $1`+tx.store.eng.Locks("UPDATE", "l"), id).Scan(&held)
	if err != nil {
		return ignoreNoRows(err) // it has ended before
	}
	if _, err := tx.conn.Exec(ctx, `DELETE FROM tokens WHERE login_id = $1`, id); err != nil {
		return err
	}
	if err := tx.RemovePushTarget(ctx, id); err != nil {
		return err
	}
	_, err = tx.conn.Exec(ctx, `DELETE FROM logins WHERE id = $1`, id)
	return err
}

// LoginsOver returns those of logins that are over, or whose user or App is deleted.
func (s *Store) LoginsOver(ctx context.Context, logins []chat.LoginID) (over []chat.LoginID, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.LoginID
		err := r.Scan(&id)
		over = append(over, id)
		return err
	}, `SELECT x.value FROM `+s.eng.Ordered("$1")+` x WHERE NOT EXISTS (SELECT 1 FROM logins l
		JOIN users u ON u.id = l.user_id JOIN apps a ON a.id = l.app_id
		WHERE l.id = x.value AND u.deleted_at = 0 AND a.deleted_at = 0)`, s.eng.IDListArg(idsOf(logins)))
	return over, s.explain(err)
}

// LoginsEnded is a number that changes with the end of any login. ok is false where other
// processes end logins, too, so that nothing can be said.
func (s *Store) LoginsEnded() (n int64, ok bool) {
	return s.cache.changed[stripeOf(loginsOver{})].Load(), s.cache.enabled
}

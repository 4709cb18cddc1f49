package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

const keyColumns = `id, app_id, kind, label, salt, hash, is_strict, created_at, revoked_at`

// CreateKey stores a key. An id that is taken, in any App, is CodeConflict.
func (s *Store) CreateKey(ctx context.Context, k chat.Key) error {
	by := operationBy(ctx, "key create")
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `INSERT INTO keys (`+keyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
			ON CONFLICT (id) DO NOTHING`, k.ID, k.App, string(k.Kind), k.Label, k.Salt, k.Hash, k.Strict, s.nowMS())
		if err == nil && n == 0 {
			return chat.Errorf(chat.CodeConflict, "there is a key with the id %q already", k.ID)
		}
		if err != nil {
			return err
		}
		return by.on(ctx, tx, k.App, keyObject(k.ID))
	})
}

// ReplaceKeySecret gives a key another secret.
func (s *Store) ReplaceKeySecret(ctx context.Context, k chat.Key) error {
	by := operationBy(ctx, "key replace-secret")
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `UPDATE keys SET salt = $1, hash = $2 WHERE id = $3 AND app_id = $4`,
			k.Salt, k.Hash, k.ID, k.App)
		if err != nil {
			return err
		}
		return by.on(ctx, tx, k.App, keyObject(k.ID))
	})
}

// Key finds a key by its id, in whichever App: the key is what tells the App.
func (s *Store) Key(ctx context.Context, id string) (chat.Key, error) {
	k, err := scanKey(s.eng.Row(ctx, `SELECT `+keyColumns+` FROM keys WHERE id = $1`, id))
	if engine.NoRows(err) {
		return k, chat.Errorf(chat.CodeNotFound, "there is no key with the id %q", id)
	}
	return k, s.explain(err)
}

// Keys lists an App's keys, the oldest first, revoked ones included.
func (s *Store) Keys(ctx context.Context, app chat.AppID) (keys []chat.Key, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		k, err := scanKey(r)
		keys = append(keys, k)
		return err
	}, `SELECT `+keyColumns+` FROM keys WHERE app_id = $1 ORDER BY created_at, id LIMIT $2`, app, chat.MaxAnswer)
	return keys, s.explain(err)
}

// RevokeKey ends a key of the App. Revoking it again changes nothing; a key that is not
// the App's is CodeNotFound.
func (s *Store) RevokeKey(ctx context.Context, app chat.AppID, id string) error {
	by := operationBy(ctx, "key revoke")
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `UPDATE keys SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 ELSE revoked_at END
			WHERE id = $2 AND app_id = $3`, s.nowMS(), id, app)
		if err == nil && n == 0 {
			return noSuchKey(id)
		}
		if err != nil {
			return err
		}
		return by.on(ctx, tx, app, keyObject(id))
	})
}

// SetKeyStrict stores whether a key's calls have parameters refused that they do not know. A key that is
// not the App's is CodeNotFound.
func (s *Store) SetKeyStrict(ctx context.Context, app chat.AppID, id string, strict bool) error {
	by := operationBy(ctx, "key set-strict")
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `UPDATE keys SET is_strict = $1 WHERE id = $2 AND app_id = $3`, strict, id, app)
		if err == nil && n == 0 {
			return noSuchKey(id)
		}
		if err != nil {
			return err
		}
		return by.on(ctx, tx, app, keyObject(id))
	})
}

func noSuchKey(id string) error {
	return chat.Errorf(chat.CodeNotFound, "the app has no key with the id %q", id)
}

func keyObject(id string) chat.Object { return chat.Object{Kind: "key", ID: id} }

func scanKey(r engine.Row) (k chat.Key, err error) {
	err = r.Scan(&k.ID, &k.App, (*string)(&k.Kind), &k.Label, &k.Salt, &k.Hash, &k.Strict, &k.CreatedAt, &k.RevokedAt)
	return k, err
}

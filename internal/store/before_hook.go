package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// BeforeHook finds the App's; ok is false where it has none.
func (s *Store) BeforeHook(ctx context.Context, app chat.AppID) (h chat.BeforeHook, ok bool, err error) {
	h.App = app
	err = s.eng.Row(ctx, `SELECT h.url, h.secret, h.timeout, h.is_strict, h.updated_at FROM before_hooks h
		WHERE h.app_id = $1`, app).Scan(&h.URL, &h.Secret, &h.Timeout, &h.Strict, &h.UpdatedAt)
	if engine.NoRows(err) {
		return h, false, nil
	}
	return h, err == nil, s.explain(err)
}

// SetBeforeHook stores the App's; nil removes it.
func (s *Store) SetBeforeHook(ctx context.Context, app chat.AppID, h *chat.BeforeHook) error {
	var results []any
	if h != nil {
		results = []any{h}
	}
	return s.WriteOnce(ctx, int64(app), func(ctx context.Context, tx *Tx) error {
		if h == nil {
			_, err := tx.conn.Exec(ctx, `DELETE FROM before_hooks WHERE app_id = $1`, app)
			return err
		}
		_, err := tx.conn.Exec(ctx, `INSERT INTO before_hooks (app_id, url, secret, timeout, is_strict, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (app_id) DO UPDATE SET url = EXCLUDED.url, secret = EXCLUDED.secret, timeout = EXCLUDED.timeout,
				is_strict = EXCLUDED.is_strict, updated_at = EXCLUDED.updated_at`,
			app, h.URL, h.Secret, h.Timeout, h.Strict, tx.store.nowMS())
		return err
	}, results...)
}

package store

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// UsePhoneLookups counts n more numbers that a user looks up today (UTC). ok is false, and nothing
// is counted, where that would be more than limit.
func (tx *Tx) UsePhoneLookups(ctx context.Context, user chat.UserID, n, limit int) (ok bool, err error) {
	if n > limit {
		return false, nil
	}
	day := tx.store.nowMS() / (24 * time.Hour).Milliseconds()
	rows, err := tx.conn.Exec(ctx, `INSERT INTO phone_lookups (user_id, day, used) VALUES ($1, $2, CAST($3 AS BIGINT))
		ON CONFLICT (user_id) DO UPDATE SET day = excluded.day,
			used = CASE WHEN phone_lookups.day = excluded.day THEN phone_lookups.used ELSE 0 END + excluded.used
		WHERE phone_lookups.day <> excluded.day OR phone_lookups.used + excluded.used <= $4`, user, day, n, limit)
	return rows > 0, err
}

// UsersByPhone finds up to limit live users of the App by their chat.User.PhoneKey.
func (s *Store) UsersByPhone(
	ctx context.Context, app chat.AppID, keys []string, limit int,
) (users []*chat.User, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		u, err := scanUser(r)
		users = append(users, &u)
		return err
	}, `SELECT `+userColumns+` FROM (SELECT m.*`+s.eng.ForEach(s.eng.Texts("$2"), "users",
		"m.app_id = $1 AND m.phone_key = k.value AND m.phone_key <> '' AND m.deleted_at = 0")+`
			LIMIT $3) u`+userRoleJoin, app, s.eng.ListArg(keys), limit)
	return users, s.explain(err)
}

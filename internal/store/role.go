package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// PutRole creates or changes a role and returns it.
func (tx *Tx) PutRole(ctx context.Context, app chat.AppID, up chat.RoleUpdate) (chat.Role, error) {
	var r chat.Role
	err := tx.conn.Row(ctx, `SELECT code, name, icon_url FROM roles WHERE app_id = $1 AND code = $2`+
		tx.store.eng.ForUpdate("roles"), app, up.Code).Scan(&r.Code, &r.Name, &r.IconURL)
	if err != nil && !engine.NoRows(err) {
		return r, err
	}
	r = up.Apply(r)
	_, err = tx.conn.Exec(ctx, `INSERT INTO roles (app_id, code, name, icon_url) VALUES ($1, $2, $3, $4)
		ON CONFLICT (app_id, code) DO UPDATE SET name = excluded.name, icon_url = excluded.icon_url`,
		app, r.Code, r.Name, r.IconURL)
	touch(tx, roleRow{app, r.Code})
	return r, err
}

// Roles lists up to limit roles of the App in the order of their codes, after the code
// after.
func (s *Store) Roles(ctx context.Context, app chat.AppID, after string, limit int) (roles []chat.Role, err error) {
	err = engine.Each(ctx, s.eng, func(row engine.Row) error {
		var r chat.Role
		err := row.Scan(&r.Code, &r.Name, &r.IconURL)
		roles = append(roles, r)
		return err
	}, `SELECT code, name, icon_url FROM roles WHERE app_id = $1 AND code > $2 ORDER BY code LIMIT $3`,
		app, after, limit)
	return roles, s.explain(err)
}

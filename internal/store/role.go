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

// roleMoves is how many users one call gives another role.
const roleMoves = 500

// DeleteRole forgets a role, which nobody may have and no room take in: that is CodeConflict. With another role
// to, users who have the old one are given that, 500 at a time: moved says how many, and more that there may be
// others, so that the role is still there. found is false for one that was never described or is gone.
func (tx *Tx) DeleteRole(
	ctx context.Context, app chat.AppID, code, to string,
) (found bool, moved int, more bool, err error) {
	var inRooms bool
	err = tx.conn.Row(ctx, `SELECT EXISTS (SELECT 1 FROM room_roles rr WHERE rr.app_id = $1 AND rr.role_code = $2)`, app, code).
		Scan(&inRooms)
	switch {
	case err != nil:
		return false, 0, false, err
	case inRooms:
		return false, 0, false, chat.Errorf(chat.CodeConflict, "Rooms take in users of this role; change them first")
	}
	users, err := tx.holdersOf(ctx, app, code)
	switch {
	case err != nil:
		return false, 0, false, err
	case len(users) > 0 && to == "":
		return false, 0, false, chat.Errorf(chat.CodeConflict, "Users have this role; name another one for them")
	case len(users) > 0:
		if err := tx.moveToRole(ctx, app, users, code, to); err != nil {
			return false, 0, false, err
		}
	}
	if len(users) == roleMoves {
		return true, len(users), true, nil
	}
	n, err := tx.conn.Exec(ctx, `DELETE FROM roles WHERE app_id = $1 AND code = $2`, app, code)
	touch(tx, roleRow{app, code})
	return n > 0, len(users), false, err
}

// holdersOf are the first users of a role, deleted ones included, whom nobody else changes until the commit.
func (tx *Tx) holdersOf(ctx context.Context, app chat.AppID, code string) (users []chat.UserID, err error) {
	err = engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		users = append(users, id)
		return err
	}, `SELECT u.id FROM users u WHERE u.app_id = $1 AND u.role_code = $2 AND u.role_code <> '' ORDER BY u.id LIMIT $3`+
		tx.store.eng.ForUpdate("u"), app, code, roleMoves)
	return users, err
}

// moveToRole gives users another role, and tells of it.
func (tx *Tx) moveToRole(ctx context.Context, app chat.AppID, users []chat.UserID, from, to string) error {
	_, err := tx.conn.Exec(ctx, `UPDATE users SET role_code = $1,
			updated_at = CASE WHEN updated_at >= $2 THEN updated_at + 1 ELSE $2 END
		WHERE +app_id = $3 AND `+tx.store.eng.IDInList("id", "$4"), to, tx.store.nowMS(), app, tx.store.eng.IDListArg(idsOf(users)))
	if err != nil {
		return err
	}
	touch(tx, roleHolders{app, from})
	touch(tx, roleHolders{app, to})
	live, err := tx.LiveAmong(ctx, users...)
	if err != nil {
		return err
	}
	for _, id := range users {
		touch(tx, userRow{id})
		if !live[id] {
			continue
		}
		if err := tx.announceUser(ctx, app, id, chat.FeedUserUpdated); err != nil {
			return err
		}
	}
	return tx.Announce(ctx, &chat.RolesChanged{App: app, Users: users})
}

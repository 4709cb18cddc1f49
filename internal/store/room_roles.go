package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// SetRoomRoles makes roles the room's standing roles and reports whether that changed
// anything.
func (tx *Tx) SetRoomRoles(ctx context.Context, r chat.Room, roles []string) (changed bool, err error) {
	had := map[string]bool{}
	err = engine.Each(ctx, tx.conn, func(row engine.Row) error {
		var code string
		err := row.Scan(&code)
		had[code] = true
		return err
	}, `SELECT role_code FROM room_roles WHERE room_id = $1`, r.ID)
	if err != nil {
		return false, err
	}
	for _, code := range roles {
		if had[code] {
			delete(had, code)
			continue
		}
		changed = true
		if _, err := tx.conn.Exec(ctx, `INSERT INTO room_roles (app_id, role_code, room_id) VALUES ($1, $2, $3)
			ON CONFLICT (app_id, role_code, room_id) DO NOTHING`, r.App, code, r.ID); err != nil {
			return false, err
		}
	}
	for code := range had {
		changed = true
		if _, err := tx.conn.Exec(ctx, `DELETE FROM room_roles WHERE app_id = $1 AND role_code = $2 AND room_id = $3`,
			r.App, code, r.ID); err != nil {
			return false, err
		}
	}
	if changed {
		return true, tx.peopleChanged(ctx, r.ID)
	}
	return false, nil
}

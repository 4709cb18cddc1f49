package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// PutRole creates or changes a role's name and icon and returns it. Users may hold a
// role that was never described.
func (b Backend) PutRole(ctx context.Context, up chat.RoleUpdate) (role chat.Role, err error) {
	err = b.store.WriteOnce(ctx, shardOf(b.app.ID, "role", up.Code), func(ctx context.Context, tx *store.Tx) (err error) {
		role, err = tx.PutRole(ctx, b.app.ID, up)
		return err
	}, &role)
	return role, err
}

// Roles lists up to limit described roles after the code after; more says that others
// follow.
func (b Backend) Roles(ctx context.Context, after string, limit int) (roles []chat.Role, more bool, err error) {
	roles, err = b.store.Roles(ctx, b.app.ID, after, limit+1)
	if len(roles) > limit {
		return roles[:limit], true, err
	}
	return roles, false, err
}

// DeleteRole forgets a role. One that users have needs another one for them, to, unless "": of very many each
// call moves some, and more says that it is to be made again. One that rooms take in is CodeConflict. found is
// false where there was nothing to forget.
func (b Backend) DeleteRole(ctx context.Context, code, to string) (found bool, moved int, more bool, err error) {
	err = b.store.WriteOnce(ctx, shardOf(b.app.ID, "role", code), func(ctx context.Context, tx *store.Tx) (err error) {
		found, moved, more, err = tx.DeleteRole(ctx, b.app.ID, code, to)
		return err
	}, &found, &moved, &more)
	return found, moved, more, err
}

package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// SignOut ends the logins of a user, or those on one device, "" for all: their tokens are good for nothing, and
// their sockets are closed. Without a device the user's tickets are void, too. A sign-in that is under way is
// ended as well, or begins after it. ended is how many logins there were.
func (b Backend) SignOut(ctx context.Context, xcUser, device string) (ended int, err error) {
	err = b.withUser(ctx, xcUser, func(ctx context.Context, tx *store.Tx, id chat.UserID) error {
		logins, err := tx.SignOut(ctx, b.app.ID, id, device)
		ended = len(logins)
		return err
	}, &ended)
	return ended, err
}

// SetDeactivated keeps a user from signing in, and signs them out, or lets them sign in again. They stay in
// their rooms. changed is false where it was so before.
func (b Backend) SetDeactivated(ctx context.Context, xcUser string, on bool) (changed bool, err error) {
	err = b.withUser(ctx, xcUser, func(ctx context.Context, tx *store.Tx, id chat.UserID) (err error) {
		changed, err = tx.SetDeactivated(ctx, b.app.ID, id, on)
		return err
	}, &changed)
	return changed, err
}

// withUser runs do on a live user, in the one order with all else about the user's logins. What do leaves in results
// is that of the call: see store.Store.WriteOnce.
func (b Backend) withUser(
	ctx context.Context, xcUser string, do func(context.Context, *store.Tx, chat.UserID) error, results ...any,
) error {
	id, err := b.store.UserID(ctx, b.app.ID, xcUser)
	if err != nil {
		return err
	}
	return b.store.WriteOnce(ctx, loginShard(b.app.ID, xcUser), func(ctx context.Context, tx *store.Tx) error {
		return do(ctx, tx, id)
	}, results...)
}

// refuseDeactivated is CodeForbidden for a user who is deactivated, or was when they were deleted.
func (b Backend) refuseDeactivated(ctx context.Context, xcUser string) error {
	found, err := b.store.UsersNamed(ctx, b.app.ID, []string{xcUser})
	if u := found[xcUser]; err == nil && u != nil && u.DeactivatedAt > 0 {
		err = chat.UserIsDeactivated()
	}
	return err
}

package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Backend is what the caller with a server key can do: everything in its App, in anybody's name.
type Backend struct {
	*core
	app chat.App
}

// speaker is the App.
func (b Backend) speaker() speaker { return speaker{b.dialect, b.app.SystemUser, true} }

// Member is what a signed-in user can do, in their own name and for as long as the login
// stands.
type Member struct {
	*core
	chat.Caller
}

// speaker is the user.
func (me Member) speaker() speaker { return speaker{me.dialect, me.User, false} }

// write is the store's Write in the user's name.
func (me Member) write(ctx context.Context, shard int64, fn func(context.Context, *store.Tx) error) error {
	return me.store.WriteAs(ctx, me.author(), shard, fn)
}

// author is whose login must stand when something is written, which that of a deleted user
// does not.
func (me Member) author() store.Author { return store.Author{Login: me.Login.ID} }

// Guest is what a device can do of which no more is known than its App: sign in.
type Guest struct {
	*core
	app chat.App
}

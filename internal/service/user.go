package service

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// PutUser creates or changes a user by the customer's id and returns it. Partners in
// personal rooms learn of another name or picture by a hidden message.
func (b Backend) PutUser(ctx context.Context, up chat.UserUpdate) (user chat.User, err error) {
	if err := chat.ValidateXCUser(up.XCID); err != nil {
		return user, err
	}
	var due *store.UserTask
	err = b.store.WriteOnce(ctx, userShard(b.app.ID, up.XCID), func(ctx context.Context, tx *store.Tx) (err error) {
		user, due, err = tx.PutUserDue(ctx, b.app.ID, up)
		return err
	}, &user)
	if err == nil && due != nil {
		_ = b.finish(ctx, *due) // the profile is stored; what could not be done now is done later
	}
	return user, err
}

// DeleteUser deletes a user: all their devices are signed out, and their personal rooms are
// closed. What they wrote stays. changed is false for a user who was deleted before.
func (b Backend) DeleteUser(ctx context.Context, xcUser string) (changed bool, err error) {
	var user chat.User
	var due *store.UserTask
	err = b.store.WriteOnce(ctx, loginShard(b.app.ID, xcUser), func(ctx context.Context, tx *store.Tx) (err error) {
		user, due, changed, err = tx.DeleteUser(ctx, b.app.ID, xcUser)
		return err
	}, &user, &changed)
	if err != nil {
		return false, err
	}
	if due == nil { // what an earlier call has begun is done when this one is answered
		t, ok, err := b.store.UserTask(ctx, user.ID)
		if err != nil || !ok {
			return changed, err
		}
		due = &t
	}
	return changed, b.finish(ctx, *due)
}

// UserByID finds a user by Parlor's id. Deleted users are found, too: devices show their
// messages.
func (me Member) UserByID(ctx context.Context, id string) (*chat.User, error) {
	n, ok := chat.ParseUserID(id)
	if !ok {
		return nil, chat.Missing(chat.UserNotFound(), id)
	}
	return me.shown(ctx)(me.store.User(ctx, me.App.ID, n))
}

// UserByXCID finds a user by the customer's id.
func (me Member) UserByXCID(ctx context.Context, xc string) (*chat.User, error) {
	id, err := me.store.UserID(ctx, me.App.ID, xc)
	if err != nil {
		return nil, err
	}
	return me.shown(ctx)(me.store.User(ctx, me.App.ID, id))
}

// UserByUsername finds a user by the username.
func (me Member) UserByUsername(ctx context.Context, name string, ignoreCase bool) (*chat.User, error) {
	u, err := me.store.UserByUsername(ctx, me.App.ID, name)
	if err == nil && !ignoreCase && u.Username != name {
		return nil, chat.Missing(chat.UserNotFound(), name)
	}
	return me.shown(ctx)(u, err)
}

// shown is what the member is shown of a user who was looked up.
func (me Member) shown(ctx context.Context) func(*chat.User, error) (*chat.User, error) {
	return func(u *chat.User, err error) (*chat.User, error) {
		if err != nil {
			return nil, err
		}
		users, err := me.withPresenceToMe(ctx, []*chat.User{u})
		if err != nil {
			return nil, err
		}
		return users[0], nil
	}
}

// withPresenceToMe is withPresence that says nothing where the member or the other has blocked
// the other.
func (me Member) withPresenceToMe(ctx context.Context, users []*chat.User) ([]*chat.User, error) {
	users = me.withPresence(users)
	var online []chat.UserID
	for _, u := range users {
		if u != nil && u.Online {
			online = append(online, u.ID)
		}
	}
	if len(online) == 0 {
		return users, nil
	}
	parted, err := me.store.Parted(ctx, me.User, online)
	if err != nil {
		return nil, err
	}
	for i, u := range users {
		if u != nil && u.Online && parted[u.ID] {
			hidden := *u
			hidden.Online = false
			users[i] = &hidden
		}
	}
	return users, nil
}

// UsersByID finds users; ids that nobody has are passed over.
func (me Member) UsersByID(ctx context.Context, ids []chat.UserID) ([]*chat.User, error) {
	users, err := me.liveUsers(ctx, me.App.ID, ids)
	if err != nil {
		return nil, err
	}
	return me.withPresenceToMe(ctx, users)
}

// SetBio changes what the member says of themselves, and returns the member.
func (me Member) SetBio(ctx context.Context, bio string) (*chat.User, error) {
	user, err := me.store.User(ctx, me.App.ID, me.User)
	if err != nil {
		return nil, err
	}
	err = me.write(ctx, userShard(me.App.ID, user.XCID), func(ctx context.Context, tx *store.Tx) error {
		return tx.SetBio(ctx, me.App.ID, me.User, bio)
	})
	if err != nil {
		return nil, err
	}
	return me.shown(ctx)(me.store.User(ctx, me.App.ID, me.User))
}

// UserName names a user by Parlor's id or by the customer's.
type UserName struct {
	ID   string
	XCID string
}

// resolveUser finds a live user by one of the two names.
func (c *core) resolveUser(ctx context.Context, app chat.AppID, name UserName) (chat.UserID, error) {
	if name.XCID != "" {
		return c.store.UserID(ctx, app, name.XCID)
	}
	id, ok := chat.ParseUserID(name.ID)
	if !ok {
		return 0, chat.Missing(chat.UserNotFound(), name.ID)
	}
	user, err := c.store.User(ctx, app, id)
	if err != nil {
		return 0, chat.Missing(err, name.ID)
	}
	if user.DeletedAt > 0 || user.XCID == "" {
		return 0, chat.Missing(chat.UserNotFound(), name.ID) // gone, or the App's own user, who is nobody's to speak for
	}
	return id, nil
}

// findUsers turns the customer's ids into users, in the given order and each once, and
// returns the ids that nobody has.
func (c *core) findUsers(
	ctx context.Context, app chat.AppID, xcs []string,
) (ids []chat.UserID, unknown []string, err error) {
	found, err := c.store.UserIDs(ctx, app, xcs)
	if err != nil {
		return nil, nil, err
	}
	for _, xc := range chat.Unique(xcs) {
		if id, ok := found[xc]; ok {
			ids = append(ids, id)
		} else {
			unknown = append(unknown, xc)
		}
	}
	return ids, unknown, nil
}

// findPeople is findUsers that returns the users themselves.
func (c *core) findPeople(
	ctx context.Context, app chat.AppID, xcs []string,
) (users []*chat.User, unknown []string, err error) {
	found, err := c.store.UsersByXCID(ctx, app, xcs)
	if err != nil {
		return nil, nil, err
	}
	for _, xc := range chat.Unique(xcs) {
		if u := found[xc]; u != nil {
			users = append(users, u)
		} else {
			unknown = append(unknown, xc)
		}
	}
	return users, unknown, nil
}

// idsOf are the users' ids.
func idsOf(users []*chat.User) []chat.UserID {
	ids := make([]chat.UserID, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	return ids
}

// liveUsers finds those of ids that are users, each once and in the given order.
func (c *core) liveUsers(ctx context.Context, app chat.AppID, ids []chat.UserID) ([]*chat.User, error) {
	seen := make(map[chat.UserID]bool, len(ids))
	ids = slices.DeleteFunc(slices.Clone(ids), func(id chat.UserID) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
	users, err := c.store.Users(ctx, app, ids)
	return slices.DeleteFunc(users, func(u *chat.User) bool {
		return u == nil || u.DeletedAt > 0 || u.XCID == "" // the App's own user is nobody's company
	}), err
}

package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// PutUser creates or changes a user by the customer's id and returns it. Partners in
// personal rooms learn of another name or picture by a hidden message.
func (s *Service) PutUser(ctx context.Context, c chat.Caller, up chat.UserUpdate) (user chat.User, err error) {
	var due *store.UserTask
	err = s.store.Write(ctx, shardOf(c.App.ID, "user", up.XCID), func(ctx context.Context, tx *store.Tx) (err error) {
		user, due, err = tx.PutUserDue(ctx, c.App.ID, up)
		return err
	})
	if err == nil && due != nil {
		_ = s.finish(ctx, *due) // the profile is stored; what could not be done now is done later
	}
	return user, err
}

// DeleteUser deletes a user: all their devices are signed out, and their personal rooms are
// closed. What they wrote stays. changed is false for a user who was deleted before.
func (s *Service) DeleteUser(ctx context.Context, c chat.Caller, xcUser string) (changed bool, err error) {
	var user chat.User
	var due *store.UserTask
	err = s.store.Write(ctx, shardOf(c.App.ID, "user", xcUser), func(ctx context.Context, tx *store.Tx) (err error) {
		user, due, changed, err = tx.DeleteUser(ctx, c.App.ID, xcUser)
		return err
	})
	if err != nil {
		return false, err
	}
	if due == nil { // what an earlier call has begun is done when this one is answered
		t, ok, err := s.store.UserTask(ctx, user.ID)
		if err != nil || !ok {
			return false, err
		}
		due = &t
	}
	return changed, s.finish(ctx, *due)
}

// PutRole creates or changes a role's name and icon and returns it. Users may hold a
// role that was never described.
func (s *Service) PutRole(ctx context.Context, c chat.Caller, up chat.RoleUpdate) (role chat.Role, err error) {
	err = s.store.Write(ctx, shardOf(c.App.ID, "role", up.Code), func(ctx context.Context, tx *store.Tx) (err error) {
		role, err = tx.PutRole(ctx, c.App.ID, up)
		return err
	})
	return role, err
}

// Roles lists up to limit described roles after the code after; more says that others
// follow.
func (s *Service) Roles(ctx context.Context, c chat.Caller, after string, limit int) (roles []chat.Role, more bool, err error) {
	roles, err = s.store.Roles(ctx, c.App.ID, after, limit+1)
	if len(roles) > limit {
		return roles[:limit], true, err
	}
	return roles, false, err
}

// SyncContacts adds and deletes one-way contacts in bulk, deletions last, and counts
// what really changed. Rows that name an unknown user, or a user as his own contact,
// are skipped.
func (s *Service) SyncContacts(ctx context.Context, c chat.Caller, changes []chat.ContactChange) (added, removed int64, err error) {
	names := make([]string, 0, 2*len(changes))
	for _, ch := range changes {
		names = append(names, ch.Owner, ch.Contact)
	}
	ids, err := s.store.UserIDs(ctx, c.App.ID, chat.Unique(names))
	if err != nil {
		return 0, 0, err
	}
	var add, remove []store.Contact
	for _, ch := range changes {
		row := store.Contact{Owner: ids[ch.Owner], User: ids[ch.Contact]}
		switch {
		case row.Owner == 0 || row.User == 0 || row.Owner == row.User:
		case ch.Deleted:
			remove = append(remove, row)
		default:
			add = append(add, row)
		}
	}
	err = s.store.Write(ctx, shardOf(c.App.ID, "contacts", ""), func(ctx context.Context, tx *store.Tx) (err error) {
		added, removed, err = tx.SyncContacts(ctx, add, remove)
		return err
	})
	return added, removed, err
}

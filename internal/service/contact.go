package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// SyncContacts adds and deletes one-way contacts in bulk, deletions last, and counts
// what really changed. Rows that name an unknown user, or a user as their own contact,
// are skipped.
func (b Backend) SyncContacts(ctx context.Context, changes []chat.ContactChange) (added, removed int64, err error) {
	names := make([]string, 0, 2*len(changes))
	for _, ch := range changes {
		names = append(names, ch.Owner, ch.Contact)
	}
	ids, err := b.store.UserIDs(ctx, b.app.ID, chat.Unique(names))
	if err != nil {
		return 0, 0, err
	}
	var add, remove []store.Contact
	var people []store.NamedUser // of what is added
	for _, ch := range changes {
		row := store.Contact{Owner: ids[ch.Owner], User: ids[ch.Contact]}
		switch {
		case row.Owner == 0 || row.User == 0 || row.Owner == row.User:
		case ch.Deleted:
			remove = append(remove, row)
		default:
			add = append(add, row)
			people = append(people, store.NamedUser{ID: row.Owner, XCID: ch.Owner}, store.NamedUser{ID: row.User, XCID: ch.Contact})
		}
	}
	err = b.store.WriteOnce(ctx, shardOf(b.app.ID, "contacts", ""), func(ctx context.Context, tx *store.Tx) (err error) {
		if err := tx.HoldNamed(ctx, people); err != nil {
			return err
		}
		added, removed, err = tx.SyncContacts(ctx, add, remove)
		return err
	}, &added, &removed)
	return added, removed, err
}

// Contacts lists the member's contacts by name.
func (me Member) Contacts(ctx context.Context) ([]*chat.User, error) {
	users, err := me.store.Contacts(ctx, me.App.ID, me.User, chat.MaxAnswer)
	if err != nil {
		return nil, err
	}
	return me.withPresenceToMe(ctx, users)
}

// AddContact puts a user into the member's contacts and returns them.
func (me Member) AddContact(ctx context.Context, id string) (*chat.User, error) {
	other, err := me.resolveUser(ctx, me.App.ID, UserName{ID: id})
	if err != nil {
		return nil, err
	}
	if other == me.User {
		return nil, chat.Invalid("userID", "must be another user")
	}
	err = me.write(ctx, shardOf(me.App.ID, "contacts", ""), func(ctx context.Context, tx *store.Tx) error {
		blocked, err := tx.BlockedAmong(ctx, me.User, []chat.UserID{other})
		if err == nil && blocked[other] {
			err = errBlocked()
		}
		if err != nil {
			return err
		}
		if _, _, err = tx.SyncContacts(ctx, []store.Contact{{Owner: me.User, User: other}}, nil); err != nil {
			return err
		}
		return stillThere(ctx, tx, other, id)
	})
	if err != nil {
		return nil, err
	}
	return me.shown(ctx)(me.store.User(ctx, me.App.ID, other))
}

// RemoveContact takes a user out of the member's contacts.
func (me Member) RemoveContact(ctx context.Context, id string) error {
	other, err := me.resolveUser(ctx, me.App.ID, UserName{ID: id})
	if err != nil {
		return err
	}
	return me.write(ctx, shardOf(me.App.ID, "contacts", ""), func(ctx context.Context, tx *store.Tx) error {
		_, _, err := tx.SyncContacts(ctx, nil, []store.Contact{{Owner: me.User, User: other}})
		return err
	})
}

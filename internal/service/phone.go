package service

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MaxPhonesADay is how many numbers one user can look up within a day, so that nobody tries out
// all that there are.
const MaxPhonesADay = 20_000

// AddContactsByPhone puts those users into the member's contacts who have one of the numbers of an
// address book, and returns them. Whom the member has blocked is not among them.
func (me Member) AddContactsByPhone(ctx context.Context, phones []string) ([]*chat.User, error) {
	var keys []string
	for _, number := range phones {
		if key := chat.PhoneKey(number); key != "" {
			keys = append(keys, key)
		}
	}
	if keys = chat.Unique(keys); len(keys) == 0 {
		return nil, nil
	}
	users, err := me.store.UsersByPhone(ctx, me.App.ID, keys, chat.MaxAnswer)
	if err != nil {
		return nil, err
	}
	var found []*chat.User
	err = me.write(ctx, shardOf(me.App.ID, "contacts", ""), func(ctx context.Context, tx *store.Tx) error {
		ok, err := tx.UsePhoneLookups(ctx, me.User, len(keys), MaxPhonesADay)
		if err == nil && !ok {
			err = chat.Errorf(chat.CodeTooMany, "You have looked up %d phone numbers today; try again tomorrow", MaxPhonesADay)
		}
		if err != nil {
			return err
		}
		blocked, err := tx.BlockedAmong(ctx, me.User, idsOf(users))
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(slices.Clone(users), func(u *chat.User) bool {
			return u.ID == me.User || blocked[u.ID]
		})
		var add []store.Contact
		for _, u := range found {
			add = append(add, store.Contact{Owner: me.User, User: u.ID})
		}
		_, _, err = tx.SyncContacts(ctx, add, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return me.withPresenceToMe(ctx, found)
}

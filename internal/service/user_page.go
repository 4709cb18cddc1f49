package service

import (
	"context"

	"parlor/internal/chat"
)

// Users lists up to limit users of the App who pass a filter, from a cursor on, "" for the beginning. next
// is the cursor of the next page, "" behind the last. See store.Store.UserPage.
func (b Backend) Users(
	ctx context.Context, f chat.UserFilter, cursor string, limit int,
) (list []chat.ListedUser, next string, err error) {
	var after chat.UserCursor
	if !chat.DecodeCursor(cursor, &after) || cursor != "" && after.Filter != f.Hash() {
		return nil, "", errCursor()
	}
	list, after, more, err := b.store.UserPage(ctx, b.app.ID, f, after, limit)
	if err != nil {
		return nil, "", err
	}
	b.showOnline(list)
	if !more {
		return list, "", nil
	}
	after.Filter = f.Hash()
	return list, chat.EncodeCursor(after), nil
}

// UsersOf finds users, deleted ones included, by Parlor's ids and by the customer's: in this order, each
// once. unknown are the ids of each kind that nobody has.
func (b Backend) UsersOf(
	ctx context.Context, ids, xcs []string,
) (list []chat.ListedUser, unknownIDs, unknownXCs []string, err error) {
	users, unknownIDs, unknownXCs, err := b.named(ctx, ids, xcs)
	if err != nil {
		return nil, nil, nil, err
	}
	list, err = b.store.WithData(ctx, users)
	b.showOnline(list)
	return list, unknownIDs, unknownXCs, err
}

// named is UsersOf without what the backend keeps with users.
func (b Backend) named(
	ctx context.Context, ids, xcs []string,
) (users []*chat.User, unknownIDs, unknownXCs []string, err error) {
	seen := map[chat.UserID]bool{}
	add := func(u *chat.User) {
		if !seen[u.ID] {
			seen[u.ID] = true
			users = append(users, u)
		}
	}
	numbers := make([]chat.UserID, len(ids))
	for i, id := range ids {
		numbers[i], _ = chat.ParseUserID(id) // 0, which nobody has, for what is no id
	}
	byID, err := b.store.Users(ctx, b.app.ID, numbers)
	if err != nil {
		return nil, nil, nil, err
	}
	for i, id := range ids {
		if u := byID[i]; u != nil && u.XCID != "" { // the App's own user is nobody's to look at
			add(u)
		} else {
			unknownIDs = append(unknownIDs, id)
		}
	}
	byXC, err := b.store.UsersNamed(ctx, b.app.ID, xcs)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, xc := range xcs {
		if u := byXC[xc]; u != nil {
			add(u)
		} else {
			unknownXCs = append(unknownXCs, xc)
		}
	}
	return users, chat.Unique(unknownIDs), chat.Unique(unknownXCs), nil
}

// showOnline shows who of them is online.
func (b Backend) showOnline(list []chat.ListedUser) {
	for i := range list {
		if b.live.Online(list[i].ID) {
			online := *list[i].User // what the store hands out is shared
			online.Online = true
			list[i].User = &online
		}
	}
}

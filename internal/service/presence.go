package service

import (
	"context"

	"parlor/internal/chat"
)

// Presence finds users as UsersOf does, and says who of them is online on any node: those of whom this node
// knows, and those whom others have noted in the database, also while they are not heard.
func (b Backend) Presence(
	ctx context.Context, ids, xcs []string,
) (users []*chat.User, unknownIDs, unknownXCs []string, err error) {
	users, unknownIDs, unknownXCs, err = b.named(ctx, ids, xcs)
	if err != nil {
		return nil, nil, nil, err
	}
	noted, err := b.store.OnlineAmong(ctx, b.app.ID, idsOf(users))
	if err != nil {
		return nil, nil, nil, err
	}
	users = b.withPresence(users)
	for i, u := range users {
		if noted[u.ID] && !u.Online && u.State() == chat.UserActive {
			online := *u // what the store hands out is shared
			online.Online = true
			users[i] = &online
		}
	}
	return users, unknownIDs, unknownXCs, nil
}

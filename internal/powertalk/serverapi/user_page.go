package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func listUsers(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	f := chat.UserFilter{
		Text:         p.TextOr("text", chat.MaxUserText),
		Role:         p.TextOr("userRoleCode", chat.MaxRoleCode),
		State:        chat.UserState(p.TextOr("state", 20)),
		UpdatedSince: timeOr0(p, "updatedSince"),
	}
	switch f.State {
	case "", chat.UserActive, chat.UserDeactivated, chat.UserDeleted:
	default:
		p.Fail(chat.Invalid("state", "must be active, deactivated or deleted"))
	}
	cursor, limit := pageOf(p, chat.MaxListedUsers)
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, next, err := b.Users(ctx, f, cursor, limit)
	return wire.UserPage{Users: list, Next: next}, err
}

func getUsers(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	ids, xcs := usersNamed(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, unknownIDs, unknownXCs, err := b.UsersOf(ctx, ids, xcs)
	return wire.KnownUsers{Users: list, UnknownIDs: unknownIDs, UnknownXCs: unknownXCs}, err
}

// usersNamed reads which users are meant, by one kind of ids or both.
func usersNamed(p *httpapi.Params) (ids, xcs []string) {
	xcs = p.Texts("xcUserIDs", chat.MaxListedUsers, chat.MaxXCID)
	ids = p.Texts("userIDs", chat.MaxListedUsers, maxPublicID)
	switch n := len(ids) + len(xcs); {
	case n == 0:
		p.Fail(chat.Absent("xcUserIDs", "is required, or userIDs"))
	case n > chat.MaxListedUsers:
		p.Fail(chat.Invalid("userIDs", "and 'xcUserIDs' must have at most %d entries together", chat.MaxListedUsers))
	}
	return ids, xcs
}

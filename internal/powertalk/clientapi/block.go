package clientapi

import (
	"context"

	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func block(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("userID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := me.Block(ctx, id)
	return wire.OneUser{User: user, Result: &wire.Result{Success: true, Message: "User blocked"}}, err
}

func unblock(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("userID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "User unblocked"}, me.Unblock(ctx, id)
}

func blocked(ctx context.Context, me service.Member, _ *httpapi.Params) (httpapi.Answer, error) {
	users, err := me.Blocked(ctx)
	return wire.BlockedList{Users: users}, err
}

func blockedIDs(ctx context.Context, me service.Member, _ *httpapi.Params) (httpapi.Answer, error) {
	users, err := me.Blocked(ctx)
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID.String()
	}
	return wire.IDs{Name: "blockedUserIDs", IDs: ids}, err
}

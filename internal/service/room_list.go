package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/view"
)

// RoomsOfUser lists the rooms that the user is in, newest message first. only, unless
// empty, narrows it to rooms by the customer's ids. A user that nobody knows is in none.
func (b Backend) RoomsOfUser(
	ctx context.Context, xcUser string, only []string, page chat.Page,
) (list []chat.RoomSummary, more bool, err error) {
	user, err := b.store.UserByXCID(ctx, b.app.ID, xcUser)
	if chat.CodeOf(err) == chat.CodeNotFound {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return view.Rooms(ctx, b.store, user, only, page)
}

// RoomsInCommon lists the groups that the member shares with another user.
func (me Member) RoomsInCommon(ctx context.Context, other string) ([]*chat.Room, error) {
	id, err := me.resolveUser(ctx, me.App.ID, UserName{ID: other})
	if err != nil {
		return nil, err
	}
	return me.store.RoomsInCommon(ctx, me.App.ID, me.User, id, chat.MaxAnswer)
}

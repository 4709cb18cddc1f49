package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func getPresence(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	ids, xcs := usersNamed(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	users, unknownIDs, unknownXCs, err := b.Presence(ctx, ids, xcs)
	return wire.Presences{Users: users, UnknownIDs: unknownIDs, UnknownXCs: unknownXCs}, err
}

func getUnread(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	xcUser := p.Text("xcUserID", chat.MaxXCID)
	cursor, limit := pageOf(p, chat.MaxListed)
	if err := p.Err(); err != nil {
		return nil, err
	}
	total, rooms, next, err := b.Unread(ctx, xcUser, cursor, limit)
	return wire.UnreadRooms{Total: total, Rooms: rooms, Next: next}, err
}

func getUnreadOf(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	room := roomName(p)
	cursor, limit := pageOf(p, chat.MaxListed)
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, next, err := b.UnreadOf(ctx, room, cursor, limit)
	return wire.UnreadPeople{Participants: list, Next: next}, err
}

package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func sendToRooms(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	o := outgoing(p)
	rooms := broadcastRooms(p)
	o.LocalID = p.TextOr("localID", maxLocalID)
	readQuote(p, &o)
	if err := p.Err(); err != nil {
		return nil, err
	}
	c, err := b.Broadcast(ctx, o, rooms)
	return wire.Broadcast{ID: c.ID, Rooms: c.Rooms}, err
}

// broadcastRooms reads which rooms are meant, all of them by one of their two ids.
func broadcastRooms(p *httpapi.Params) []chat.BroadcastRoom {
	public := p.Texts("roomIDs", chat.MaxBroadcastRooms, maxPublicID)
	xcs := p.Texts("xcRoomIDs", chat.MaxBroadcastRooms, chat.MaxXCID)
	switch {
	case len(public) > 0 && len(xcs) > 0:
		p.Fail(chat.Invalid("roomIDs", "and 'xcRoomIDs' must not both be given"))
	case len(public)+len(xcs) == 0:
		p.Fail(chat.Absent("xcRoomIDs", "is required, or roomIDs"))
	}
	var rooms []chat.BroadcastRoom
	for _, id := range chat.Unique(append(public, xcs...)) {
		rooms = append(rooms, chat.BroadcastRoom{Room: id, XC: len(xcs) > 0})
	}
	return rooms
}

func getSendToRooms(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.Text("sendID", maxLocalID)
	state := chat.BroadcastState(p.TextOr("only", maxPublicID))
	switch state {
	case chat.BroadcastAny, chat.BroadcastWaiting, chat.BroadcastSent, chat.BroadcastFailed:
	default:
		p.Fail(chat.Invalid("only", "must be waiting, sent or failed"))
	}
	cursor, limit := pageOf(p, chat.MaxListed)
	if err := p.Err(); err != nil {
		return nil, err
	}
	page, err := b.BroadcastStatus(ctx, id, state, cursor, limit)
	if err != nil {
		return nil, err
	}
	answer := wire.BroadcastStatus{Broadcast: page.Broadcast, Next: page.Next}
	for _, r := range page.List {
		answer.List = append(answer.List, wire.BroadcastRoom{
			BroadcastRoom: r, LocalID: b.BroadcastLocalID(id, r.Place), Code: powertalk.Dialect{}.Code(r.Code),
		})
	}
	return answer, nil
}

package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// defaultListed is how many entries a page has of which no limit says how many.
const defaultListed = 100

func listRooms(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	f := chat.RoomFilter{
		Tag:         p.TextOr("tag", chat.MaxTag),
		Type:        listedType(p),
		ActiveSince: timeOr0(p, "activeSince"),
		ActiveUntil: timeOr0(p, "activeUntil"),
		Participant: p.TextOr("xcUserID", chat.MaxXCID),
		Prefix:      p.TextOr("namePrefix", chat.MaxRoomPrefix),
		Deleted:     p.Flag("includeDeleted"),
	}
	cursor, limit := pageOf(p, chat.MaxListed)
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, next, err := b.Rooms(ctx, f, cursor, limit)
	return wire.RoomPage{Rooms: list, Next: next}, err
}

func listedType(p *httpapi.Params) chat.RoomType {
	t := p.OptionalInt("type", int64(chat.Personal), int64(chat.Transaction))
	if t == nil {
		return 0
	}
	return chat.RoomType(*t)
}

// timeOr0 reads an optional time in Unix ms.
func timeOr0(p *httpapi.Params, name string) int64 {
	at := p.OptionalInt(name, 1, chat.Forever-1)
	if at == nil {
		return 0
	}
	return *at
}

// pageOf reads where in a list a page begins, and how long it is, most at most.
func pageOf(p *httpapi.Params, most int) (cursor string, limit int) {
	cursor = p.TextOr("cursor", chat.MaxCursor)
	return cursor, p.IntOr("limit", defaultListed, 1, most)
}

// roomName reads which room is meant, by one of its two ids.
func roomName(p *httpapi.Params) service.RoomName {
	n := roomNameOr(p)
	if n == (service.RoomName{}) {
		p.Fail(chat.Absent("xcRoomID", "is required, or roomID"))
	}
	return n
}

// elderRoomName is roomName for the calls that are the protocol's own. Those know xcRoomID, and pass over a roomID beside
// it.
func elderRoomName(p *httpapi.Params) (n service.RoomName) {
	n = service.RoomName{XCID: p.TextOr("xcRoomID", chat.MaxXCID), ID: p.TextOr("roomID", maxPublicID)}
	switch {
	case n.XCID != "":
		n.ID = ""
	case n.ID == "":
		p.Fail(chat.Required("xcRoomID"))
	}
	return n
}

// roomNameOr is roomName where there may be none.
func roomNameOr(p *httpapi.Params) service.RoomName {
	n := service.RoomName{XCID: p.TextOr("xcRoomID", chat.MaxXCID), ID: p.TextOr("roomID", maxPublicID)}
	if n.XCID != "" && n.ID != "" {
		p.Fail(chat.Invalid("roomID", "and 'xcRoomID' must not both be given"))
	}
	return n
}

func listParticipants(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	room := roomName(p)
	only := chat.Only(p.TextOr("only", 20))
	switch only {
	case chat.OnlyAll, chat.OnlyByName, chat.OnlyByRole, chat.OnlyAdmins, chat.OnlySilenced, chat.OnlyBanned:
	default:
		p.Fail(chat.Invalid("only", "must be byName, byRole, admins, muted or banned"))
	}
	cursor, limit := pageOf(p, chat.MaxListed)
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, next, err := b.ListParticipants(ctx, room, only, cursor, limit)
	return wire.ParticipantPage{Participants: list, Next: next}, err
}

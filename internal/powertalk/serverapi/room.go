package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func putRoom(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	up := roomUpdate(p, chat.MaxIDs)
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, skipped, err := b.PutRoom(ctx, up)
	return wire.Room{Details: details, Changed: true, Skipped: skipped}, err
}

// roomUpdate reads a room of the backend's, with so many participants at most.
func roomUpdate(p *httpapi.Params, people int) chat.RoomUpdate {
	up := chat.RoomUpdate{
		XCID:             p.Text("xcRoomID", chat.MaxXCID),
		Type:             roomType(p),
		Name:             p.Text("name", chat.MaxRoomName),
		PhotoThumbnail:   p.OptionalText("photoThumbnailURL", chat.MaxURL),
		PhotoFullsize:    p.OptionalText("photoFullsizeURL", chat.MaxURL),
		Tags:             p.Texts("tags", chat.MaxTags, chat.MaxTag),
		ParticipantXCIDs: p.Texts("participantXCUserIDs", people, chat.MaxXCID),
		Roles:            p.Texts("participantUserRoles", chat.MaxRoomRoles, chat.MaxRoleCode),
		Color:            p.OptionalText("color", chat.MaxColor),
	}
	if up.Color != nil && !chat.ValidColor(*up.Color) {
		p.Fail(chat.Invalid("color", "must be 3, 6 or 8 hexadecimal digits, with or without # before them"))
	}
	return up
}

// roomType reads the type of a room that a backend may make.
func roomType(p *httpapi.Params) chat.RoomType {
	t := p.Int("type")
	if t != int64(chat.Group) && t != int64(chat.Transaction) {
		p.Fail(chat.Invalid("type", "must be 2 (group) or 4 (transaction)"))
	}
	return chat.RoomType(t)
}

func room(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	room := elderRoomName(p)
	page := pageParams(p, "participantsLimit", "participantsOffset")
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, err := b.Room(ctx, room, page)
	return wire.Room{Details: details}, err
}

// maxOffset keeps paging within what a user may have.
const maxOffset = 100_000_000

func pageParams(p *httpapi.Params, limit, offset string) chat.Page {
	return chat.Page{
		Limit:  p.IntOr(limit, chat.MaxAnswer, 1, chat.MaxAnswer),
		Offset: p.IntOr(offset, 0, 0, maxOffset),
	}
}

func addParticipants(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return changeParticipants(ctx, p, b.AddParticipants)
}

func removeParticipants(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return changeParticipants(ctx, p, b.RemoveParticipants)
}

func changeParticipants(ctx context.Context, p *httpapi.Params,
	change func(context.Context, service.RoomName, []string) (chat.RoomDetails, []string, error),
) (httpapi.Answer, error) {
	room := elderRoomName(p)
	xcUsers := p.RequiredTexts("participantXCUserIDs", chat.MaxIDs, chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, skipped, err := change(ctx, room, xcUsers)
	return wire.Room{Details: details, Changed: true, Skipped: skipped}, err
}

func roomsOfUser(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	xcUser := p.Text("xcUserID", chat.MaxXCID)
	only := p.Texts("xcRoomIDs", chat.MaxIDs, chat.MaxXCID)
	page := pageParams(p, "limit", "offset")
	if err := p.Err(); err != nil {
		return nil, err
	}
	rooms, more, err := b.RoomsOfUser(ctx, xcUser, only, page)
	return wire.RoomList{Rooms: rooms, More: more}, err
}

func lockRoom(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return setLock(ctx, p, lock{b.LockRoom, lockedMessage, "The room is already locked"})
}

func unlockRoom(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return setLock(ctx, p, lock{b.UnlockRoom, unlockedMessage, "The room is already unlocked"})
}

// The misspelling is the protocol's.
const (
	lockedMessage   = "The room has been locked succesfully"   //nolint:misspell // see above
	unlockedMessage = "The room has been unlocked succesfully" //nolint:misspell // see above
)

// lock locks or unlocks a room, and has the messages of the answer.
type lock struct {
	set           func(ctx context.Context, room service.RoomName, xcUser string) (changed bool, err error)
	done, already string
}

func setLock(ctx context.Context, p *httpapi.Params, l lock) (httpapi.Answer, error) {
	room := elderRoomName(p)
	xcUser := p.Text("xcUserID", chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	changed, err := l.set(ctx, room, xcUser)
	message := l.done
	if !changed {
		message = l.already
	}
	return wire.Result{Success: changed, Message: message}, err
}

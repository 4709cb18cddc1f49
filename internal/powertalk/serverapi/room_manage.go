package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// toggle brings a room into a state, and has the messages of the answer.
type toggle struct {
	set           func(context.Context, service.RoomName) (changed bool, err error)
	done, already string
}

func setState(ctx context.Context, p *httpapi.Params, t toggle) (httpapi.Answer, error) {
	room := roomName(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	changed, err := t.set(ctx, room)
	message := t.done
	if !changed {
		message = t.already
	}
	return wire.Result{Success: changed, Message: message}, err
}

func deleteRoom(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return setState(ctx, p, toggle{b.DeleteRoom, "The room has been deleted", "The room is already deleted"})
}

func restoreRoom(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return setState(ctx, p, toggle{b.RestoreRoom, "The room has been restored", "The room is not deleted"})
}

func freezeRoom(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	freeze := func(ctx context.Context, room service.RoomName) (bool, error) { return b.SetFrozen(ctx, room, true) }
	return setState(ctx, p, toggle{freeze, "The room has been frozen", "The room is already frozen"})
}

func unfreezeRoom(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	unfreeze := func(ctx context.Context, room service.RoomName) (bool, error) { return b.SetFrozen(ctx, room, false) }
	return setState(ctx, p, toggle{unfreeze, "The room has been unfrozen", "The room is not frozen"})
}

func setAdmins(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	room := roomName(p)
	users := p.Texts("adminXCUserIDs", chat.MaxListedAdmins, chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	admins, skipped, err := b.SetAdmins(ctx, room, users)
	return wire.Named{{Name: "adminXCUserIDs", IDs: admins}, {Name: "skippedXCUserIDs", IDs: skipped}}, err
}

// restriction sets or ends what keeps users from something until a time.
type restriction func(
	ctx context.Context, room service.RoomName, xcUsers []string, until int64,
) (changed, skipped []string, err error)

func mute(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return restrict(ctx, p, b.Mute, true)
}

func unmute(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return restrict(ctx, p, b.Mute, false)
}

func ban(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return restrict(ctx, p, b.Ban, true)
}

func unban(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return restrict(ctx, p, b.Ban, false)
}

func restrict(ctx context.Context, p *httpapi.Params, set restriction, on bool) (httpapi.Answer, error) {
	room := roomName(p)
	users := p.RequiredTexts("participantXCUserIDs", chat.MaxRestricted, chat.MaxXCID)
	until := int64(0)
	if on {
		if until = timeOr0(p, "until"); until == 0 {
			until = chat.Forever
		}
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	changed, skipped, err := set(ctx, room, users, until)
	return wire.Named{{Name: "changedXCUserIDs", IDs: changed}, {Name: "skippedXCUserIDs", IDs: skipped}}, err
}

func setRoomData(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	room := roomName(p)
	data := ownData(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "The data has been stored"}, b.SetRoomData(ctx, room, data)
}

func setParticipantData(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	room := roomName(p)
	user := p.Text("xcUserID", chat.MaxXCID)
	data := ownData(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "The data has been stored"}, b.SetParticipantData(ctx, room, user, data)
}

// ownData reads what a backend keeps with something; an empty object is nothing.
func ownData(p *httpapi.Params) chat.OwnData {
	data := chat.OwnData(p.RequiredObject("data", chat.MaxOwnData))
	if data == "{}" {
		return ""
	}
	return data
}

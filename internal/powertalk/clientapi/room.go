package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
)

func (a *api) createRoom(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	name := p.Text("name", chat.MaxRoomName)
	if p.Has("type") && p.LooseInt("type") != int64(chat.Group) {
		p.Fail(chat.Invalid("type", "must be 2 (group)"))
	}
	people := userIDs(p, "userIDs")
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, err := a.svc.CreateGroup(ctx, c, name, people)
	return wire.ClientRoom{Details: details}, err
}

func (a *api) room(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, partner, err := a.svc.RoomForClient(ctx, c, id)
	return wire.ClientRoom{Details: details, Partner: partner}, err
}

func (a *api) roomByXCID(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	xc := p.Text("xcRoomID", chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, partner, err := a.svc.RoomByXCIDForClient(ctx, c, xc)
	return wire.ClientRoom{Details: details, Partner: partner}, err
}

func (a *api) renameRoom(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id, name := p.ID("roomID"), p.Text("name", chat.MaxRoomName)
	if err := p.Err(); err != nil {
		return nil, err
	}
	room, err := a.svc.RenameGroup(ctx, c, id, name)
	return wire.ClientRoom{Details: chat.RoomDetails{Room: room}, Bare: true}, err
}

func (a *api) addParticipants(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return changePeople(ctx, c, p, a.svc.AddToGroup)
}

func (a *api) removeParticipants(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return changePeople(ctx, c, p, a.svc.RemoveFromGroup)
}

func (a *api) promote(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return changePeople(ctx, c, p, func(ctx context.Context, c chat.Caller, room string, ids []chat.UserID) (chat.RoomDetails, error) {
		return a.svc.SetAdmins(ctx, c, room, ids, true)
	})
}

func (a *api) demote(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	return changePeople(ctx, c, p, func(ctx context.Context, c chat.Caller, room string, ids []chat.UserID) (chat.RoomDetails, error) {
		return a.svc.SetAdmins(ctx, c, room, ids, false)
	})
}

func changePeople(ctx context.Context, c chat.Caller, p *httpapi.Params,
	change func(ctx context.Context, c chat.Caller, roomID string, ids []chat.UserID) (chat.RoomDetails, error),
) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if !p.Has("userIDs") {
		p.Fail(chat.Required("userIDs"))
	}
	people := userIDs(p, "userIDs")
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, err := change(ctx, c, id, people)
	return wire.ClientRoom{Details: details}, err
}

func (a *api) leaveRoom(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	left, err := a.svc.LeaveGroup(ctx, c, id)
	if !left {
		return wire.Result{Message: "You are the last admin; make somebody else one first"}, err
	}
	return wire.Result{Success: true, Message: "You have left the group"}, err
}

func (a *api) deleteRoom(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id, checksum := p.ID("roomID"), p.Text("checksum", 100)
	if err := p.Err(); err != nil {
		return nil, err
	}
	deleted, err := a.svc.DeleteGroup(ctx, c, id, checksum)
	if !deleted {
		return wire.Result{Message: "The group was deleted before"}, err
	}
	return wire.Result{Success: true, Message: "The group was deleted"}, err
}

func (a *api) roomsInCommon(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("userID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	rooms, err := a.svc.RoomsInCommon(ctx, c, id)
	return wire.Rooms{Rooms: rooms}, err
}

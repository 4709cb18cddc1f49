package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func createRoom(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	name := p.Text("name", chat.MaxRoomName)
	if p.Has("type") && p.LooseInt("type") != int64(chat.Group) {
		p.Fail(chat.Invalid("type", "must be 2 (group)"))
	}
	people := userIDs(p, "userIDs")
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, err := me.CreateGroup(ctx, name, people)
	return wire.ClientRoom{Details: details}, err
}

func room(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, partner, err := me.Room(ctx, id)
	return wire.ClientRoom{Details: details, Partner: partner}, err
}

func roomByXCID(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	xc := p.Text("xcRoomID", chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, partner, err := me.RoomByXCID(ctx, xc)
	return wire.ClientRoom{Details: details, Partner: partner}, err
}

func renameRoom(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id, name := p.ID("roomID"), p.Text("name", chat.MaxRoomName)
	if err := p.Err(); err != nil {
		return nil, err
	}
	room, err := me.RenameGroup(ctx, id, name)
	return wire.ClientRoom{Details: chat.RoomDetails{Room: room}, Bare: true}, err
}

func addParticipants(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return changePeople(ctx, p, me.AddParticipants)
}

func removeParticipants(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return changePeople(ctx, p, me.RemoveParticipants)
}

func promote(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return changePeople(ctx, p, func(ctx context.Context, room string, ids []chat.UserID) (chat.RoomDetails, error) {
		return me.SetAdmins(ctx, room, ids, true)
	})
}

func demote(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return changePeople(ctx, p, func(ctx context.Context, room string, ids []chat.UserID) (chat.RoomDetails, error) {
		return me.SetAdmins(ctx, room, ids, false)
	})
}

func changePeople(ctx context.Context, p *httpapi.Params,
	change func(ctx context.Context, roomID string, ids []chat.UserID) (chat.RoomDetails, error),
) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if !p.Has("userIDs") {
		p.Fail(chat.Required("userIDs"))
	}
	people := userIDs(p, "userIDs")
	if err := p.Err(); err != nil {
		return nil, err
	}
	details, err := change(ctx, id, people)
	return wire.ClientRoom{Details: details}, err
}

func leaveRoom(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	left, err := me.LeaveGroup(ctx, id)
	if !left {
		return wire.Result{Message: "You are the last admin; make somebody else one first"}, err
	}
	return wire.Result{Success: true, Message: "You have left the group"}, err
}

func deleteRoom(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id, checksum := p.ID("roomID"), p.Text("checksum", 100)
	if err := p.Err(); err != nil {
		return nil, err
	}
	deleted, err := me.DeleteGroup(ctx, id, func(room chat.Room) error {
		return confirmed(me.Caller, id, room.Type, checksum)
	})
	if !deleted {
		return wire.Result{Message: "The group was deleted before"}, err
	}
	return wire.Result{Success: true, Message: "The group was deleted"}, err
}

func roomsInCommon(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("userID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	rooms, err := me.RoomsInCommon(ctx, id)
	return wire.Rooms{Rooms: rooms}, err
}

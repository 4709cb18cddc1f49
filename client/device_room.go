package client

import (
	"context"
	"crypto/md5" //nolint:gosec // G501: the protocol has no other; it guards against slips, not people
	"encoding/hex"
	"errors"
	"fmt"
)

type oneRoom struct {
	RoomID RoomID `json:"roomID"`
}

type roomUsers struct {
	RoomID  RoomID   `json:"roomID"`
	UserIDs []UserID `json:"userIDs"`
}

func (d *Device) roomDetails(ctx context.Context, path string, in any) (r RoomDetails, err error) {
	err = d.do(ctx, path, in, &r)
	r.Total = len(r.Participants) // these calls answer all of them
	return r, err
}

// CreateGroup makes a group of which the user is the admin. It is not repeated when its outcome is unknown.
func (d *Device) CreateGroup(ctx context.Context, name string, users ...UserID) (r RoomDetails, err error) {
	err = d.call(ctx, call{path: "client/room/create", once: true, in: struct {
		Name    string   `json:"name"`
		Type    RoomType `json:"type"`
		UserIDs []UserID `json:"userIDs"`
	}{name, Group, users}}, &r)
	r.Total = len(r.Participants)
	return r, err
}

// Room returns a room of the user's, with its participants.
func (d *Device) Room(ctx context.Context, id RoomID) (RoomDetails, error) {
	return d.roomDetails(ctx, "client/room/get", oneRoom{id})
}

// RoomByXCID is Room by your id.
func (d *Device) RoomByXCID(ctx context.Context, xcRoomID string) (RoomDetails, error) {
	return d.roomDetails(ctx, "client/room/get_by_xc_room_id", struct {
		XCID string `json:"xcRoomID"`
	}{xcRoomID})
}

// RenameGroup gives a group another name. Its admins may.
func (d *Device) RenameGroup(ctx context.Context, id RoomID, name string) (Room, error) {
	var answer struct{ Room Room }
	err := d.do(ctx, "client/room/update", struct {
		RoomID RoomID `json:"roomID"`
		Name   string `json:"name"`
	}{id, name}, &answer)
	return answer.Room, err
}

// AddParticipants puts users into a group. Its admins may.
func (d *Device) AddParticipants(ctx context.Context, id RoomID, users ...UserID) (RoomDetails, error) {
	return d.roomDetails(ctx, "client/room/participants/add", roomUsers{id, users})
}

// RemoveParticipants takes users out of a group. Its admins may.
func (d *Device) RemoveParticipants(ctx context.Context, id RoomID, users ...UserID) (RoomDetails, error) {
	return d.roomDetails(ctx, "client/room/participants/remove", roomUsers{id, users})
}

// Promote makes participants admins of a group. Its admins may.
func (d *Device) Promote(ctx context.Context, id RoomID, users ...UserID) (RoomDetails, error) {
	return d.roomDetails(ctx, "client/room/admins/promote", roomUsers{id, users})
}

// Demote undoes Promote. The last admin keeps it: that is CodeForbidden.
func (d *Device) Demote(ctx context.Context, id RoomID, users ...UserID) (RoomDetails, error) {
	return d.roomDetails(ctx, "client/room/admins/demote", roomUsers{id, users})
}

// GroupsInCommon lists the groups that the user shares with another one.
func (d *Device) GroupsInCommon(ctx context.Context, with UserID) ([]Room, error) {
	var answer struct{ Rooms []Room }
	err := d.do(ctx, "client/room/groups_in_common", oneUser{with}, &answer)
	return answer.Rooms, err
}

// ErrLastAdmin is the error of LeaveRoom for the last admin of a group.
var ErrLastAdmin = errors.New("client: the last admin of a group cannot leave it")

// LeaveRoom takes the user out of a group. It is not repeated when its outcome is unknown: whoever has left
// may not leave again.
func (d *Device) LeaveRoom(ctx context.Context, id RoomID) error {
	var answer struct{ Success bool }
	err := d.call(ctx, call{path: "client/room/leave", in: oneRoom{id}, once: true}, &answer)
	if err == nil && !answer.Success {
		return ErrLastAdmin
	}
	return err
}

// DeleteRoom deletes a group for everybody. Its admins may.
func (d *Device) DeleteRoom(ctx context.Context, r Room) error {
	for {
		t, err := d.fresh(ctx)
		if err != nil {
			return err
		}
		slip := fmt.Sprintf("%s:%d:%s:%d", r.ID, r.Type, t.UserID, t.AccessExpiry.millis())
		sum := md5.Sum([]byte(slip)) //nolint:gosec // G401: as above
		err = d.app.server.do(ctx, call{path: "client/room/delete", header: d.headers(t.Access), in: struct {
			RoomID   RoomID `json:"roomID"`
			Checksum string `json:"checksum"`
		}{r.ID, hex.EncodeToString(sum[:])}}, nil)
		if CodeOf(err) != CodeTokenExpired {
			return err
		}
		if _, err := d.renew(ctx, t); err != nil { // and the checksum is another
			return err
		}
	}
}

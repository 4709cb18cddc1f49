package client

import (
	"context"
	"time"
)

type rooms struct {
	RoomIDs []RoomID `json:"roomIDs"`
	Until   Time     `json:"expiredAt,omitzero"`
}

// set makes a call that sets something for rooms, and returns those for which it is set.
func (d *Device) set(ctx context.Context, path string, in rooms) ([]RoomID, error) {
	var answer map[string][]RoomID // under a name of its own in each call
	err := d.do(ctx, "client/room/"+path, in, &answer)
	for _, ids := range answer {
		return ids, err
	}
	return nil, err
}

// MarkRoomsUnread shows rooms as unread until something in them is read. Like the other methods for several
// rooms it takes 500 at most, passes over rooms that the user is not in, and returns those that it has set.
func (d *Device) MarkRoomsUnread(ctx context.Context, ids ...RoomID) ([]RoomID, error) {
	return d.set(ctx, "mark_as_unread", rooms{RoomIDs: ids})
}

// MuteRooms keeps rooms quiet until a time. The zero time means for good.
func (d *Device) MuteRooms(ctx context.Context, until time.Time, ids ...RoomID) ([]RoomID, error) {
	return d.set(ctx, "mute", rooms{RoomIDs: ids, Until: Time{until}})
}

// UnmuteRooms ends a mute.
func (d *Device) UnmuteRooms(ctx context.Context, ids ...RoomID) ([]RoomID, error) {
	return d.set(ctx, "unmute", rooms{RoomIDs: ids})
}

// PinRooms puts rooms first, ten at most: those beyond are not in the answer.
func (d *Device) PinRooms(ctx context.Context, ids ...RoomID) ([]RoomID, error) {
	return d.set(ctx, "pin", rooms{RoomIDs: ids})
}

// UnpinRooms undoes PinRooms.
func (d *Device) UnpinRooms(ctx context.Context, ids ...RoomID) ([]RoomID, error) {
	return d.set(ctx, "unpin", rooms{RoomIDs: ids})
}

// ClearRooms hides from the user what rooms hold so far.
func (d *Device) ClearRooms(ctx context.Context, ids ...RoomID) ([]RoomID, error) {
	return d.set(ctx, "clear_chat", rooms{RoomIDs: ids})
}

// RoomPreferences are what the user has set for rooms.
type RoomPreferences struct {
	Unread  []RoomID      `json:"unreadRoomIDs"` // those marked by hand
	Pinned  []RoomID      `json:"pinnedRoomIDs"`
	Muted   []MutedRoom   `json:"mutedRooms"`
	Cleared []ClearedRoom `json:"clearedRooms"`
}

// MutedRoom is a room that is quiet.
type MutedRoom struct {
	RoomID RoomID `json:"roomID"`
	Until  Time   `json:"expiredAt"` // zero for good
}

// ClearedRoom is a room whose older messages are hidden.
type ClearedRoom struct {
	RoomID RoomID `json:"roomID"`
	At     Time   `json:"clearTime"`
}

// RoomPreferences returns all that the user has set for rooms.
func (d *Device) RoomPreferences(ctx context.Context) (p RoomPreferences, err error) {
	return p, d.do(ctx, "client/room/get_room_ids_with_state", nil, &p)
}

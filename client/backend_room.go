package client

import "context"

// RoomSettings are what PutRoom says of a room. A nil field keeps what is stored; one that is set
// replaces it, new("") and []string{} included.
type RoomSettings struct {
	XCID         string   `json:"xcRoomID"` // your id
	Type         RoomType `json:"type"`     // Group or Transaction; it never changes
	Name         string   `json:"name"`
	ThumbnailURL *string  `json:"photoThumbnailURL,omitzero"`
	FullsizeURL  *string  `json:"photoFullsizeURL,omitzero"`
	Tags         []string `json:"tags,omitzero"`
	// Participants are your ids of those who are in a new room. For a room that exists they are
	// ignored: see AddParticipants.
	Participants []string `json:"participantXCUserIDs,omitzero"`
	// Roles is a standing rule: whoever has one of them is in the room.
	Roles []string `json:"participantUserRoles,omitzero"`
	Color *string  `json:"color,omitzero"` // hexadecimal digits
}

// RoomDetails is a room with its participants.
type RoomDetails struct {
	Room         Room     `json:"room"`
	Participants []User   `json:"participants"`
	AdminIDs     []UserID `json:"adminUserIDs"`
	// Total counts the participants of the whole room. An answer holds 10,000 at most.
	Total int `json:"participantsTotal"`
	// Skipped are the ids of the call that no user has.
	Skipped []string `json:"skippedXCUserIDs"`
	// ParticipantsIgnored says that PutRoom named participants for a room that exists.
	ParticipantsIgnored bool `json:"participantsIgnored"`
}

// Page is a part of a list. The zero Page is its beginning, as long as the server gives it.
type Page struct{ Limit, Offset int }

// PutRoom makes the room of this XCID, or changes it. Nothing changes when the room is like that already.
func (b *Backend) PutRoom(ctx context.Context, r RoomSettings) (d RoomDetails, err error) {
	return d, b.do(ctx, "room/create_or_update", r, &d)
}

// Room returns a room and a page of its participants.
func (b *Backend) Room(ctx context.Context, xcRoomID string, p Page) (d RoomDetails, err error) {
	return d, b.do(ctx, "room/get", struct {
		roomName
		Limit  int `json:"participantsLimit,omitzero"`
		Offset int `json:"participantsOffset,omitzero"`
	}{b.room(xcRoomID), p.Limit, p.Offset}, &d)
}

type participants struct {
	roomName
	XCUserIDs []string `json:"participantXCUserIDs"`
}

// AddParticipants puts users into a room, by your ids. Those who do not exist are in Skipped.
func (b *Backend) AddParticipants(
	ctx context.Context, xcRoomID string, xcUserIDs ...string,
) (d RoomDetails, err error) {
	return d, b.do(ctx, "room/participants/add", participants{b.room(xcRoomID), xcUserIDs}, &d)
}

// RemoveParticipants takes users out of a room. Whoever is in it by a role stays.
func (b *Backend) RemoveParticipants(
	ctx context.Context, xcRoomID string, xcUserIDs ...string,
) (d RoomDetails, err error) {
	return d, b.do(ctx, "room/participants/remove", participants{b.room(xcRoomID), xcUserIDs}, &d)
}

// RoomSummary is a line of a user's list of rooms. The room is in LastMessage.Room.
type RoomSummary struct {
	LastMessage Message `json:"lastMessage"`
	Unread      int     `json:"unreadCount"`
}

// RoomsOfUser lists the rooms of a user, the newest message first, and says whether there are more. Ids of
// rooms narrow the list.
func (b *Backend) RoomsOfUser(
	ctx context.Context, xcUserID string, p Page, xcRoomIDs ...string,
) (rooms []RoomSummary, more bool, err error) {
	var answer struct {
		Rooms   []RoomSummary
		HasMore bool
	}
	err = b.do(ctx, "room/get_list_by_user", struct {
		XCUserID  string   `json:"xcUserID"`
		XCRoomIDs []string `json:"xcRoomIDs,omitempty"`
		Limit     int      `json:"limit,omitzero"`
		Offset    int      `json:"offset,omitzero"`
	}{xcUserID, xcRoomIDs, p.Limit, p.Offset}, &answer)
	return answer.Rooms, answer.HasMore, err
}

type lock struct {
	roomName
	XCUserID string `json:"xcUserID"`
}

// LockRoom closes a room to its participants, in the name of a user. It reports whether it was open.
func (b *Backend) LockRoom(ctx context.Context, xcRoomID, byXCUserID string) (changed bool, err error) {
	var answer struct{ Success bool }
	err = b.do(ctx, "room/lock", lock{b.room(xcRoomID), byXCUserID}, &answer)
	return answer.Success, err
}

// UnlockRoom opens a locked room, in the name of a user. It reports whether it was locked.
func (b *Backend) UnlockRoom(ctx context.Context, xcRoomID, byXCUserID string) (changed bool, err error) {
	var answer struct{ Success bool }
	err = b.do(ctx, "room/unlock", lock{b.room(xcRoomID), byXCUserID}, &answer)
	return answer.Success, err
}

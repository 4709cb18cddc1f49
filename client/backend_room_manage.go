package client

import (
	"context"
	"encoding/json"
	"iter"
	"time"
)

// ListedRoom is a room in an app's list.
type ListedRoom struct {
	Room
	IsFrozen        bool            `json:"isFrozen"`
	FrozenTime      Time            `json:"frozenTime"`
	Tags            []string        `json:"tags"`
	LastMessageTime Time            `json:"lastMessageTime"`
	Created         Time            `json:"created"`
	Updated         Time            `json:"updated"`
	Data            json.RawMessage `json:"data"` // what SetRoomData has stored, an object
}

// RoomFilter says which rooms Rooms lists. The zero value is all that are not deleted.
type RoomFilter struct {
	Tag            string    `json:"tag,omitzero"`
	Type           RoomType  `json:"type,omitzero"`
	ActiveSince    time.Time `json:"-"` // of the newest message
	ActiveUntil    time.Time `json:"-"`
	Participant    string    `json:"xcUserID,omitzero"` // your id of who is in it
	NamePrefix     string    `json:"namePrefix,omitzero"`
	IncludeDeleted bool      `json:"includeDeleted,omitzero"`
}

// Rooms lists the rooms of the app that pass a filter, page by page while it is ranged over. It ends with
// the first error.
func (b *Backend) Rooms(ctx context.Context, f RoomFilter) iter.Seq2[ListedRoom, error] {
	return pages(func(cursor string) (list []ListedRoom, next string, err error) {
		var page struct {
			Rooms      []ListedRoom
			NextCursor string
		}
		err = b.do(ctx, "room/list", struct {
			RoomFilter
			Since  int64  `json:"activeSince,omitzero"`
			Until  int64  `json:"activeUntil,omitzero"`
			Cursor string `json:"cursor"`
		}{f, milliseconds(f.ActiveSince), milliseconds(f.ActiveUntil), cursor}, &page)
		return page.Rooms, page.NextCursor, err
	})
}

// ListedParticipant is a user in a room.
type ListedParticipant struct {
	User
	IsByName    bool            `json:"isByName"`   // was put into the room by name
	HeldByRole  string          `json:"heldByRole"` // the role that holds the user in the room, where it was met by it
	IsAdmin     bool            `json:"isAdmin"`
	IsMuted     bool            `json:"isMuted"`
	MutedUntil  Time            `json:"mutedUntil"` // zero for no end
	IsBanned    bool            `json:"isBanned"`
	BannedUntil Time            `json:"bannedUntil"`
	Data        json.RawMessage `json:"data"` // what SetParticipantData has stored, an object
}

// Participants lists who is in a room, page by page while it is ranged over: all for "", or those whom
// only names, which is byName, byRole, admins, muted or banned. It ends with the first error.
func (b *Backend) Participants(ctx context.Context, xcRoomID, only string) iter.Seq2[ListedParticipant, error] {
	return pages(func(cursor string) (list []ListedParticipant, next string, err error) {
		var page struct {
			Participants []ListedParticipant
			NextCursor   string
		}
		err = b.do(ctx, "room/participants/list", struct {
			roomName
			Only   string `json:"only"`
			Cursor string `json:"cursor"`
		}{b.room(xcRoomID), only, cursor}, &page)
		return page.Participants, page.NextCursor, err
	})
}

// pages goes through a list that comes in pages.
func pages[T any](ask func(cursor string) (list []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for cursor := ""; ; {
			list, next, err := ask(cursor)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range list {
				if !yield(item, nil) {
					return
				}
			}
			if cursor = next; next == "" {
				return
			}
		}
	}
}

// milliseconds is t on the wire, 0 for the zero time.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// DeleteRoom deletes a room for everybody, which RestoreRoom undoes. It reports whether it was there.
func (b *Backend) DeleteRoom(ctx context.Context, xcRoomID string) (changed bool, err error) {
	return b.setRoom(ctx, "delete", xcRoomID)
}

// RestoreRoom brings a deleted room back as it was. It reports whether it was deleted.
func (b *Backend) RestoreRoom(ctx context.Context, xcRoomID string) (changed bool, err error) {
	return b.setRoom(ctx, "restore", xcRoomID)
}

// FreezeRoom lets of a room's participants only admins write. It reports whether that is new.
func (b *Backend) FreezeRoom(ctx context.Context, xcRoomID string) (changed bool, err error) {
	return b.setRoom(ctx, "freeze", xcRoomID)
}

// UnfreezeRoom lets all participants write again. It reports whether that is new.
func (b *Backend) UnfreezeRoom(ctx context.Context, xcRoomID string) (changed bool, err error) {
	return b.setRoom(ctx, "unfreeze", xcRoomID)
}

func (b *Backend) setRoom(ctx context.Context, path, xcRoomID string) (changed bool, err error) {
	var answer struct{ Success bool }
	err = b.do(ctx, "room/"+path, b.room(xcRoomID), &answer)
	return answer.Success, err
}

// Mute keeps users from writing into a room until a time, the zero time for good. changed are those for
// whom that is new.
func (b *Backend) Mute(
	ctx context.Context, xcRoomID string, until time.Time, xcUserIDs ...string,
) (changed []string, err error) {
	return b.restrict(ctx, "mute", xcRoomID, until, xcUserIDs)
}

// Unmute lets users write into a room again.
func (b *Backend) Unmute(ctx context.Context, xcRoomID string, xcUserIDs ...string) (changed []string, err error) {
	return b.restrict(ctx, "unmute", xcRoomID, time.Time{}, xcUserIDs)
}

// Ban takes users out of a room and keeps them out until a time, the zero time for good. changed are
// those for whom that is new.
func (b *Backend) Ban(
	ctx context.Context, xcRoomID string, until time.Time, xcUserIDs ...string,
) (changed []string, err error) {
	return b.restrict(ctx, "ban", xcRoomID, until, xcUserIDs)
}

// Unban ends bans.
func (b *Backend) Unban(ctx context.Context, xcRoomID string, xcUserIDs ...string) (changed []string, err error) {
	return b.restrict(ctx, "unban", xcRoomID, time.Time{}, xcUserIDs)
}

func (b *Backend) restrict(
	ctx context.Context, path, xcRoomID string, until time.Time, xcUserIDs []string,
) (changed []string, err error) {
	in := struct {
		roomName
		XCUserIDs []string `json:"participantXCUserIDs"`
		Until     int64    `json:"until,omitzero"`
	}{b.room(xcRoomID), xcUserIDs, milliseconds(until)}
	var answer struct{ ChangedXCUserIDs []string }
	err = b.do(ctx, "room/participants/"+path, in, &answer)
	return answer.ChangedXCUserIDs, err
}

// SetAdmins makes users the admins of a room, in place of those it had. skipped are those who were not
// put into it by name.
func (b *Backend) SetAdmins(ctx context.Context, xcRoomID string, xcUserIDs ...string) (skipped []string, err error) {
	if xcUserIDs == nil {
		xcUserIDs = []string{}
	}
	var answer struct{ SkippedXCUserIDs []string }
	err = b.do(ctx, "room/admins/set", struct {
		roomName
		Admins []string `json:"adminXCUserIDs"`
	}{b.room(xcRoomID), xcUserIDs}, &answer)
	return answer.SkippedXCUserIDs, err
}

// SetRoomData keeps data, which must marshal to a JSON object, with a room.
func (b *Backend) SetRoomData(ctx context.Context, xcRoomID string, data any) error {
	return b.do(ctx, "room/data/set", struct {
		roomName
		Data any `json:"data"`
	}{b.room(xcRoomID), data}, nil)
}

// SetParticipantData keeps data, which must marshal to a JSON object, with a user in a room.
func (b *Backend) SetParticipantData(ctx context.Context, xcRoomID, xcUserID string, data any) error {
	return b.do(ctx, "room/participants/data/set", struct {
		roomName
		XCUserID string `json:"xcUserID"`
		Data     any    `json:"data"`
	}{b.room(xcRoomID), xcUserID, data}, nil)
}

// BatchResult is what became of one item of a batch.
type BatchResult struct {
	XCRoomID string `json:"xcRoomID"`
	RoomID   string `json:"roomID"`
	Success  bool   `json:"success"`
	Error    struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Field   string `json:"field"`
	} `json:"error"` // of a failure
	Skipped             []string `json:"skippedXCUserIDs"`
	ParticipantsIgnored bool     `json:"participantsIgnored"`
}

// PutRooms is PutRoom for up to 1,000 rooms, of up to 1,000 participants. Each has a result of its own.
func (b *Backend) PutRooms(ctx context.Context, rooms []RoomSettings) (results []BatchResult, err error) {
	var answer struct{ Results []BatchResult }
	err = b.do(ctx, "room/batch/create_or_update", map[string]any{"rooms": rooms}, &answer)
	return answer.Results, err
}

// PeopleChange is who is to be put into a room and who is to be taken out, by your ids.
type PeopleChange struct {
	// One of these says in which room.
	XCRoomID string   `json:"xcRoomID,omitzero"`
	RoomID   RoomID   `json:"roomID,omitzero"`
	Add      []string `json:"addXCUserIDs,omitempty"`
	Remove   []string `json:"removeXCUserIDs,omitempty"`
}

// ChangePeople adds and removes participants of up to 1,000 rooms. Each has a result of its own.
func (b *Backend) ChangePeople(ctx context.Context, changes []PeopleChange) (results []BatchResult, err error) {
	var answer struct{ Results []BatchResult }
	err = b.do(ctx, "room/participants/batch", map[string]any{"rooms": changes}, &answer)
	return answer.Results, err
}

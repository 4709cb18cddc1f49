package wire

import (
	"slices"

	"parlor/internal/chat"
)

// About what a user and a room in a list take, in bytes: long answers are given the
// room they need at once instead of growing into it.
const (
	userSize    = 640
	summarySize = 1600
)

// room writes a room object (docs/protocol.md, "Room"). A personal room has no name and
// picture of its own: each viewer sees the partner's.
func (w *writer) room(r *chat.Room, partner *chat.User) {
	w.open("room")
	w.roomFields(r, partner)
	w.end()
}

func (w *writer) roomFields(r *chat.Room, partner *chat.User) {
	name, photo := r.Name, r.Photo
	if r.Type == chat.Personal && partner != nil {
		name, photo = partner.Fullname, partner.Photo
	}
	w.str("roomID", r.PublicID())
	w.putStr(`,"xcRoomID":`, r.XCID)
	w.putStr(`,"name":`, name)
	w.putNum(`,"type":`, int64(r.Type))
	w.image(photo)
	w.putStr(`,"color":`, r.Color)
	w.putFlag(`,"isLocked":`, r.Locked())
	w.putNum(`,"lockedTime":`, r.LockedAt)
	w.putNum(`,"deleted":`, r.DeletedAt)
	w.putFlag(`,"isDeleted":`, r.Deleted())
}

// Room is the answer of room/get and, with the ids that named nobody, of the calls that
// change a room.
type Room struct {
	Details chat.RoomDetails
	Changed bool // adds skippedXCUserIDs and participantsIgnored
	Skipped []string
}

// AppendJSON appends the answer's data object.
func (a Room) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, userSize*len(a.Details.Users))
	w := writer{b: append(b, '{')}
	w.room(&a.Details.Room, nil)
	w.list("participants")
	for i := range a.Details.Users {
		w.item()
		w.user(a.Details.Users[i])
		w.end()
	}
	w.endList()
	w.list("adminUserIDs")
	for _, id := range a.Details.Admin {
		w.comma()
		w.quote(id.String())
	}
	w.endList()
	w.num("participantsTotal", int64(a.Details.Total))
	if a.Changed {
		w.strs("skippedXCUserIDs", a.Skipped)
		w.flag("participantsIgnored", a.Details.ParticipantsIgnored)
	}
	w.end()
	return w.b
}

// RoomList is the answer of room/get_list_by_user.
type RoomList struct {
	Rooms []chat.RoomSummary
	More  bool
}

// AppendJSON appends the answer's data object.
func (a RoomList) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, summarySize*len(a.Rooms))
	w := writer{b: append(b, '{'), rendered: &rendered{}}
	w.list("rooms")
	for i := range a.Rooms {
		sum := &a.Rooms[i]
		w.item()
		w.open("lastMessage")
		w.message(&sum.Last, forBackend)
		w.end()
		w.num("unreadCount", sum.Unread)
		w.end()
	}
	w.endList()
	w.flag("hasMore", a.More)
	w.end()
	return w.b
}

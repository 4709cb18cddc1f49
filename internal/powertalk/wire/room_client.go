package wire

import (
	"slices"

	"parlor/internal/chat"
)

// ClientRoom is the answer of the SDKs' room calls. Bare leaves out who is in it.
type ClientRoom struct {
	Details chat.RoomDetails
	Partner *chat.User // the viewer's, in a personal room
	Bare    bool
}

// AppendJSON appends the answer's data object.
func (a ClientRoom) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, userSize*len(a.Details.Users))
	w := writer{b: append(b, '{')}
	w.room(&a.Details.Room, a.Partner)
	if !a.Bare {
		w.users("participants", a.Details.Users)
		w.list("adminUserIDs")
		for _, id := range a.Details.Admin {
			w.comma()
			w.quote(id.String())
		}
		w.endList()
	}
	w.end()
	return w.b
}

// Rooms is the answer of groups_in_common.
type Rooms struct{ Rooms []*chat.Room }

// AppendJSON appends the answer's data object.
func (a Rooms) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("rooms")
	for _, r := range a.Rooms {
		w.item()
		w.roomFields(r, nil)
		w.end()
	}
	w.endList()
	w.end()
	return w.b
}

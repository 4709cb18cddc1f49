package chat

import (
	"strconv"
	"strings"
)

// RoomType is the kind of a Room, with the wire's numbers.
type RoomType int

// The kinds of rooms. The server API makes group and transaction rooms; personal rooms
// come into being with their first message.
const (
	Personal    RoomType = 1
	Group       RoomType = 2
	Channel     RoomType = 3
	Transaction RoomType = 4
)

// prefix begins the public id of every room that is not personal. None contains
// a dash: mobile SDKs take an id with a dash for a personal room.
func (t RoomType) prefix() string {
	switch t {
	case Transaction:
		return "t"
	case Channel:
		return "c"
	default:
		return "g"
	}
}

// Room is a place for messages. Times are Unix ms, 0 for "never".
type Room struct {
	ID        RoomID
	App       AppID
	XCID      string // the customer's own id; "" for personal rooms
	Type      RoomType
	Pair      Pair // the two users of a personal room
	Name      string
	Photo     Image
	Color     string
	Tags      []string
	Blocks    Blocks // between the two of a personal room
	LockedAt  int64
	FrozenAt  int64
	DeletedAt int64
	UpdatedAt int64
	CreatedAt int64
}

// Place is where the room's events happen.
func (r Room) Place() Place { return Place{r.App, r.ID} }

// Locked reports whether only the backend may write.
func (r Room) Locked() bool { return r.LockedAt > 0 }

// Frozen reports whether of the participants only admins may write.
func (r Room) Frozen() bool { return r.FrozenAt > 0 }

// Deleted reports whether the room is gone for everybody.
func (r Room) Deleted() bool { return r.DeletedAt > 0 }

// PublicID is the room's id on the wire: "g7", "t7", "c7", or "6-19" for a personal room.
func (r Room) PublicID() string {
	if r.Type == Personal {
		return r.Pair.String()
	}
	return r.Type.prefix() + strconv.FormatInt(int64(r.ID), 10)
}

// Pair is the two users of a personal room, the smaller id first; both are the same
// user in somebody's saved messages.
type Pair struct{ A, B UserID }

// NewPair puts two users in order.
func NewPair(a, b UserID) Pair {
	if a > b {
		a, b = b, a
	}
	return Pair{a, b}
}

// String is the public id of the pair's room.
func (p Pair) String() string { return p.A.String() + "-" + p.B.String() }

// Has reports whether u is one of the two.
func (p Pair) Has(u UserID) bool { return u == p.A || u == p.B }

// Other returns the user that u talks to.
func (p Pair) Other(u UserID) UserID {
	if u == p.A {
		return p.B
	}
	return p.A
}

// RoomRef is a parsed public room id: a Pair for a personal room, otherwise an ID.
type RoomRef struct {
	ID   RoomID
	Type RoomType
	Pair Pair
}

// ParseRoomID reads a public room id. Only the form that PublicID writes is accepted:
// no leading zeros, no signs, the smaller user first. ok is false for anything else.
func ParseRoomID(s string) (ref RoomRef, ok bool) {
	if a, b, dash := strings.Cut(s, "-"); dash {
		ref.Type = Personal
		x, okA := ParseUserID(a)
		y, okB := ParseUserID(b)
		ref.Pair = Pair{x, y}
		return ref, okA && okB && x <= y
	}
	for _, t := range []RoomType{Group, Transaction, Channel} {
		if digits, found := strings.CutPrefix(s, t.prefix()); found {
			n, ok := parseID(digits)
			return RoomRef{ID: RoomID(n), Type: t}, ok
		}
	}
	return RoomRef{}, false
}

// ParseUserID reads a user id from the wire: plain decimal, 1 to 2147483647.
func ParseUserID(s string) (UserID, bool) {
	n, ok := parseID(s)
	return UserID(n), ok && n <= 1<<31-1
}

// ParseMessageID reads a message id from the wire.
func ParseMessageID(s string) (MessageID, bool) {
	n, ok := parseID(s)
	return MessageID(n), ok
}

// parseID reads a positive decimal number in its only canonical form.
func parseID(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n > 0 && strconv.FormatInt(n, 10) == s
}

// Participants is who belongs to a room: the users put there by name, in the order
// they joined, then those whose role belongs to the room, by user id.
type Participants struct {
	Users []*User  // one page of them; shared, so not to be changed
	Total int      // of the whole room
	Admin []UserID // of the whole room
}

// RoomDetails is a room with its participants, as the room endpoints answer it.
type RoomDetails struct {
	Room Room
	Participants
	// ParticipantsIgnored says that a change named participants for a room that exists.
	ParticipantsIgnored bool
}

// Page cuts a list. Limit is at least 1.
type Page struct {
	Limit  int
	Offset int
}

// Window is a part of a room's time, and the order in which its messages are listed.
type Window struct {
	After, Before int64 // Unix ms, both ends excluded
	OldestFirst   bool  // otherwise the newest first
}

// RoomUpdate creates or changes a room of the customer's. A nil pointer or slice keeps
// what is stored, anything else replaces it. ParticipantXCIDs counts for a new room only.
type RoomUpdate struct {
	XCID             string
	Type             RoomType
	Name             string
	PhotoThumbnail   *string
	PhotoFullsize    *string
	Color            *string
	Tags             []string
	ParticipantXCIDs []string
	Roles            []string
}

// Apply returns r with the update's fields in place.
func (up RoomUpdate) Apply(r Room) Room {
	r.XCID, r.Type, r.Name = up.XCID, up.Type, up.Name
	set(&r.Photo.Thumbnail, up.PhotoThumbnail)
	set(&r.Photo.Fullsize, up.PhotoFullsize)
	set(&r.Color, up.Color)
	if up.Tags != nil {
		r.Tags = up.Tags
	}
	return r
}

// RoomSummary is a room in somebody's list: its newest visible message and how many
// messages of others they have not read.
type RoomSummary struct {
	Last   MessageView
	Unread int64
}

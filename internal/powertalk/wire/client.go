package wire

import (
	"slices"

	"parlor/internal/chat"
)

// messageSize is about what a message takes, in bytes.
const messageSize = 2000

// deviceUser writes a user object as devices want it: without deleted while the account
// is alive.
func (w *writer) deviceUser(u *chat.User) {
	w.user(u)
	if u.DeletedAt > 0 {
		w.num("deleted", u.DeletedAt)
	}
}

// Tokens is the answer of the calls that sign in.
type Tokens struct {
	Tokens chat.Tokens
	User   *chat.User
}

// AppendJSON appends the answer's data object.
func (a Tokens) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.str("accessToken", a.Tokens.Access)
	w.num("accessTokenExpiry", a.Tokens.AccessExpiry)
	w.str("refreshToken", a.Tokens.Refresh)
	w.num("refreshTokenExpiry", a.Tokens.RefreshExpiry)
	w.open("user")
	w.deviceUser(a.User)
	w.end()
	w.end()
	return w.b
}

// Ticket is the answer of auth_ticket/request.
type Ticket struct {
	Ticket string
	User   chat.UserID
}

// AppendJSON appends the answer's data object.
func (a Ticket) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.str("ticket", a.Ticket)
	w.id("userID", int64(a.User))
	w.end()
	return w.b
}

// Pair is a name and its value.
type Pair struct{ Name, Value string }

// Configs is the answer of project_configs. SDKs want every value as text.
type Configs struct{ Core, Project, Custom []Pair }

// AppendJSON appends the answer's data object.
func (a Configs) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	for _, group := range []struct {
		name  string
		pairs []Pair
	}{{"core", a.Core}, {"project", a.Project}, {"custom", a.Custom}} {
		w.open(group.name)
		for _, p := range group.pairs {
			w.str(p.Name, p.Value)
		}
		w.end()
	}
	w.end()
	return w.b
}

// Nothing is the empty data object.
type Nothing struct{}

// AppendJSON appends the answer's data object.
func (Nothing) AppendJSON(b []byte) []byte { return append(b, '{', '}') }

// Messages is the answer of the calls that list messages.
type Messages struct {
	Messages []chat.MessageView
	Paged    bool // says whether there are more
	More     bool
}

// AppendJSON appends the answer's data object.
func (a Messages) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, messageSize*len(a.Messages))
	w := writer{append(b, '{')}
	w.list("messages")
	for i := range a.Messages {
		w.item()
		w.message(&a.Messages[i], forDevices)
		w.end()
	}
	w.endList()
	if a.Paged {
		w.flag("hasMore", a.More)
	}
	w.end()
	return w.b
}

// IDs is the answer of calls that list ids under one name.
type IDs struct {
	Name string
	IDs  []string
}

// AppendJSON appends the answer's data object.
func (a IDs) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.strs(a.Name, a.IDs)
	w.end()
	return w.b
}

// ClientRoom is the answer of the SDKs' room calls. Bare leaves out who is in it.
type ClientRoom struct {
	Details chat.RoomDetails
	Partner *chat.User // the viewer's, in a personal room
	Bare    bool
}

// AppendJSON appends the answer's data object.
func (a ClientRoom) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, userSize*len(a.Details.Users))
	w := writer{append(b, '{')}
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

func (w *writer) users(name string, users []*chat.User) {
	w.list(name)
	for _, u := range users {
		w.item()
		w.deviceUser(u)
		w.end()
	}
	w.endList()
}

// OneUser is the answer of calls that show a user; Result, if set, says how they ended.
type OneUser struct {
	User   *chat.User
	Result *Result
}

// AppendJSON appends the answer's data object.
func (a OneUser) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	if a.Result != nil {
		w.result(*a.Result)
	}
	w.open("user")
	w.deviceUser(a.User)
	w.end()
	w.end()
	return w.b
}

// Users is the answer of calls that list users.
type Users struct{ Users []*chat.User }

// AppendJSON appends the answer's data object.
func (a Users) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.users("users", a.Users)
	w.end()
	return w.b
}

// ContactList is the answer of contact/list.
type ContactList struct{ Users []*chat.User }

// AppendJSON appends the answer's data object.
func (a ContactList) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.list("contacts")
	for _, u := range a.Users {
		w.item()
		w.open("user")
		w.deviceUser(u)
		w.end()
		w.flag("isRequestPending", false)
		w.flag("isRequestAccepted", true)
		w.end()
	}
	w.endList()
	w.end()
	return w.b
}

// Details is the answer of get_details.
type Details struct {
	Message     chat.MessageView
	DeliveredTo []chat.Recipient
	ReadBy      []chat.Recipient
}

// AppendJSON appends the answer's data object.
func (a Details) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.open("message")
	w.message(&a.Message, forDevices)
	w.end()
	w.recipients("deliveredTo", a.DeliveredTo)
	w.recipients("readBy", a.ReadBy)
	w.end()
	return w.b
}

func (w *writer) recipients(name string, list []chat.Recipient) {
	w.list(name)
	for _, r := range list {
		w.item()
		w.id("userID", int64(r.User.ID))
		w.str("xcUserID", r.User.XCID)
		w.str("fullname", r.User.Fullname)
		w.open("userImageURL")
		w.str("thumbnail", r.User.Photo.Thumbnail)
		w.str("fullsize", r.User.Photo.Fullsize)
		w.end()
		w.num("deliveredTime", r.DeliveredAt)
		w.num("readTime", r.ReadAt)
		w.end()
	}
	w.endList()
}

// Count is the answer of get_total_read.
type Count struct{ Count int }

// AppendJSON appends the answer's data object.
func (a Count) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.num("count", int64(a.Count))
	w.end()
	return w.b
}

// RoomState is what a user has set for one room.
type RoomState struct {
	RoomID string
	Time   int64
}

// RoomStates is the answer of the calls that list what a user has set for rooms. Empty
// names are left out.
type RoomStates struct {
	Unread, Pinned []string
	Muted, Cleared []RoomState
	Only           string // the one list to show, "" for all
}

// AppendJSON appends the answer's data object.
func (a RoomStates) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	if a.Only == "" || a.Only == "unreadRoomIDs" {
		w.strs("unreadRoomIDs", a.Unread)
	}
	if a.Only == "" || a.Only == "pinnedRoomIDs" {
		w.strs("pinnedRoomIDs", a.Pinned)
	}
	if a.Only == "" || a.Only == "mutedRooms" {
		w.states("mutedRooms", "expiredAt", a.Muted)
	}
	if a.Only == "" {
		w.states("clearedRooms", "clearTime", a.Cleared)
	}
	w.end()
	return w.b
}

func (w *writer) states(name, timeName string, list []RoomState) {
	w.list(name)
	for _, s := range list {
		w.item()
		w.str("roomID", s.RoomID)
		w.num(timeName, s.Time)
		w.end()
	}
	w.endList()
}

// Rooms is the answer of groups_in_common.
type Rooms struct{ Rooms []*chat.Room }

// AppendJSON appends the answer's data object.
func (a Rooms) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
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

// ListedMessages is the answer of the calls that list bookmarked and pinned messages.
type ListedMessages struct {
	Messages          []chat.MessageView
	Page, Size, Total int // pages count from 1
}

// AppendJSON appends the answer's data object.
func (a ListedMessages) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, messageSize*len(a.Messages))
	w := writer{append(b, '{')}
	w.list("messages")
	for i := range a.Messages {
		w.item()
		w.message(&a.Messages[i], forDevices)
		w.end()
	}
	w.endList()
	w.flag("hasMore", a.Page*a.Size < a.Total)
	w.num("pageNumber", int64(a.Page))
	w.num("totalItems", int64(a.Total))
	w.num("totalPages", int64((a.Total+a.Size-1)/a.Size))
	w.end()
	return w.b
}

// Shared is the answer of get_shared_content. It must have no other keys: SDKs walk over
// all of them.
type Shared struct{ Messages []chat.MessageView }

// AppendJSON appends the answer's data object.
func (a Shared) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	for _, class := range []struct {
		name  string
		types []chat.MessageType
	}{
		{"media", []chat.MessageType{chat.ImageMessage, chat.VideoMessage}},
		{"files", []chat.MessageType{chat.FileMessage}},
		{"links", []chat.MessageType{chat.LinkMessage}},
	} {
		w.list(class.name)
		for i := range a.Messages {
			if v := &a.Messages[i]; slices.Contains(class.types, v.Type) {
				w.sharedItem(v)
			}
		}
		w.endList()
	}
	w.end()
	return w.b
}

func (w *writer) sharedItem(v *chat.MessageView) {
	w.item()
	w.id("messageID", int64(v.ID))
	w.str("localID", v.LocalID)
	w.num("messageType", int64(v.Type))
	w.str("data", string(v.Data))
	w.num("created", v.CreatedAt)
	w.id("userID", int64(v.Sender.ID))
	w.str("userFullname", v.Sender.Fullname)
	w.end()
}

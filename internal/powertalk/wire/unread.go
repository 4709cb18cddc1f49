package wire

import "parlor/internal/chat"

// Presences is the answer of presence/get.
type Presences struct {
	Users                  []*chat.User
	UnknownIDs, UnknownXCs []string
}

// AppendJSON appends the answer's data object.
func (a Presences) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("users")
	for _, u := range a.Users {
		w.item()
		w.id("userID", int64(u.ID))
		w.str("xcUserID", u.XCID)
		w.flag("isOnline", u.Online)
		w.num("lastActivity", u.LastActivityAt)
		w.end()
	}
	w.endList()
	w.strs("unknownUserIDs", a.UnknownIDs)
	w.strs("unknownXCUserIDs", a.UnknownXCs)
	w.end()
	return w.b
}

// UnreadRooms is the answer of unread/get.
type UnreadRooms struct {
	Total int64
	Rooms []chat.RoomUnread
	Next  string // the cursor of the next page, "" behind the last
}

// AppendJSON appends the answer's data object.
func (a UnreadRooms) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.num("unreadCount", a.Total)
	w.list("rooms")
	for i := range a.Rooms {
		r := &a.Rooms[i]
		w.item()
		w.str("roomID", r.PublicID())
		w.str("xcRoomID", r.XCID)
		w.num("type", int64(r.Type))
		w.num("unreadCount", r.Unread)
		w.end()
	}
	w.endPage(a.Next)
	return w.b
}

// UnreadPeople is the answer of unread/participants.
type UnreadPeople struct {
	Participants []chat.UserUnread
	Next         string
}

// AppendJSON appends the answer's data object.
func (a UnreadPeople) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("participants")
	for i := range a.Participants {
		p := &a.Participants[i]
		w.item()
		w.id("userID", int64(p.ID))
		w.str("xcUserID", p.XCID)
		w.num("unreadCount", p.Unread)
		w.end()
	}
	w.endPage(a.Next)
	return w.b
}

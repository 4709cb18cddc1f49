package wire

import (
	"slices"

	"parlor/internal/chat"
)

// UserPage is the answer of user/list.
type UserPage struct {
	Users []chat.ListedUser
	Next  string // the cursor of the next page, "" behind the last
}

// AppendJSON appends the answer's data object.
func (a UserPage) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, userSize*len(a.Users))
	w := writer{b: append(b, '{')}
	w.listedUsers(a.Users)
	w.endPage(a.Next)
	return w.b
}

// KnownUsers is the answer of user/get.
type KnownUsers struct {
	Users                  []chat.ListedUser
	UnknownIDs, UnknownXCs []string
}

// AppendJSON appends the answer's data object.
func (a KnownUsers) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, userSize*len(a.Users))
	w := writer{b: append(b, '{')}
	w.listedUsers(a.Users)
	w.endList()
	w.strs("unknownUserIDs", a.UnknownIDs)
	w.strs("unknownXCUserIDs", a.UnknownXCs)
	w.end()
	return w.b
}

// listedUsers writes a list that stays open.
func (w *writer) listedUsers(users []chat.ListedUser) {
	w.list("users")
	for i := range users {
		u := &users[i]
		w.item()
		w.user(u.User)
		w.num("deleted", u.DeletedAt)
		w.num("deactivated", u.DeactivatedAt)
		w.str("state", string(u.State()))
		w.raw("data", u.Data.String())
		w.end()
	}
}

// SignedOut is the answer of user/logout.
type SignedOut struct{ Logins int }

// AppendJSON appends the answer's data object.
func (a SignedOut) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.num("loginsEnded", int64(a.Logins))
	w.end()
	return w.b
}

package wire

import "parlor/internal/chat"

// deviceUser writes a user object as devices want it: without deleted while the account
// is alive.
func (w *writer) deviceUser(u *chat.User) {
	w.user(u)
	if u.DeletedAt > 0 {
		w.num("deleted", u.DeletedAt)
	}
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
	w := writer{b: append(b, '{')}
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
	w := writer{b: append(b, '{')}
	w.users("users", a.Users)
	w.end()
	return w.b
}

// BlockedList is the answer of get_blocked_list. Devices read it by this name alone.
type BlockedList struct{ Users []*chat.User }

// AppendJSON appends the answer's data object.
func (a BlockedList) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.users("blockedContacts", a.Users)
	w.end()
	return w.b
}

// ContactList is the answer of contact/list.
type ContactList struct{ Users []*chat.User }

// AppendJSON appends the answer's data object.
func (a ContactList) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
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

package wire

import "parlor/internal/chat"

// user writes the fields of a user object into the object that is open
// (docs/protocol.md, "User"). The phone fields are kept apart and nothing is derived.
func (w *writer) user(u *chat.User) {
	w.id("userID", int64(u.ID))
	w.str("xcUserID", u.XCID)
	w.str("fullname", u.Fullname)
	w.str("email", u.Email)
	w.flag("isEmailVerified", false)
	w.num("countryID", 0)
	w.str("countryCallingCode", "")
	w.str("phone", u.Phone)
	w.str("phoneWithCode", "")
	w.flag("isPhoneVerified", false)
	w.str("username", u.Username)
	w.image(u.Photo)
	w.open("userRole")
	w.role(u.Role)
	w.end()
	w.num("lastLogin", u.LastLoginAt)
	w.num("lastActivity", u.LastActivityAt)
	w.flag("isOnline", u.Online)
	w.num("created", u.CreatedAt)
	w.num("updated", u.UpdatedAt)
}

func (w *writer) role(r chat.Role) {
	w.str("code", r.Code)
	w.str("name", r.Name)
	w.str("iconURL", r.IconURL)
}

func (w *writer) image(i chat.Image) {
	w.open("imageURL")
	w.str("thumbnail", i.Thumbnail)
	w.str("fullsize", i.Fullsize)
	w.end()
}

// User is the answer of user/update.
type User struct{ ID chat.UserID }

// AppendJSON appends the answer's data object.
func (a User) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.id("userID", int64(a.ID))
	w.end()
	return w.b
}

// Role is the answer of role/create_or_update.
type Role struct{ Role chat.Role }

// AppendJSON appends the answer's data object.
func (a Role) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.open("role")
	w.role(a.Role)
	w.end()
	w.end()
	return w.b
}

// Roles is the answer of role/list.
type Roles struct {
	Roles []chat.Role
	More  bool
}

// AppendJSON appends the answer's data object.
func (a Roles) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.list("roles")
	for _, r := range a.Roles {
		w.item()
		w.role(r)
		w.end()
	}
	w.endList()
	w.flag("hasMore", a.More)
	w.end()
	return w.b
}

// Contacts is the answer of contact/sync.
type Contacts struct{ Inserted, Deleted int64 }

// AppendJSON appends the answer's data object.
func (a Contacts) AppendJSON(b []byte) []byte {
	w := writer{append(b, '{')}
	w.num("countInserted", a.Inserted)
	w.num("countDeleted", a.Deleted)
	w.end()
	return w.b
}

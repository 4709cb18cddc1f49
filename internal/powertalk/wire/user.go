package wire

import "parlor/internal/chat"

// user writes the fields of a user object into the object that is open
// (docs/protocol.md, "User"). The phone fields are kept apart and nothing is derived.
func (w *writer) user(u *chat.User) {
	w.id("userID", int64(u.ID))
	w.putStr(`,"xcUserID":`, u.XCID)
	w.putStr(`,"fullname":`, u.Fullname)
	w.putStr(`,"email":`, u.Email)
	w.putNum(`,"isEmailVerified":false,"countryID":`, u.CountryID)
	w.putStr(`,"countryCallingCode":`, u.CallingCode)
	w.putStr(`,"phone":`, u.Phone)
	w.putStr(`,"phoneWithCode":`, u.PhoneWithCode)
	w.putFlag(`,"isPhoneVerified":`, u.PhoneVerified)
	w.putStr(`,"username":`, u.Username)
	w.putStr(`,"bio":`, u.Bio)
	w.image(u.Photo)
	w.putStr(`,"userRole":{"code":`, u.Role.Code)
	w.putStr(`,"name":`, u.Role.Name)
	w.putStr(`,"iconURL":`, u.Role.IconURL)
	w.putNum(`},"lastLogin":`, u.LastLoginAt)
	w.putNum(`,"lastActivity":`, u.LastActivityAt)
	w.putFlag(`,"isOnline":`, u.Online)
	w.putNum(`,"created":`, u.CreatedAt)
	w.putNum(`,"updated":`, u.UpdatedAt)
}

func (w *writer) role(r chat.Role) {
	w.str("code", r.Code)
	w.str("name", r.Name)
	w.str("iconURL", r.IconURL)
}

// image goes behind other fields.
func (w *writer) image(i chat.Image) {
	w.putStr(`,"imageURL":{"thumbnail":`, i.Thumbnail)
	w.putStr(`,"fullsize":`, i.Fullsize)
	w.put(`}`)
}

// User is the answer of user/update.
type User struct{ ID chat.UserID }

// AppendJSON appends the answer's data object.
func (a User) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.id("userID", int64(a.ID))
	w.end()
	return w.b
}

// Role is the answer of role/create_or_update.
type Role struct{ Role chat.Role }

// AppendJSON appends the answer's data object.
func (a Role) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
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
	w := writer{b: append(b, '{')}
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

// DeletedRole is the answer of role/delete.
type DeletedRole struct {
	Result Result
	Moved  int // users who have another role now
	More   bool
}

// AppendJSON appends the answer's data object.
func (a DeletedRole) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.result(a.Result)
	w.num("usersMoved", int64(a.Moved))
	w.flag("hasMore", a.More)
	w.end()
	return w.b
}

// Contacts is the answer of contact/sync.
type Contacts struct{ Inserted, Deleted int64 }

// AppendJSON appends the answer's data object.
func (a Contacts) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.num("countInserted", a.Inserted)
	w.num("countDeleted", a.Deleted)
	w.end()
	return w.b
}

package chat

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// Bounds of lists of users.
const (
	MaxListedUsers = 100 // entries of a page, and ids in one call
	MaxUserText    = 100 // characters of a name that are looked for
)

// UserState is whether a user can sign in.
type UserState string

// The states of users. A deleted user is not deactivated as well.
const (
	UserActive      UserState = "active"
	UserDeactivated UserState = "deactivated"
	UserDeleted     UserState = "deleted"
)

// State is what the user is now.
func (u *User) State() UserState {
	switch {
	case u.DeletedAt > 0:
		return UserDeleted
	case u.DeactivatedAt > 0:
		return UserDeactivated
	}
	return UserActive
}

// UserFilter says which users of an App are listed. The zero value is all that are not deleted.
type UserFilter struct {
	Text         string // each word begins one of the full name, or all of it is the xcUserID
	Role         string
	State        UserState // "" for all but deleted ones
	UpdatedSince int64     // Unix ms
}

// Admits reports whether a user passes all of the filter. The App's own user never does.
func (f *UserFilter) Admits(u *User) bool {
	state := u.State()
	switch {
	case u.XCID == "",
		f.State == "" && state == UserDeleted,
		f.State != "" && state != f.State,
		f.Role != "" && u.Role.Code != f.Role,
		u.UpdatedAt < f.UpdatedSince:
		return false
	}
	if f.Text == "" || f.Text == u.XCID {
		return true
	}
	words := NameWords(u.Fullname)
	for _, begin := range NameWords(f.Text) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, begin) }) {
			return false
		}
	}
	return true
}

// NameWords are the words of a name, as both engines index them: those of its first 100 characters, with
// ASCII letters in lower case.
func NameWords(name string) []string {
	if runes := []rune(name); len(runes) > MaxUserText {
		name = string(runes[:MaxUserText])
	}
	words := strings.Split(LowerASCII(name), " ")
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

// Lead is the word of the filter's text by which the index is asked, the longest: few users have it. It is
// "" where the text has none.
func (f *UserFilter) Lead() (word string) {
	for _, w := range NameWords(f.Text) {
		if len(w) > len(word) {
			word = w
		}
	}
	return word
}

// UserCursor is the place in a list of users behind which the next page begins: the last user that was
// looked at, with what that list is sorted by. The zero value is the beginning.
type UserCursor struct {
	Filter  uint64 `json:"f,omitempty"` // that the list has, as a hash
	Named   bool   `json:"x,omitempty"` // the user of the xcUserID was looked at
	Word    string `json:"w,omitempty"`
	Updated int64  `json:"t,omitempty"`
	User    UserID `json:"u,omitempty"`
}

// Hash tells filters from each other.
func (f *UserFilter) Hash() uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%q %q %q %d", f.Text, f.Role, f.State, f.UpdatedSince) // a hash's Write never fails
	return cmp.Or(h.Sum64(), 1)
}

// ListedUser is a user as the App's backend sees them.
type ListedUser struct {
	*User
	Data   OwnData
	Behind UserCursor // from which a list goes on behind it
}

// Size is about what it takes on the wire, in bytes.
func (u *ListedUser) Size() int {
	return 600 + len(u.Fullname) + len(u.Email) + len(u.Bio) + len(u.Photo.Thumbnail) + len(u.Photo.Fullsize) +
		len(u.Role.Name) + len(u.Role.IconURL) + len(u.Data)
}

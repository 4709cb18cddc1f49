package chat

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"
	"unicode/utf8"
)

// Bounds of pages of rooms and of participants.
const (
	MaxListed       = 200     // entries of a page
	MaxListedBytes  = 1 << 20 // about, of what is in it
	MaxRoomPrefix   = 100     // characters of a name that are looked for
	MaxCursor       = 1000    // characters
	MaxOwnData      = 16 << 10
	MaxListedAdmins = 1000 // that are set at once
	MaxRestricted   = 1000 // users that are muted or banned at once
	MaxBatch        = 1000 // items of a batch
	MaxBatchPeople  = 1000 // users of one of them: what is written at once keeps others waiting
)

// RoomFilter says which rooms of an App are listed. The zero value is all that are not deleted.
type RoomFilter struct {
	Tag         string
	Type        RoomType
	ActiveSince int64  // Unix ms, of the newest message
	ActiveUntil int64  // likewise; 0 for no bound
	Prefix      string // of the name, whatever the case of its ASCII letters
	Participant string // an xcUserID of who is in it, by name or by role
	Deleted     bool   // deleted ones, too
}

// Admits reports whether a room, with its newest message at a time, passes all of the filter but
// for its participant.
func (f *RoomFilter) Admits(r *Room, lastMessageAt int64) bool {
	switch {
	case r.Deleted() && !f.Deleted,
		f.Type != 0 && r.Type != f.Type,
		lastMessageAt < f.ActiveSince,
		f.ActiveUntil > 0 && lastMessageAt > f.ActiveUntil,
		!strings.HasPrefix(LowerASCII(r.Name), LowerASCII(f.Prefix)):
		return false
	}
	if f.Tag == "" {
		return true
	}
	for _, tag := range r.Tags {
		if tag == f.Tag {
			return true
		}
	}
	return false
}

// LowerASCII is s with its ASCII letters in lower case and nothing else changed, as both engines
// index names.
func LowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// RoomCursor is the place in a list of rooms behind which the next page begins: the last room that
// was looked at, with what that list is sorted by. The zero value is the beginning.
type RoomCursor struct {
	Filter uint64 `json:"f,omitempty"` // that the list has, as a hash
	Hour   int64  `json:"h,omitempty"`
	Name   string `json:"n,omitempty"`
	Room   RoomID `json:"r,omitempty"`
}

// Hash tells filters from each other.
func (f *RoomFilter) Hash() uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%q %d %d %d %q %q %t", // a hash's Write never fails
		f.Tag, f.Type, f.ActiveSince, f.ActiveUntil, f.Prefix, f.Participant, f.Deleted)
	return cmp.Or(h.Sum64(), 1)
}

// ListedRoom is a room in an App's list.
type ListedRoom struct {
	Room
	LastMessageAt int64
	Data          OwnData
	Behind        RoomCursor // from which the list goes on behind it
}

// Size is about what it takes on the wire, in bytes.
func (r *ListedRoom) Size() int {
	n := 400 + len(r.Name) + len(r.Photo.Thumbnail) + len(r.Photo.Fullsize) + len(r.XCID) + len(r.Data)
	for _, tag := range r.Tags {
		n += len(tag) + 3
	}
	return n
}

// OwnData is what a backend keeps with a room or a participant: the JSON text of an object, "" for
// none.
type OwnData string

// String is the JSON text.
func (d OwnData) String() string { return cmp.Or(string(d), "{}") }

// EncodeCursor makes an opaque text of a cursor.
func EncodeCursor(cursor any) string {
	b, err := json.Marshal(cursor)
	if err != nil {
		panic(err) // numbers and texts always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// DecodeCursor reads what EncodeCursor has made, "" as the zero value, and reports whether it is that.
func DecodeCursor(text string, cursor any) bool {
	if text == "" {
		return true
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !utf8.Valid(b) {
		return false
	}
	// No text has a NUL, which PostgreSQL does not take; a backslash, which is two here, may stand before such letters.
	if bytes.Contains(bytes.ReplaceAll(b, []byte(`\\`), nil), []byte(`\u0000`)) {
		return false
	}
	return json.Unmarshal(b, cursor) == nil
}

// RoomUnread is how much a user has not read in a room.
type RoomUnread struct {
	Room
	Unread int64
}

// UserUnread is how much a user has not read in one room.
type UserUnread struct {
	*User
	Unread int64
}

package chat

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// JobErase is the kind of the jobs that erase users. Their payload is an ErasureID.
const JobErase JobKind = "erase-user"

// ErasedName is what devices show in place of the name of a user who was erased.
const ErasedName = "Deleted user"

// ErasureID names an Erasure: 32 hexadecimal digits that nobody guesses.
type ErasureID string

// NewErasureID returns a random ErasureID.
func NewErasureID() ErasureID {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return ErasureID(hex.EncodeToString(b[:]))
}

// ParseErasureID reads an ErasureID in the only form in which NewErasureID makes it.
func ParseErasureID(s string) (ErasureID, bool) {
	b, err := hex.DecodeString(s)
	return ErasureID(s), err == nil && len(b) == 16 && hex.EncodeToString(b) == s
}

// Subject stands for the customer's id of the erased user in a receipt: whoever knows the id can tell
// that it is meant, and nobody can read it.
func (id ErasureID) Subject(xc string) string {
	sum := sha256.Sum256([]byte(string(id) + ":" + xc))
	return hex.EncodeToString(sum[:])
}

// ErasedXCID is the customer's id of the user from then on. Nobody else has it.
func (id ErasureID) ErasedXCID() string { return erasedPrefix + string(id) }

const erasedPrefix = "erased-"

// Erased reports whether the user was, or is being, erased.
func (u *User) Erased() bool { return u.DeletedAt > 0 && isErasedXCID(u.XCID) }

func isErasedXCID(xc string) bool {
	id, ours := strings.CutPrefix(xc, erasedPrefix)
	_, ok := ParseErasureID(id)
	return ours && ok
}

// ValidateXCUser refuses, as a parameter, a customer's id that an erased user may have: under it nobody comes back,
// and nobody new comes to be.
func ValidateXCUser(xc string) error {
	if isErasedXCID(xc) {
		return Invalid("xcUserID", "is one of those that users have who were erased")
	}
	return nil
}

// Erasure is how a user is taken out of the store: by a job, for good.
type Erasure struct {
	ID         ErasureID
	App        AppID
	User       UserID
	Subject    string
	CreatedAt  int64     // Unix ms
	Position   MessageID // messages up to this one are done
	Erased     Erased
	FinishedAt int64  // Unix ms, 0 while it is under way
	Receipt    string // a JWS of what is gone and what is kept, "" while it is under way

	// Last is the newest message of all, so that one can see how far it is. It is read, not stored.
	Last MessageID
}

// Named reports whether a reference, of a message of a time (Unix ms), names the user of the erasure. The
// customer's id does only in what is older: later it can be somebody else's.
func (e *Erasure) Named(r Reference, at int64) bool {
	if r.User != "" {
		return r.User == e.User.String()
	}
	return r.XCUser != "" && at < e.CreatedAt && e.ID.Subject(r.XCUser) == e.Subject
}

// Finished reports whether all is gone.
func (e *Erasure) Finished() bool { return e.FinishedAt > 0 }

// Erased counts what an erasure has taken away, and what of it stays.
type Erased struct {
	Messages        int64 `json:"messages"`          // of the user, their texts, data, quotes and references
	References      int64 `json:"references"`        // other people's messages, also scheduled ones, that named or quoted the user
	Scheduled       int64 `json:"scheduledMessages"` // of the user, that were still to be sent
	Broadcasts      int64 `json:"broadcasts"`        // messages to many rooms in the user's name
	Files           int64 `json:"files"`             // that the user had uploaded, with their contents
	FileBytes       int64 `json:"fileBytes"`         // thumbnails included
	Archives        int64 `json:"archives"`          // that exports had made of the user
	Photos          int64 `json:"photos"`            // of the profile
	Contacts        int64 `json:"contacts"`          // in both directions
	Blocks          int64 `json:"blocks"`            // likewise
	Reports         int64 `json:"reports"`           // by the user, and about the user
	Stars           int64 `json:"stars"`             // on messages
	Hidden          int64 `json:"hiddenMessages"`    // that the user had deleted for themselves
	Logins          int64 `json:"logins"`            // with their tokens
	Tickets         int64 `json:"tickets"`           // that nobody had signed in with yet
	PushTokens      int64 `json:"pushTokens"`        // by which vendors of push notifications knew devices
	Devices         int64 `json:"devices"`           // how far each of them had come
	UserData        int64 `json:"userData"`          // of the backend, about the user
	ParticipantData int64 `json:"participantData"`   // of the backend, about the user in rooms
	Preferences     int64 `json:"preferences"`       // of rooms: pinned, muted, marked as unread
	KeptFiles       int64 `json:"keptFiles"`         // of the user that other people's messages, or rooms, still show
}

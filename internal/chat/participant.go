package chat

// Only says which participants of a room are listed.
type Only string

// Lists of participants. The empty one is of all who are in the room.
const (
	OnlyAll      Only = ""
	OnlyByName   Only = "byName"
	OnlyByRole   Only = "byRole"
	OnlyAdmins   Only = "admins"
	OnlySilenced Only = "muted"
	OnlyBanned   Only = "banned" // who are not in the room
)

// Participant is one user in a room, as backends see it.
type Participant struct {
	ID            UserID
	User          *User  // shared, so not to be changed
	ByName        bool   // was put into the room by name
	Role          string // that holds the user in the room, where they were met by it
	Admin         bool
	SilencedUntil int64 // Unix ms, 0 for not at all, Forever for no end
	BannedUntil   int64 // likewise
	Joined        int64 // the order of joining within the room, of who was put in by name
	Data          OwnData
}

// Size is about what it takes on the wire, in bytes.
func (p *Participant) Size() int {
	n := 800 + len(p.Data)
	if u := p.User; u != nil {
		n += len(u.Fullname) + len(u.Email) + len(u.Bio) + len(u.Photo.Thumbnail) + len(u.Photo.Fullsize)
	}
	return n
}

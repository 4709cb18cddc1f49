package chat

// JobExport is the kind of the jobs that make archives of users. Their payload is an ExportID.
const JobExport JobKind = "export-user"

// ExportID names an Export: 32 hexadecimal digits that nobody guesses.
type ExportID string

// NewExportID returns a random ExportID.
func NewExportID() ExportID { return ExportID(NewFileID()) }

// ParseExportID reads an ExportID in the only form in which NewExportID makes it.
func ParseExportID(s string) (ExportID, bool) {
	id, ok := ParseFileID(s)
	return ExportID(id), ok
}

// Export is an archive of everything that belongs to a user, made by a job.
type Export struct {
	ID         ExportID
	App        AppID
	User       UserID
	CreatedAt  int64  // Unix ms
	FinishedAt int64  // Unix ms, 0 while it is being made
	File       FileID // the archive, "" while it is being made
	Messages   int64  // in the archive
	Files      int64  // likewise
}

// Finished reports whether the archive was made, or is not going to be.
func (e *Export) Finished() bool { return e.FinishedAt > 0 }

// Stopped reports whether the archive is not going to be made: an operator has had it so, or the user was erased.
func (e *Export) Stopped() bool { return e.Finished() && e.File == "" }

// ExportedRoom is a room that a user is or was in, or in which something is kept about the user.
type ExportedRoom struct {
	RoomID       string `json:"roomID"`
	XCRoomID     string `json:"xcRoomID"`
	Name         string `json:"name"`
	Explicit     bool   `json:"isParticipant"` // by name; or else by role, or no longer
	Admin        bool   `json:"isAdmin"`
	Sent         int64  `json:"sent"`       // messages of the user that are not hidden
	ReadUpTo     int64  `json:"readUpTo"`   // all messages up to this time are read
	LastMarked   int64  `json:"lastMarked"` // when the user has last marked messages as read
	LeftAt       int64  `json:"left"`
	MutedUntil   int64  `json:"mutedUntil"` // for the user, by the user
	PinnedAt     int64  `json:"pinned"`
	MarkedUnread bool   `json:"isMarkedUnread"`
	ClearedAt    int64  `json:"cleared"`
	Silenced     int64  `json:"silencedUntil"` // the user may not write there
	Banned       int64  `json:"bannedUntil"`
	Data         string `json:"data"` // that the backend keeps about the user there
	ID           RoomID `json:"-"`
}

// ExportedPerson is somebody to whom a user stands in a relation.
type ExportedPerson struct {
	User     UserID `json:"-"`
	UserID   string `json:"userID"`
	XCUserID string `json:"xcUserID"`
	Fullname string `json:"fullname"`
	Since    int64  `json:"since"`
}

// ExportedLogin is a device that is signed in.
type ExportedLogin struct {
	Device   string `json:"deviceID"`
	Platform string `json:"platform"`
	Since    int64  `json:"since"`
	Expires  int64  `json:"expires"`
	// Push says by which vendor the device is notified, "" for none, and since when: the token itself is a
	// secret of the device.
	Push        string `json:"push"`
	PushUpdated int64  `json:"pushUpdated"`
	Synced      int64  `json:"synced"` // when it has last asked for what is new, 0 for not yet
}

// ExportedReport is what a user has reported.
type ExportedReport struct {
	UserID    string `json:"userID"` // who is reported
	MessageID string `json:"messageID"`
	Category  string `json:"category"`
	Other     bool   `json:"isOtherCategory"` // the category is in the user's own words
	Reason    string `json:"reason"`
	At        int64  `json:"created"`
	Resolved  int64  `json:"resolved"`
}

// ExportedStar is a message that a user has starred.
type ExportedStar struct {
	MessageID string    `json:"messageID"`
	At        int64     `json:"starred"`
	Message   MessageID `json:"-"`
	Room      RoomID    `json:"-"`
}

// ExportedHidden is a message that a user has deleted for themselves.
type ExportedHidden struct {
	MessageID string `json:"messageID"` // "0" where the message is no more
	At        int64  `json:"hidden"`
	Room      RoomID `json:"-"`
	Time      int64  `json:"-"` // when the message was created
}

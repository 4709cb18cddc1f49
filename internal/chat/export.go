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

// ExportedRoom is a room that a user is, or was, in.
type ExportedRoom struct {
	RoomID       string `json:"roomID"`
	XCRoomID     string `json:"xcRoomID,omitempty"`
	Name         string `json:"name,omitempty"`
	Explicit     bool   `json:"isParticipant"` // by name; or else by role, or no longer
	Admin        bool   `json:"isAdmin,omitempty"`
	LeftAt       int64  `json:"left,omitempty"`
	MutedUntil   int64  `json:"mutedUntil,omitempty"`
	PinnedAt     int64  `json:"pinned,omitempty"`
	MarkedUnread bool   `json:"isMarkedUnread,omitempty"`
	ClearedAt    int64  `json:"cleared,omitempty"`
	Data         string `json:"data,omitempty"` // that the backend keeps about the user there
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
}

// ExportedReport is what a user has reported.
type ExportedReport struct {
	UserID    string `json:"userID"` // who is reported
	MessageID string `json:"messageID"`
	Category  string `json:"category"`
	Reason    string `json:"reason"`
	At        int64  `json:"created"`
}

// ExportedStar is a message that a user has starred.
type ExportedStar struct {
	MessageID string    `json:"messageID"`
	At        int64     `json:"starred"`
	Message   MessageID `json:"-"`
	Room      RoomID    `json:"-"`
}

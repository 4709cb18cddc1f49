package chat

// ReportID is the number of a report.
type ReportID int64

// Report is what a user tells whoever runs the App of another user or of a message. Its words are
// the reporter's.
type Report struct {
	ID       ReportID
	App      AppID
	Reporter UserID
	User     UserID    // whom it is about; of a message its sender
	Room     RoomID    // of the message, 0 where it is about a user
	Message  MessageID // likewise
	Category string    // an option of the app's list or, if Other, the reporter's own words
	Other    bool
	Reason   string
	At       int64 // Unix ms

	ResolvedAt int64  // Unix ms, 0 while it is open
	ResolvedBy string // in the backend's words, like Note
	Note       string
}

// ReportState is whether something has been made of a report.
type ReportState string

// The states of reports.
const (
	ReportOpen     ReportState = "open"
	ReportResolved ReportState = "resolved"
)

// State is what the report is now.
func (r *Report) State() ReportState {
	if r.ResolvedAt > 0 {
		return ReportResolved
	}
	return ReportOpen
}

// ReportNotFound is the answer for a report that does not exist in the caller's App.
func ReportNotFound() error { return Errorf(CodeNotFound, "Report is not found") }

// ReportView is a report with what it is about, as that is now.
type ReportView struct {
	Report
	By, About *User
	Of        *MessageView // nil where it is about a user
}

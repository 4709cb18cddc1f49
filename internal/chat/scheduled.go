package chat

// ScheduledID tells a scheduled message from all others. SDKs read 32 bits.
type ScheduledID int64

// JobScheduled is the kind of the jobs that send scheduled messages. Their subject is a ScheduledID.
const JobScheduled JobKind = "scheduled-message"

// Scheduled is a message that its sender has written to be sent later.
type Scheduled struct {
	ID  ScheduledID
	App AppID
	// Room is the public id of where it goes. A personal room may not be there yet.
	Room string
	// Message is what is to be sent: the sender, the localID and what the sender's device gave. The
	// rest it gets when it is sent.
	Message Message

	At        int64  // Unix ms: when it is due
	CreatedAt int64  // Unix ms
	UpdatedAt int64  // Unix ms
	Job       JobID  // that sends it
	Failure   string // why it was not sent when it was due, in words for its sender; "" for one that waits
}

// Failed reports whether the message was refused when it was due. It is kept for its sender to see.
func (s *Scheduled) Failed() bool { return s.Failure != "" }

// ScheduledView is a scheduled message as its sender sees it.
type ScheduledView struct {
	Scheduled
	View MessageView
}

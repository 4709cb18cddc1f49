package chat

// FeedView is an event with what it is about, as that is now. What is gone is nil.
type FeedView struct {
	FeedEvent
	Room     *Room
	By       *User        // who did it, or whom it is about; nil for the App
	Message  *MessageView // as the App sees it
	Receipts []MessageRef // the messages that were read or delivered
	Users    []*User
	Report   *ReportView
	File     *File
}

// MessageRef names a message.
type MessageRef struct {
	ID        MessageID
	LocalID   string
	CreatedAt int64 // Unix ms
}

package client

// FeedType says what a feed's event tells of. New ones may come with a new server.
type FeedType string

// The types of events of the feed (docs/protocol/events.md, "Types of events").
const (
	FeedMessageCreated      FeedType = "message.created"
	FeedMessageUpdated      FeedType = "message.updated"
	FeedMessageDeleted      FeedType = "message.deleted"
	FeedMessageDelivered    FeedType = "message.delivered"
	FeedMessageRead         FeedType = "message.read"
	FeedMessageExpired      FeedType = "message.expired"
	FeedRoomCreated         FeedType = "room.created"
	FeedRoomUpdated         FeedType = "room.updated"
	FeedRoomDeleted         FeedType = "room.deleted"
	FeedRoomLocked          FeedType = "room.locked"
	FeedRoomUnlocked        FeedType = "room.unlocked"
	FeedRoomRestored        FeedType = "room.restored"
	FeedRoomFrozen          FeedType = "room.frozen"
	FeedRoomUnfrozen        FeedType = "room.unfrozen"
	FeedParticipantAdded    FeedType = "participant.added"
	FeedParticipantRemoved  FeedType = "participant.removed"
	FeedParticipantUpdated  FeedType = "participant.updated"
	FeedParticipantMuted    FeedType = "participant.muted"
	FeedParticipantUnmuted  FeedType = "participant.unmuted"
	FeedParticipantBanned   FeedType = "participant.banned"
	FeedParticipantUnbanned FeedType = "participant.unbanned"
	FeedUserCreated         FeedType = "user.created"
	FeedUserUpdated         FeedType = "user.updated"
	FeedUserDeleted         FeedType = "user.deleted"
	FeedUserErased          FeedType = "user.erased"
	FeedUserDeactivated     FeedType = "user.deactivated"
	FeedUserReactivated     FeedType = "user.reactivated"
	FeedUserOnline          FeedType = "user.online"
	FeedUserOffline         FeedType = "user.offline"
	FeedUserReported        FeedType = "user.reported"
	FeedUserBlocked         FeedType = "user.blocked"
	FeedUserUnblocked       FeedType = "user.unblocked"
	FeedFileUploaded        FeedType = "file.uploaded"
)

// FeedEvent is something that has happened in the app, as [Backend.Events] and webhooks tell of it. What
// it is about is shown as it is when the event is read.
type FeedEvent struct {
	ID      string   `json:"id"` // the same each time the event is told
	Type    FeedType `json:"type"`
	Created Time     `json:"created"`
	Data    FeedData `json:"data"`
}

// FeedData is what an event is about. Which fields are set depends on its type; of those, what is gone by
// now is nil.
type FeedData struct {
	Room     *Room         `json:"room"`
	By       *UserRef      `json:"by"`        // who did it, nil for the app
	User     *User         `json:"user"`      // of events about a user
	Users    []UserRef     `json:"users"`     // of participants and blocks
	IsAdmin  bool          `json:"isAdmin"`   // of participant.updated
	Until    Time          `json:"until"`     // of participant.muted and banned, 0 for no end; of message.expired
	Message  *FeedMessage  `json:"message"`   // of what was sent, edited or deleted
	Messages []FeedReceipt `json:"messages"`  // of what was delivered or read
	Erasure  string        `json:"erasureID"` // of user.erased
	Report   *FeedReport   `json:"report"`    // of user.reported
	File     *FeedFile     `json:"file"`      // of file.uploaded
}

// UserRef names a user.
type UserRef struct {
	ID       UserID `json:"userID"`
	XCID     string `json:"xcUserID"`
	Fullname string `json:"fullname"`
}

// FeedMessage is a message of the feed. Its Body, Data and Quote.Content are plain; where they were asked for
// sealed, Text and the like open them.
type FeedMessage struct {
	Message
	TypeName string `json:"typeName"` // such as "text"
}

// FeedReceipt names a message that was delivered or read.
type FeedReceipt struct {
	MessageID MessageID `json:"messageID"`
	LocalID   string    `json:"localID"`
	Created   Time      `json:"created"` // of the message
}

// FeedReport is what somebody has reported.
type FeedReport struct {
	ID            string    `json:"reportID"`
	Category      string    `json:"category"`
	OtherCategory bool      `json:"isOtherCategory"` // it is none of the app's options
	Reason        string    `json:"reason"`
	Reporter      *UserRef  `json:"reporter"`
	MessageID     MessageID `json:"messageID"` // "0" for none
}

// FeedFile is a file that was uploaded.
type FeedFile struct {
	ID        FileID `json:"fileID"`
	Name      string `json:"fileName"`
	MediaType string `json:"mediaType"`
	Size      int64  `json:"size"` // bytes
	URL       string `json:"url"`
}

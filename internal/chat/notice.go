package chat

// NoticeKind says what a Notice tells of.
type NoticeKind int

// What Parlor tells a room of.
const (
	NoticeRoomCreated NoticeKind = iota + 1
	NoticeRoomUpdated
	NoticeRoomDeleted
	NoticeRoomLocked
	NoticeRoomUnlocked
	NoticeParticipantAdded
	NoticeParticipantRemoved
	NoticeParticipantsAdded // so many that they are counted, not named
	NoticeParticipantsRemoved
	NoticeParticipantLeft
	NoticeAdminPromoted
	NoticeAdminDemoted
	NoticeMessagePinned
	NoticeMessageUnpinned
	NoticeUserUpdated
	NoticeUserDeleted
	NoticeRoomRestored
	NoticeRoomFrozen
	NoticeRoomUnfrozen
	NoticeText // in the App's own words
)

// Notice is what Parlor itself writes into a room, in the name of who did it: it becomes a
// system message.
type Notice struct {
	Kind    NoticeKind
	Name    string   // of a room that was created
	Text    string   // of a NoticeText
	Target  Target   // whom it was done to: the participant, the admin
	Count   int      // of participants that are not named
	Message *Message // that was pinned or unpinned
	Hidden  bool     // devices act on it and show nothing
}

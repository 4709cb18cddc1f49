package chat

// PreferenceKind is something that a user sets for a room, for himself alone.
type PreferenceKind int

// What can be set.
const (
	PreferUnread  PreferenceKind = iota // 1 marks the room as unread
	PreferMuted                         // until when, in Unix ms: 0 for ever, -1 not at all
	PreferPinned                        // since when, 0 not at all
	PreferCleared                       // up to which message, by its time
)

// Preferences is what a user has set for one room.
type Preferences struct {
	Room         *Room
	MarkedUnread bool
	Muted        bool
	MutedUntil   int64 // Unix ms, 0 for ever
	PinnedAt     int64
	ClearedAt    int64
}

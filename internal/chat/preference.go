package chat

// PreferenceKind is something that a user sets for a room, for themselves alone. Events
// carry its name between nodes.
type PreferenceKind string

// What can be set, and the value that the store keeps of it.
const (
	PreferUnread  PreferenceKind = "unread"  // 1 sets the unread flag
	PreferMuted   PreferenceKind = "muted"   // until when, in Unix ms: 0 for good, -1 not at all
	PreferPinned  PreferenceKind = "pinned"  // since when, 0 not at all
	PreferCleared PreferenceKind = "cleared" // up to which message, by its time
)

// Preference is one thing that a user sets for a room, or takes back.
type Preference struct {
	Kind  PreferenceKind `json:"kind"`
	On    bool           `json:"on"`              // always, for PreferCleared: nothing brings back what was cleared
	Until int64          `json:"until,omitempty"` // when a mute ends (Unix ms, 0 for never); 0 for all else
}

// Preferences is what a user has set for one room.
type Preferences struct {
	Room       *Room
	UnreadFlag bool
	Muted      bool
	MutedUntil int64 // Unix ms, 0 for ever
	PinnedAt   int64
	ClearedAt  int64
}

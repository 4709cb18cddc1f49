package chat

// Audience is who is in a room, by name or by role, as far as one query tells.
type Audience struct {
	Users   []UserID
	Whole   bool  // Users are all of them; else the room is too large to name all
	Version int64 // of the room's people when it was read, or an earlier one
	ByRole  bool  // roles belong to the room
}

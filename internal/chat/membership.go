package chat

// Membership is what one user is in one room. The zero value is a stranger's.
type Membership struct {
	In        bool // by name or by role
	Admin     bool
	ReadUpTo  int64 // created_at of messages; see Spans
	HasHoles  bool
	ClearedAt int64
	LeftAt    int64 // the newest message that one who left may still see

	SilencedUntil int64 // Unix ms, 0 for not at all, Forever for no end: may not write
	Banned        bool  // cannot be in the room
}

// Forever is a time that never comes, for what has no end.
const Forever = 1 << 53

// MayRead reports whether the user may see the room's past.
func (m Membership) MayRead() bool { return m.In || m.LeftAt > 0 }

// Last is the time of the newest message that the user may see, or 0 for no limit.
func (m Membership) Last() int64 {
	if m.In {
		return 0
	}
	return m.LeftAt
}

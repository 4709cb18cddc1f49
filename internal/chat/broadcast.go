package chat

// JobBroadcast is the kind of the jobs that send one message to many rooms. Their payload is the id of a
// Broadcast.
const JobBroadcast JobKind = "broadcast"

// Bounds of broadcasts.
const (
	MaxBroadcastRooms = 1000 // of one
	MaxBroadcasts     = 100  // of an App that are under way at a time
)

// Broadcast is a message that a backend sends to many rooms. ID is the localID under which its texts are
// sealed; those of the messages are made of it.
type Broadcast struct {
	App        AppID
	ID         string
	Message    Message // but for its room
	Rooms      int     // how many
	Sent       int     // to so many of them,
	Failed     int     // and never to these
	CreatedAt  int64   // Unix ms
	FinishedAt int64   // likewise, 0 while it is under way
	Stopped    bool    // an operator has had the rest not be done
}

// BroadcastState says what has become of a broadcast in one room.
type BroadcastState string

// The states of a broadcast in a room; BroadcastAny is none, for lists of all.
const (
	BroadcastAny     BroadcastState = ""
	BroadcastWaiting BroadcastState = "waiting"
	BroadcastSent    BroadcastState = "sent"
	BroadcastFailed  BroadcastState = "failed"
)

// BroadcastRoom is one room of a Broadcast.
type BroadcastRoom struct {
	Place   int    // 1, 2, 3 … in the order of the call
	Room    string // the id that was given,
	XC      bool   // which is the customer's
	SentAt  int64  // Unix ms, 0 where it is not sent
	Code    Code   // of a failure
	Failure string // why it was not sent; "" where it was, or still is to be
}

// State is what has become of it.
func (r *BroadcastRoom) State() BroadcastState {
	switch {
	case r.SentAt > 0:
		return BroadcastSent
	case r.Failure != "":
		return BroadcastFailed
	}
	return BroadcastWaiting
}

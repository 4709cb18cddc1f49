package wire

// RoomState is what a user has set for one room.
type RoomState struct {
	RoomID string
	Time   int64
}

// RoomStates is the answer of the calls that list what a user has set for rooms. Empty
// names are left out.
type RoomStates struct {
	Unread, Pinned []string
	Muted, Cleared []RoomState
	Only           string // the one list to show, "" for all
}

// AppendJSON appends the answer's data object.
func (a RoomStates) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	if a.Only == "" || a.Only == "unreadRoomIDs" {
		w.strs("unreadRoomIDs", a.Unread)
	}
	if a.Only == "" || a.Only == "pinnedRoomIDs" {
		w.strs("pinnedRoomIDs", a.Pinned)
	}
	if a.Only == "" || a.Only == "mutedRooms" {
		w.states("mutedRooms", "expiredAt", a.Muted)
	}
	if a.Only == "" {
		w.states("clearedRooms", "clearTime", a.Cleared)
	}
	w.end()
	return w.b
}

func (w *writer) states(name, timeName string, list []RoomState) {
	w.list(name)
	for _, s := range list {
		w.item()
		w.str("roomID", s.RoomID)
		w.num(timeName, s.Time)
		w.end()
	}
	w.endList()
}

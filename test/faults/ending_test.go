package faults

// message is a message as one user is shown it. Its Body is plain.
type message struct {
	MessageID int64 `json:",string"`
	LocalID   string
	Type      int
	Body      string
	Room      struct{ RoomID string }
	User      struct{ UserID string }

	IsHidden, IsDeleted, IsRead, IsDelivered bool
	Created, Updated                         int64
}

const systemMessage = 9001

// roomView is a room as one user sees it.
type roomView struct{ user, room string }

// ending is what there is when a crowd has come to rest.
type ending struct {
	rooms   map[string][]string    // who is in which room
	lists   map[roomView][]message // the oldest first
	unread  map[string][]message   // by user: room_list_and_unread
	counts  map[roomView]int       // get_list_by_user
	devices []deviceEnd
}

// deviceEnd is what one device has got.
type deviceEnd struct {
	user, name string
	known      map[string]message // by localID, by whatever way they came
	fetched    map[string]bool    // those that came by calls
	sockets    []socketLog
}

// socketLog is what came over one socket of a device.
type socketLog struct {
	name   string
	opened int64               // when it was there
	closed bool                // before the end
	came   map[string][]string // by room: localIDs of new messages, in order
	again  map[string]bool     // those of them that a call had brought before
}

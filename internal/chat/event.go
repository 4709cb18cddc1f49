package chat

// Event is something that has happened, of which sessions are notified on every node. Each kind
// is a struct of its own, always handled by pointer. Two promises differ by kind, and the
// interfaces below say which hold:
//
//   - A [Recorded] event is written down in the transaction of its change. It is delivered after
//     the commit, and a node that did not hear of it reads it. All others are of the moment:
//     delivered once, to whoever is there, and forgotten.
//   - An event [InRoom] is delivered in its order among the others of its room. All others are
//     delivered as they come.
//
// How events look between nodes and in the database: [EncodeEvent].
type Event interface {
	// Kind is the event's name, such as "message.sent".
	Kind() string
}

// Recorded is an event that was written down with its change.
type Recorded interface {
	Event
	// OfChange is the change that the event tells of.
	OfChange() *Change
}

// InRoom is an event that is delivered in its room's order.
type InRoom interface {
	Event
	// Where is the room that it happened in.
	Where() Place
}

// Change says which change a [Recorded] event tells of.
type Change struct {
	// Number is that of the change: see store.Store.Horizon. The store gives it.
	Number int64 `json:"number,omitempty"`
	// Unsure says that nobody knows whether the change was committed: the event only says
	// what to read.
	Unsure bool `json:"unsure,omitempty"`
}

// OfChange is the change itself.
func (c *Change) OfChange() *Change { return c }

// Place is a room of an App.
type Place struct {
	App  AppID  `json:"app"`
	Room RoomID `json:"room"`
}

// Where is the place itself.
func (p Place) Where() Place { return p }

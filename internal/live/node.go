package live

import "parlor/internal/chat"

// What nodes say to each other about themselves. It travels like events, but nothing has
// happened in any room.

// nodeFrontier is a node's report that all its changes below Number are on the bus.
type nodeFrontier struct {
	Node   string `json:"node"`
	Number int64  `json:"number"`
}

// Kind is "node.told", which nodes of earlier versions know it by.
func (*nodeFrontier) Kind() string { return "node.told" }

// nodeAlive is a node's sign of life, and a part of the list of users that are connected
// to it.
type nodeAlive struct {
	Node  string        `json:"node"`
	First bool          `json:"first,omitempty"` // a new list begins and replaces the one before
	Ask   bool          `json:"ask,omitempty"`   // the others are to send their lists
	App   chat.AppID    `json:"app,omitempty"`   // of Users
	Users []chat.UserID `json:"users,omitempty"`
}

// Kind is "node.alive".
func (*nodeAlive) Kind() string { return "node.alive" }

// betweenNodes makes an empty one of each, for decoding.
var betweenNodes = []func() chat.Event{
	func() chat.Event { return &nodeFrontier{} },
	func() chat.Event { return &nodeAlive{} },
	func() chat.Event { return &deviceAsked{} },
	func() chat.Event { return &deviceHas{} },
	func() chat.Event { return &deviceReceived{} },
}

package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/device"
)

// Live is the connected devices. What is committed reaches it from the store; the service
// tells it what is of the moment.
type Live interface {
	// Publish tells sessions, on all nodes, of an event. It does not block.
	Publish(e chat.Event)
	// Online reports whether a user has a session on any node.
	Online(id chat.UserID) bool
	// Received says that a device has acted on messages: they have arrived. settled waits, for a
	// moment, until that is known on the node that the device is connected to. It must be called.
	Received(app chat.AppID, user chat.UserID, device string, ids []int64) (settled func(context.Context))
	device.Sessions
}

// nobody is a Live without sessions.
type nobody struct{}

// Publish does nothing.
func (nobody) Publish(chat.Event) {}

// Online is false.
func (nobody) Online(chat.UserID) bool { return false }

// Received does nothing.
func (nobody) Received(chat.AppID, chat.UserID, string, []int64) func(context.Context) {
	return func(context.Context) {}
}

// Arrived is nothing.
func (nobody) Arrived(context.Context, chat.AppID, chat.UserID, string) device.Known { return nil }

// Behind does nothing.
func (nobody) Behind(chat.AppID, chat.UserID, string) {}

// Hold does nothing.
func (nobody) Hold(chat.AppID, chat.UserID, string) func(device.Known, int64, bool) {
	return func(device.Known, int64, bool) {}
}

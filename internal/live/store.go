package live

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/store"
	"parlor/internal/view"
)

// Store is what a Live reads from the database, which store.Store is.
type Store interface {
	hub.Directory
	view.Source

	// Acquainted returns those who are notified whether a user is online.
	Acquainted(ctx context.Context, user chat.UserID) ([]chat.UserID, error)
	// Preference returns what a user has set for a room.
	Preference(ctx context.Context, room chat.RoomID, user chat.UserID) (store.Setting, error)

	// HasBlocked reports whether there is a block.
	HasBlocked(ctx context.Context, b store.Block) (bool, error)

	// MessagesAfter returns a room's messages between two times, low excluded, the oldest first.
	MessagesAfter(ctx context.Context, room chat.RoomID, low, high int64, limit int) ([]chat.Message, error)
	// SendersAt returns who sent a room's messages of some times.
	SendersAt(ctx context.Context, room chat.RoomID, times []int64) (map[int64]chat.UserID, error)
	// MessagesAddedSince returns the messages of changes from a number on; complete is false
	// where there are more than limit.
	MessagesAddedSince(ctx context.Context, from int64, limit int) (list []chat.Message, complete bool, err error)

	// Horizon is a change number below which everything is committed.
	Horizon(ctx context.Context) (int64, error)
	// Reach returns the horizon and a number above those of all that is committed.
	Reach(ctx context.Context) (horizon, next int64, err error)
	// Announced is a number below which every change has been passed to Committed.
	Announced(ctx context.Context) (int64, error)
	// Beat records that a node is alive, and Nodes returns how often each has done so.
	Beat(ctx context.Context, node string) error
	Nodes(ctx context.Context) (map[string]int64, error)
	// ForgetNode deletes the record of a node, PruneNodes that of all which are silent since a time.
	ForgetNode(ctx context.Context, node string) error
	PruneNodes(ctx context.Context, before time.Time) error

	// SetPresence stores that a user is connected to a node, or no longer is, and PresenceBeat that the
	// node is alive. StalePresence lists some of those who were on a node that is not since a time.
	SetPresence(ctx context.Context, node string, p store.Presence) error
	EndPresence(ctx context.Context, node string, p store.Presence) error
	PresenceBeat(ctx context.Context, node string) (known bool, err error)
	StalePresence(ctx context.Context, before time.Time) (node string, list []store.Presence, ok bool, err error)

	// Announcements returns recorded events after a place.
	Announcements(ctx context.Context, after store.Announced, limit int) (
		list []store.Announcement, last store.Announced, more bool, err error)
	// PruneAnnouncements deletes some that were recorded before a time; more says that others
	// are left.
	PruneAnnouncements(ctx context.Context, before time.Time) (more bool, err error)
}

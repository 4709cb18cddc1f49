package chat

import (
	"slices"
	"strconv"
	"strings"
)

// FeedKind is what an event of the feed tells of, such as "message.created".
type FeedKind string

// The kinds of events, as backends subscribe to them (docs/protocol.md, "Types of events").
const (
	FeedMessageCreated      FeedKind = "message.created"
	FeedMessageUpdated      FeedKind = "message.updated"
	FeedMessageDeleted      FeedKind = "message.deleted"
	FeedMessageDelivered    FeedKind = "message.delivered"
	FeedMessageRead         FeedKind = "message.read"
	FeedMessageExpired      FeedKind = "message.expired" // those of a room up to a time
	FeedRoomCreated         FeedKind = "room.created"
	FeedRoomUpdated         FeedKind = "room.updated"
	FeedRoomDeleted         FeedKind = "room.deleted"
	FeedRoomLocked          FeedKind = "room.locked"
	FeedRoomUnlocked        FeedKind = "room.unlocked"
	FeedRoomRestored        FeedKind = "room.restored"
	FeedRoomFrozen          FeedKind = "room.frozen"
	FeedRoomUnfrozen        FeedKind = "room.unfrozen"
	FeedParticipantAdded    FeedKind = "participant.added"
	FeedParticipantRemoved  FeedKind = "participant.removed"
	FeedParticipantUpdated  FeedKind = "participant.updated" // is an admin now, or no longer
	FeedParticipantMuted    FeedKind = "participant.muted"
	FeedParticipantUnmuted  FeedKind = "participant.unmuted"
	FeedParticipantBanned   FeedKind = "participant.banned" // and removed, where they were in it
	FeedParticipantUnbanned FeedKind = "participant.unbanned"
	FeedUserCreated         FeedKind = "user.created"
	FeedUserUpdated         FeedKind = "user.updated"
	FeedUserDeleted         FeedKind = "user.deleted"
	FeedUserErased          FeedKind = "user.erased"
	FeedUserDeactivated     FeedKind = "user.deactivated"
	FeedUserReactivated     FeedKind = "user.reactivated"
	FeedUserOnline          FeedKind = "user.online"
	FeedUserOffline         FeedKind = "user.offline"
	FeedUserReported        FeedKind = "user.reported"
	FeedUserBlocked         FeedKind = "user.blocked"
	FeedUserUnblocked       FeedKind = "user.unblocked"
	FeedFileUploaded        FeedKind = "file.uploaded"
)

// FeedKinds are all kinds of events, in the order of the documents.
var FeedKinds = []FeedKind{
	FeedMessageCreated, FeedMessageUpdated, FeedMessageDeleted, FeedMessageDelivered, FeedMessageRead,
	FeedMessageExpired,
	FeedRoomCreated, FeedRoomUpdated, FeedRoomDeleted, FeedRoomLocked, FeedRoomUnlocked,
	FeedRoomRestored, FeedRoomFrozen, FeedRoomUnfrozen,
	FeedParticipantAdded, FeedParticipantRemoved, FeedParticipantUpdated,
	FeedParticipantMuted, FeedParticipantUnmuted, FeedParticipantBanned, FeedParticipantUnbanned,
	FeedUserCreated, FeedUserUpdated, FeedUserDeleted, FeedUserDeactivated, FeedUserReactivated, FeedUserErased,
	FeedUserOnline, FeedUserOffline,
	FeedUserReported, FeedUserBlocked, FeedUserUnblocked,
	FeedFileUploaded,
}

// ParseFeedKind finds a kind by its name.
func ParseFeedKind(name string) (FeedKind, bool) {
	k := FeedKind(name)
	return k, slices.Contains(FeedKinds, k)
}

// FeedPlace is where an event stands in the feed of its App. Events that are committed later stand
// behind it. The zero value is before the first.
type FeedPlace struct{ Number, ID int64 }

// Less reports whether p is before other.
func (p FeedPlace) Less(other FeedPlace) bool {
	return p.Number < other.Number || p.Number == other.Number && p.ID < other.ID
}

// String is the place as callers see it, in cursors: "" for the zero value.
func (p FeedPlace) String() string {
	if p == (FeedPlace{}) {
		return ""
	}
	return strconv.FormatInt(p.Number, 36) + "-" + strconv.FormatInt(p.ID, 36)
}

// ParseFeedPlace reads what String has written.
func ParseFeedPlace(text string) (p FeedPlace, ok bool) {
	if text == "" {
		return p, true
	}
	number, id, ok := strings.Cut(text, "-")
	if !ok || len(text) > 30 {
		return p, false
	}
	var err, err2 error
	p.Number, err = strconv.ParseInt(number, 36, 64)
	p.ID, err2 = strconv.ParseInt(id, 36, 64)
	return p, err == nil && err2 == nil && p.Number >= 0 && p.ID >= 0 && p.String() == text
}

// FeedEvent is one event of an App's feed: what has happened, and to what. It was written down by
// the transaction that it tells of. It names what it is about; how that looks is read when the
// event is shown.
type FeedEvent struct {
	FeedPlace
	App  AppID
	Kind FeedKind
	Room RoomID // 0 for none
	Time int64  // CreatedAt of the message, 0 for none
	User UserID // who did it, or whom it is about; 0 for the App
	At   int64  // Unix ms
	Data FeedData
}

// FeedData is what else an event tells of, as far as it cannot be read later.
type FeedData struct {
	Users  []UserID `json:"users,omitempty"`  // who was added, removed, blocked, or is an admin
	Times  []int64  `json:"times,omitempty"`  // CreatedAt of the messages that were read or delivered
	Admin  bool     `json:"admin,omitempty"`  // of participant.updated
	Until  int64    `json:"until,omitempty"`  // Unix ms, of participant.muted and banned, where Forever is no end, and of message.expired
	Report ReportID `json:"report,omitempty"` // of user.reported
	File   FileID   `json:"file,omitempty"`   // of file.uploaded

	Erasure ErasureID `json:"erasure,omitempty"` // of user.erased
}

// PublicID is the event's id, the same each time it is told.
func (e *FeedEvent) PublicID() string { return "evt_" + e.String() }

// Lane is what keeps events in order among each other: those of a room, and those of a user that
// belong to no room.
func (e *FeedEvent) Lane() int64 {
	if e.Room != 0 {
		return int64(e.Room)
	}
	return -int64(e.User)
}

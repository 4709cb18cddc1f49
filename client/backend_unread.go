package client

import (
	"context"
	"iter"
)

// UserPresence is whether a user is online, and when they were last active.
type UserPresence struct {
	UserID       UserID `json:"userID"`
	XCID         string `json:"xcUserID"`
	Online       bool   `json:"isOnline"`
	LastActivity Time   `json:"lastActivity"` // the last sign-in or end of a socket
}

// Presences says who of up to 100 users is online, in the order of the ids. Ids that nobody has are passed over.
func (b *Backend) Presences(ctx context.Context, xcUserIDs ...string) ([]UserPresence, error) {
	var answer struct{ Users []UserPresence }
	err := b.do(ctx, "presence/get", map[string]any{"xcUserIDs": xcUserIDs}, &answer)
	return answer.Users, err
}

// RoomUnread is how much a user has not read in a room.
type RoomUnread struct {
	RoomID RoomID   `json:"roomID"`
	XCID   string   `json:"xcRoomID"` // your id; "" for one that a backend has not made
	Type   RoomType `json:"type"`
	Unread int      `json:"unreadCount"`
}

type unreadPage struct {
	UnreadCount int
	Rooms       []RoomUnread
	NextCursor  string
}

func (b *Backend) unread(ctx context.Context, xcUserID, cursor string, limit int) (p unreadPage, err error) {
	err = b.do(ctx, "unread/get", struct {
		XCID   string `json:"xcUserID"`
		Cursor string `json:"cursor"`
		Limit  int    `json:"limit,omitzero"`
	}{xcUserID, cursor, limit}, &p)
	return p, err
}

// UnreadTotal counts what a user has not read in all their rooms.
func (b *Backend) UnreadTotal(ctx context.Context, xcUserID string) (int, error) {
	p, err := b.unread(ctx, xcUserID, "", 1)
	return p.UnreadCount, err
}

// UnreadRooms lists the rooms in which a user has not read something, page by page while it is ranged over. It
// ends with the first error.
func (b *Backend) UnreadRooms(ctx context.Context, xcUserID string) iter.Seq2[RoomUnread, error] {
	return pages(func(cursor string) (list []RoomUnread, next string, err error) {
		p, err := b.unread(ctx, xcUserID, cursor, 0)
		return p.Rooms, p.NextCursor, err
	})
}

// ParticipantUnread is how much a participant has not read.
type ParticipantUnread struct {
	UserID UserID `json:"userID"`
	XCID   string `json:"xcUserID"`
	Unread int    `json:"unreadCount"`
}

// UnreadOfParticipants lists what each participant of a room has not read in it, page by page while it is ranged
// over. It ends with the first error.
func (b *Backend) UnreadOfParticipants(ctx context.Context, xcRoomID string) iter.Seq2[ParticipantUnread, error] {
	return pages(func(cursor string) (list []ParticipantUnread, next string, err error) {
		var page struct {
			Participants []ParticipantUnread
			NextCursor   string
		}
		err = b.do(ctx, "unread/participants", struct {
			roomName
			Cursor string `json:"cursor"`
		}{b.room(xcRoomID), cursor}, &page)
		return page.Participants, page.NextCursor, err
	})
}

package client

import (
	"context"
	"iter"
)

// Broadcast is how far a message to many rooms is.
type Broadcast struct {
	ID       string `json:"sendID"`
	Status   string `json:"status"` // running, done, or stopped by an operator
	Created  Time   `json:"created"`
	Finished Time   `json:"finished"` // zero while it is running
	Rooms    int    `json:"total"`
	Sent     int    `json:"sent"`   // to so many of them,
	Failed   int    `json:"failed"` // and never to these
}

// Done reports whether it goes to no more rooms, also because an operator has stopped it.
func (b *Broadcast) Done() bool { return isOver(b.Status) }

// isOver reports whether nothing follows of work with a status.
func isOver(status string) bool { return status == "done" || status == "stopped" }

// BroadcastRoom is what has become of a message in one of many rooms. Either XCRoomID or RoomID is set, as the
// room was named.
type BroadcastRoom struct {
	XCRoomID string `json:"xcRoomID"`
	RoomID   RoomID `json:"roomID"`
	Status   string `json:"status"` // waiting, sent or failed
	LocalID  string `json:"localID"`
	Sent     Time   `json:"sentTime"`
	Error    struct {
		Code    Code   `json:"code"`
		Message string `json:"message"`
	} `json:"error"` // of a failure
}

// SendToRooms sends a message into up to 1,000 rooms. When it returns without an error this is
// on the server's disk, and the rooms follow: BroadcastStatus tells how far it is. Of m it takes all but the
// target; its text has at most 4,000 UTF-16 units.
func (b *Backend) SendToRooms(ctx context.Context, m BackendMessage, xcRoomIDs ...string) (id string, err error) {
	if m.LocalID == "" && !hasKey(ctx) {
		m.LocalID = NewLocalID() // one for all attempts
	}
	if m.Type == 0 {
		m.Type = TextMessage
	}
	m.XCRoomID, m.RoomID, m.RecipientXCID, m.RecipientID = "", "", "", ""
	in := struct {
		BackendMessage
		XCRoomIDs []string `json:"xcRoomIDs,omitzero"`
		RoomIDs   []string `json:"roomIDs,omitzero"`
	}{BackendMessage: m, XCRoomIDs: xcRoomIDs}
	if b.byRoomID {
		in.XCRoomIDs, in.RoomIDs = nil, xcRoomIDs
	}
	var answer struct{ SendID string }
	err = b.do(ctx, "message/send_to_rooms", in, &answer)
	return answer.SendID, err
}

// BroadcastStatus tells how far a message to many rooms is.
func (b *Backend) BroadcastStatus(ctx context.Context, id string) (s Broadcast, err error) {
	return s, b.do(ctx, "message/send_to_rooms/get", map[string]any{"sendID": id, "limit": 1}, &s)
}

// BroadcastRooms lists what has become of a message in many rooms, in their order and page by page while it is
// ranged over: in all for "", or in those that are waiting, sent or failed. It ends with the first error.
func (b *Backend) BroadcastRooms(ctx context.Context, id, only string) iter.Seq2[BroadcastRoom, error] {
	return pages(func(cursor string) (list []BroadcastRoom, next string, err error) {
		var page struct {
			Rooms      []BroadcastRoom
			NextCursor string
		}
		err = b.do(ctx, "message/send_to_rooms/get", map[string]string{"sendID": id, "only": only, "cursor": cursor}, &page)
		return page.Rooms, page.NextCursor, err
	})
}

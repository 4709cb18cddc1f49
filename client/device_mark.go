package client

import "context"

type messages struct {
	RoomID     RoomID      `json:"roomID,omitzero"`
	MessageIDs []MessageID `json:"messageIDs"`
}

// mark makes a call about messages, and returns those that it concerned.
func (d *Device) mark(ctx context.Context, path string, in any) ([]MessageID, error) {
	var answer map[string][]MessageID // under a name of its own in each call
	err := d.do(ctx, "chat/message/"+path, in, &answer)
	for _, ids := range answer {
		return ids, err
	}
	return nil, err
}

// MarkDelivered tells that messages have reached the user, and returns those for which that is new.
func (d *Device) MarkDelivered(ctx context.Context, ids ...MessageID) ([]MessageID, error) {
	return d.mark(ctx, "feedback/delivered", messages{MessageIDs: ids})
}

// MarkRead tells that the user has read messages, on whichever device, and returns those for which that is new.
func (d *Device) MarkRead(ctx context.Context, ids ...MessageID) ([]MessageID, error) {
	return d.mark(ctx, "feedback/read", messages{MessageIDs: ids})
}

// DeleteMessages deletes messages of a room for everyone, and returns those that are deleted. A user deletes
// their own, an admin of a group all.
func (d *Device) DeleteMessages(ctx context.Context, room RoomID, ids ...MessageID) ([]MessageID, error) {
	return d.delete(ctx, room, ids, true)
}

// HideMessages deletes messages of a room for the user alone, and returns those that are hidden.
func (d *Device) HideMessages(ctx context.Context, room RoomID, ids ...MessageID) ([]MessageID, error) {
	return d.delete(ctx, room, ids, false)
}

func (d *Device) delete(ctx context.Context, room RoomID, ids []MessageID, forEveryone bool) ([]MessageID, error) {
	return d.mark(ctx, "delete", struct {
		messages
		ForEveryone bool `json:"forEveryone"`
	}{messages{room, ids}, forEveryone})
}

// Star keeps messages of a room in a list of the user's own.
func (d *Device) Star(ctx context.Context, room RoomID, ids ...MessageID) ([]MessageID, error) {
	return d.mark(ctx, "star", messages{room, ids})
}

// Unstar undoes Star.
func (d *Device) Unstar(ctx context.Context, room RoomID, ids ...MessageID) ([]MessageID, error) {
	return d.mark(ctx, "unstar", messages{room, ids})
}

// Pin keeps messages of a room in a list that everybody in it shares.
func (d *Device) Pin(ctx context.Context, room RoomID, ids ...MessageID) ([]MessageID, error) {
	return d.mark(ctx, "pin", messages{room, ids})
}

// Unpin undoes Pin.
func (d *Device) Unpin(ctx context.Context, room RoomID, ids ...MessageID) ([]MessageID, error) {
	return d.mark(ctx, "unpin", messages{room, ids})
}

// StarredIDs returns the ids of a room's starred messages, the newest star first.
func (d *Device) StarredIDs(ctx context.Context, room RoomID) ([]MessageID, error) {
	return d.mark(ctx, "get_starred_ids", oneRoom{room})
}

// PinnedIDs returns the ids of a room's pinned messages, the newest pin first.
func (d *Device) PinnedIDs(ctx context.Context, room RoomID) ([]MessageID, error) {
	return d.mark(ctx, "get_pinned_ids", oneRoom{room})
}

// MarkedPage is a page of starred or pinned messages.
type MarkedPage struct {
	Messages   []Message `json:"messages"`
	HasMore    bool      `json:"hasMore"`
	Page       int       `json:"pageNumber"` // from 1
	TotalItems int       `json:"totalItems"`
	TotalPages int       `json:"totalPages"`
}

// Starred returns a page of a room's starred messages. Pages count from 1; size 0 means 50.
func (d *Device) Starred(ctx context.Context, room RoomID, page, size int) (p MarkedPage, err error) {
	return p, d.do(ctx, "chat/message/get_starred_list", markedQuery{room, page, size}, &p)
}

// Pinned returns a page of a room's pinned messages. Pages count from 1; size 0 means 50.
func (d *Device) Pinned(ctx context.Context, room RoomID, page, size int) (p MarkedPage, err error) {
	return p, d.do(ctx, "chat/message/get_pinned_list", markedQuery{room, page, size}, &p)
}

type markedQuery struct {
	RoomID RoomID `json:"roomID"`
	Page   int    `json:"pageNumber,omitzero"`
	Size   int    `json:"pageSize,omitzero"`
}

// MessageDetails is a message and whom it has reached.
type MessageDetails struct {
	Message     Message   `json:"message"`
	DeliveredTo []Receipt `json:"deliveredTo"` // but not read by
	ReadBy      []Receipt `json:"readBy"`
}

// Receipt is a user whom a message has reached.
type Receipt struct {
	UserID    UserID `json:"userID"`
	XCUserID  string `json:"xcUserID"`
	Fullname  string `json:"fullname"`
	Image     Image  `json:"userImageURL"`
	Delivered Time   `json:"deliveredTime"`
	Read      Time   `json:"readTime"`
}

type oneMessage struct {
	MessageID MessageID `json:"messageID"`
}

// MessageDetails returns a message and whom it has reached.
func (d *Device) MessageDetails(ctx context.Context, id MessageID) (m MessageDetails, err error) {
	return m, d.do(ctx, "chat/message/get_details", oneMessage{id}, &m)
}

// TotalRead counts the people who have read a message.
func (d *Device) TotalRead(ctx context.Context, id MessageID) (int, error) {
	var answer struct{ Count int }
	err := d.do(ctx, "chat/message/get_total_read", oneMessage{id}, &answer)
	return answer.Count, err
}

package client

import (
	"context"
	"errors"
)

// Draft is a message that a user sends. Everything in it is plain.
type Draft struct {
	RoomID RoomID // for a personal room see PersonalRoom
	// LocalID makes a message known, so that it is stored once however often it is sent. "" means a
	// new one, which is enough for the attempts of a single Send.
	LocalID  string
	Type     MessageType // 0 means TextMessage
	Text     string      // at most 4,000 UTF-16 units
	Payload  string      // the JSON of an object or a list, or ""
	FilterID string
	Hidden   bool
	// These go over a Stream, or are scheduled.
	Quote       *Quote
	ReplyTo     *Reference
	ForwardFrom *Reference
}

// withDefaults is the draft as it is sent.
func (m Draft) withDefaults() Draft {
	if m.LocalID == "" {
		m.LocalID = NewLocalID()
	}
	if m.Type == 0 {
		m.Type = TextMessage
	}
	return m
}

// Send sends a message without a socket, and returns its LocalID. Unlike [Stream.Send] it tells why a
// message is refused.
func (d *Device) Send(ctx context.Context, m Draft) (localID string, err error) {
	if m.Quote != nil || m.ReplyTo != nil || m.ForwardFrom != nil {
		return "", errors.New("client: quotes, replies and forwarded messages go over a Stream, or are scheduled")
	}
	m = m.withDefaults()
	return m.LocalID, d.do(ctx, "chat/message/send/custom", struct {
		RoomID   RoomID      `json:"roomID"`
		LocalID  string      `json:"localID"`
		Type     MessageType `json:"messageType"`
		Text     string      `json:"body"`
		Payload  string      `json:"data"`
		FilterID string      `json:"filterID,omitzero"`
		Hidden   bool        `json:"isHidden"`
	}{m.RoomID, m.LocalID, m.Type, m.Text, m.Payload, m.FilterID, m.Hidden}, nil)
}

// PersonalRoom is the room of the user and another one. It comes into being with its first message.
func (d *Device) PersonalRoom(with UserID) RoomID {
	low, high := d.UserID(), with
	if len(low) > len(high) || len(low) == len(high) && low > high { // as numbers
		low, high = high, low
	}
	return RoomID(low + "-" + high)
}

type messageList struct {
	Messages []Message
	HasMore  bool
}

// RoomsAndUnread returns the newest message of each room and the unread ones, the newest first. The device
// then counts as up to date.
func (d *Device) RoomsAndUnread(ctx context.Context) ([]Message, error) {
	var answer messageList
	err := d.do(ctx, "chat/message/room_list_and_unread", nil, &answer)
	return answer.Messages, err
}

const newAndUpdated = "chat/message/new_and_updated"

// NewAndUpdated returns what is new or has changed since this device was up to date, the oldest first, at
// most 1,000 messages: the rest comes over its socket. A [Stream] does all of that by itself. What is answered
// does not come again, so do not cancel ctx while an answer may be under way.
func (d *Device) NewAndUpdated(ctx context.Context) ([]Message, error) {
	var answer messageList
	err := d.do(ctx, newAndUpdated, nil, &answer)
	return answer.Messages, err
}

// MessagesBefore returns messages of a room that were created before a time, the newest first, and says
// whether there are more. The zero time means the newest, limit 0 means 50; 100 is the most.
func (d *Device) MessagesBefore(
	ctx context.Context, room RoomID, before Time, limit int,
) (messages []Message, more bool, err error) {
	var answer messageList
	err = d.do(ctx, "chat/message/list_by_room/before", struct {
		RoomID     RoomID `json:"roomID"`
		MaxCreated Time   `json:"maxCreated"`
		Limit      int    `json:"limit,omitzero"`
	}{room, before, limit}, &answer)
	return answer.Messages, answer.HasMore, err
}

// MessagesAfter returns what is new or has changed in a room, the oldest first, and says whether there is more.
// oldest is when the oldest message was created that the device has, updated the newest Updated of what it has.
func (d *Device) MessagesAfter(
	ctx context.Context, room RoomID, oldest, updated Time,
) (messages []Message, more bool, err error) {
	var answer messageList
	err = d.do(ctx, "chat/message/list_by_room/after", struct {
		RoomID      RoomID `json:"roomID"`
		MinCreated  Time   `json:"minCreated"`
		LastUpdated Time   `json:"lastUpdated"`
	}{room, oldest, updated}, &answer)
	return answer.Messages, answer.HasMore, err
}

// SharedContent is what messages of a room carry. Data is enciphered: see Open.
type SharedContent struct {
	Media []SharedItem `json:"media"`
	Files []SharedItem `json:"files"`
	Links []SharedItem `json:"links"`
}

// SharedItem is what one message carries.
type SharedItem struct {
	MessageID MessageID   `json:"messageID"`
	LocalID   string      `json:"localID"`
	Type      MessageType `json:"messageType"`
	Data      string      `json:"data"`
	Created   Time        `json:"created"`
	UserID    UserID      `json:"userID"`
	Fullname  string      `json:"userFullname"`
}

// SharedContent returns what the newest messages of a room carry that were created between two times, at
// most 100 of them. A zero time is no bound.
func (d *Device) SharedContent(ctx context.Context, room RoomID, after, before Time) (s SharedContent, err error) {
	return s, d.do(ctx, "chat/room/get_shared_content", struct {
		RoomID     RoomID `json:"roomID"`
		MinCreated Time   `json:"minCreated"`
		MaxCreated Time   `json:"maxCreated"`
	}{room, after, before}, &s)
}

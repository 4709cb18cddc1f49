package client

import (
	"context"
	"iter"
	"time"
)

// BackendMessage is a message that a backend sends in a user's name. Everything in it is plain.
type BackendMessage struct {
	// LocalID makes a message known, so that it is stored once however often it is sent. "" means a
	// new one, which is enough for the attempts of a single Send. With [WithIdempotencyKey] it is
	// the server's to choose.
	LocalID string      `json:"localID"`
	Type    MessageType `json:"messageType"` // 0 means TextMessage
	// Text may be long: above 4,000 UTF-16 units it is cut into several messages.
	Text     string `json:"body"`
	Payload  string `json:"data,omitzero"` // the JSON of an object or a list
	FilterID string `json:"filterID,omitzero"`
	Hidden   bool   `json:"isHidden,omitzero"`
	Quote    *Quote `json:"quote,omitzero"`

	// One of these says who sends it. They need not be in the room.
	SenderXCID string `json:"senderXCUserID,omitzero"`
	SenderID   UserID `json:"senderUserID,omitzero"`

	// One of these says where to.
	XCRoomID      string `json:"xcRoomID,omitzero"`
	RoomID        RoomID `json:"roomID,omitzero"`
	RecipientXCID string `json:"recipientXCUserID,omitzero"`
	RecipientID   UserID `json:"recipientUserID,omitzero"`
}

// Sent says what has become of a message.
type Sent struct {
	LocalID string `json:"localID"`
	// Repeated says that the message was stored before, and not again.
	Repeated bool `json:"repeated"`
	// ContentDiffers says that what is stored under this LocalID is another message: a program of
	// yours uses a LocalID twice.
	ContentDiffers bool `json:"contentDiffers"`
}

// Send stores a message. When it returns without an error the message is on the server's disk.
func (b *Backend) Send(ctx context.Context, m BackendMessage) (s Sent, err error) {
	if m.LocalID == "" && !hasKey(ctx) {
		m.LocalID = NewLocalID() // one for all attempts
	}
	if m.Type == 0 {
		m.Type = TextMessage
	}
	return s, b.do(ctx, "message/send/custom", m, &s)
}

// MessageFilter says which messages of a room Messages lists. One of XCRoomID and RoomID is needed.
type MessageFilter struct {
	XCRoomID    string        `json:"xcRoomID,omitzero"`
	RoomID      RoomID        `json:"roomID,omitzero"`
	SenderXCID  string        `json:"xcUserID,omitzero"` // of who has sent them, deleted or not
	SenderID    UserID        `json:"userID,omitzero"`
	Types       []MessageType `json:"types,omitzero"` // one of which the message has
	From        time.Time     `json:"-"`              // of their creation
	Until       time.Time     `json:"-"`
	OldestFirst bool          `json:"-"`
	Sealed      bool          `json:"sealed,omitzero"` // leave texts enciphered
}

// Messages lists messages of a room, deleted ones included, page by page while it is ranged over: the newest
// first, unless the filter says otherwise. It ends with the first error.
func (b *Backend) Messages(ctx context.Context, f MessageFilter) iter.Seq2[FeedMessage, error] {
	order := "newest"
	if f.OldestFirst {
		order = "oldest"
	}
	return pages(func(cursor string) (list []FeedMessage, next string, err error) {
		var page struct {
			Messages   []FeedMessage
			NextCursor string
		}
		err = b.do(ctx, "message/list", struct {
			MessageFilter
			From   int64  `json:"from,omitzero"`
			Until  int64  `json:"until,omitzero"`
			Order  string `json:"order"`
			Cursor string `json:"cursor"`
		}{f, milliseconds(f.From), milliseconds(f.Until), order, cursor}, &page)
		return page.Messages, page.NextCursor, err
	})
}

// MessageSearch says which messages Search finds: those whose texts have all words of Query.
type MessageSearch struct {
	Query      string    `json:"query"`
	XCRoomID   string    `json:"xcRoomID,omitzero"` // one of these for one room, none for all
	RoomID     RoomID    `json:"roomID,omitzero"`
	SenderXCID string    `json:"xcUserID,omitzero"` // of who has sent them, deleted or not
	SenderID   UserID    `json:"userID,omitzero"`
	From       time.Time `json:"-"` // of their creation
	Until      time.Time `json:"-"`
	Sealed     bool      `json:"sealed,omitzero"` // leave texts enciphered
}

// Search finds messages by the words of their texts, page by page while it is ranged over, the newest first. A
// message can be found a moment after it was sent. While the server makes its index it is CodeUnavailable, and
// CodeConflict on a server without one. It ends with the first error.
func (b *Backend) Search(ctx context.Context, s MessageSearch) iter.Seq2[FeedMessage, error] {
	return pages(func(cursor string) (list []FeedMessage, next string, err error) {
		var page struct {
			Messages   []FeedMessage
			NextCursor string
		}
		err = b.do(ctx, "message/search", struct {
			MessageSearch
			From   int64  `json:"from,omitzero"`
			Until  int64  `json:"until,omitzero"`
			Cursor string `json:"cursor"`
		}{s, milliseconds(s.From), milliseconds(s.Until), cursor}, &page)
		return page.Messages, page.NextCursor, err
	})
}

// MessagesByID finds messages of whichever rooms, in the order of the ids and each once. missing are the ids
// that no message has.
func (b *Backend) MessagesByID(ctx context.Context, ids ...MessageID) (list []FeedMessage, missing []MessageID, err error) {
	ids = unique(ids)
	for len(ids) > 0 {
		part := ids[:min(len(ids), maxNamed)]
		var answer struct {
			Messages  []FeedMessage
			Missing   []MessageID `json:"missingMessageIDs"`
			Remaining []MessageID `json:"remainingMessageIDs"`
		}
		if err := b.do(ctx, "message/get", map[string]any{"messageIDs": part}, &answer); err != nil {
			return list, missing, err
		}
		list, missing = append(list, answer.Messages...), append(missing, answer.Missing...)
		ids = append(answer.Remaining, ids[len(part):]...)
	}
	return list, missing, nil
}

// unique is list without repeats.
func unique(list []MessageID) (out []MessageID) {
	seen := make(map[MessageID]bool, len(list))
	for _, id := range list {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// maxNamed is how many messages one call may name.
const maxNamed = 100

// MessageEdit is what EditMessage changes a message to. Everything in it is plain.
type MessageEdit struct {
	// One of these says which message.
	ID      MessageID `json:"messageID,omitzero"`
	LocalID string    `json:"localID,omitzero"`
	Text    string    `json:"body"`
	Payload *string   `json:"data,omitzero"` // the JSON of an object or a list; nil leaves it as it is
}

// EditMessage changes what anybody's message says, and returns it. changed is false where it said so before.
// Deleted messages and system messages are CodeForbidden.
func (b *Backend) EditMessage(ctx context.Context, e MessageEdit) (m FeedMessage, changed bool, err error) {
	var answer struct {
		Changed bool
		Message FeedMessage
	}
	err = b.do(ctx, "message/edit", e, &answer)
	return answer.Message, answer.Changed, err
}

// DeleteMessages deletes messages for everyone, up to 100 of whichever rooms. skipped are those that do not
// exist, and system messages that stay.
func (b *Backend) DeleteMessages(ctx context.Context, ids ...MessageID) (skipped []MessageID, err error) {
	var answer struct {
		Skipped []MessageID `json:"skippedMessageIDs"`
	}
	err = b.do(ctx, "message/delete", map[string]any{"messageIDs": ids}, &answer)
	return answer.Skipped, err
}

// SendSystem writes a text into a room as a system message, in the app's name. It must be without braces.
func (b *Backend) SendSystem(ctx context.Context, xcRoomID, text string) (MessageID, error) {
	var answer struct {
		ID MessageID `json:"messageID"`
	}
	err := b.doOnce(ctx, "message/send_system", struct {
		roomName
		Text string `json:"body"`
	}{b.room(xcRoomID), text}, &answer)
	return answer.ID, err
}

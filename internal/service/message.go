package service

import (
	"context"
	"encoding/json"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/cipher"
	"parlor/internal/store"
)

// UserName names a user by Parlor's id or by the customer's.
type UserName struct {
	ID   string
	XCID string
}

// Outgoing is a message that the customer's server sends on a user's behalf. Body, Data
// and Quote.Content are plain. Exactly one of To, RoomID and XCRoomID says where it goes.
type Outgoing struct {
	From     UserName
	To       UserName // the partner in a personal room
	RoomID   string
	XCRoomID string
	Type     chat.MessageType
	Body     string
	Data     string // JSON text of an object or an array, or ""
	FilterID string
	Hidden   bool
	Quote    chat.Quote
	LocalID  string // optional: a repeated send with it stores nothing new
}

// Validate says what is wrong with the message itself, parameter by parameter.
func (o Outgoing) Validate() error {
	switch {
	case !o.Type.FromServer():
		return chat.Invalid("messageType", "must be 1001, 1002, 2001 or 3000 to 3999")
	case o.Body == "":
		return chat.Required("body")
	case chat.UTF16Len(o.Body) > chat.MaxBody:
		return chat.Invalid("body", "must have at most %d characters", chat.MaxBody)
	case o.Data != "" && o.Type == chat.TextMessage:
		return chat.Invalid("data", "must be empty for messageType 1001")
	case len(o.Data) > chat.MaxData:
		return chat.Invalid("data", "must have at most %d bytes", chat.MaxData)
	case o.Data != "" && !jsonDocument(o.Data):
		return chat.Invalid("data", "must be the JSON text of an object or an array")
	case o.LocalID != "" && !cipher.ValidLocalID(o.LocalID):
		return chat.Invalid("localID", "must be 24 to 64 characters of A-Z a-z 0-9 _ -")
	}
	return nil
}

// jsonDocument: SDKs parse data without a guard, so what is not JSON must never reach them.
func jsonDocument(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n")
	return (strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[")) && json.Valid([]byte(s))
}

// SendMessage stores o, in several parts when its body is long, all of them or none, and
// returns the localID of the last part. A personal room comes into being with its first
// message. The customer's server may write into locked rooms too.
func (s *Service) SendMessage(ctx context.Context, c chat.Caller, o Outgoing) (localID string, err error) {
	if err := o.Validate(); err != nil {
		return "", err
	}
	sender, err := s.resolveUser(ctx, c, o.From, "senderUserID", "senderXCUserID")
	if err != nil {
		return "", err
	}
	to, err := s.destination(ctx, c, o, sender)
	if err != nil {
		return "", err
	}
	parts, err := o.parts(c.App.ID, sender)
	if err != nil {
		return "", err
	}
	last := parts[len(parts)-1].LocalID
	if to.pair == (chat.Pair{}) && o.LocalID == "" {
		for _, m := range parts {
			m.Room = to.room
		}
		return last, s.store.AppendMessages(ctx, to.shard, parts)
	}
	err = s.store.Write(ctx, to.shard, func(ctx context.Context, tx *store.Tx) error {
		if o.LocalID != "" {
			if stored, found, err := tx.MessageByLocalID(ctx, c.App.ID, last); err != nil || found {
				return sameSender(stored, sender, err)
			}
		}
		room := to.room
		if to.pair != (chat.Pair{}) {
			r, err := tx.PersonalRoom(ctx, c.App.ID, to.pair)
			if err != nil {
				return err
			}
			room = r.ID
		}
		for _, m := range parts {
			m.Room = room
			if _, err := tx.AppendMessage(ctx, *m); err != nil {
				return err
			}
		}
		return nil
	})
	return last, err
}

// sameSender: a repeated send is answered as the first was; somebody else's localID
// must not be taken over, since devices key messages by it.
func sameSender(stored chat.Message, sender chat.UserID, err error) error {
	if err == nil && stored.Sender != sender {
		return chat.Errorf(chat.CodeConflict, "This localID belongs to another sender's message")
	}
	return err
}

// parts enciphers the message, cut to the length that devices accept. With a filterID
// only the last part shows.
func (o Outgoing) parts(app chat.AppID, sender chat.UserID) ([]*chat.Message, error) {
	bodies := chat.SplitBody(o.Body)
	if o.LocalID == "" {
		o.LocalID = cipher.NewLocalID()
	}
	parts := make([]*chat.Message, len(bodies))
	for i, body := range bodies {
		m := &chat.Message{
			App: app, Sender: sender, Type: o.Type, FilterID: o.FilterID, Hidden: o.Hidden || o.FilterID != "",
			LocalID: cipher.DeriveLocalID(o.LocalID, i),
		}
		data := ""
		if i == len(bodies)-1 {
			m.LocalID, m.Hidden, m.Quote, data = o.LocalID, o.Hidden, o.Quote, o.Data
		}
		if err := seal(m, body, data); err != nil {
			return nil, err
		}
		parts[i] = m
	}
	return parts, nil
}

// seal enciphers body, data and the quote's content under m's localID. An empty body is
// enciphered too, empty data is not: that is what devices expect.
func seal(m *chat.Message, body, data string) error {
	key, err := cipher.NewKey(m.LocalID)
	if err != nil {
		return err
	}
	m.Body = key.Seal(body)
	if data != "" {
		m.Data = key.Seal(data)
	}
	if m.Quote.Content != "" {
		m.Quote.Content = key.Seal(m.Quote.Content)
	}
	return nil
}

// destination is a room that exists, or a pair whose room may have to be made.
type destination struct {
	room  chat.RoomID
	pair  chat.Pair
	shard int64
}

func (s *Service) destination(ctx context.Context, c chat.Caller, o Outgoing, sender chat.UserID) (destination, error) {
	given := 0
	for _, t := range []string{o.To.ID, o.To.XCID, o.RoomID, o.XCRoomID} {
		if t != "" {
			given++
		}
	}
	switch {
	case given == 0:
		return destination{}, chat.Invalid("recipientUserID", "is required, or one of recipientXCUserID, roomID and xcRoomID")
	case given > 1:
		return destination{}, chat.Invalid("recipientUserID", "must be the only one of recipientUserID, recipientXCUserID, roomID and xcRoomID")
	case o.XCRoomID != "" && o.LocalID != "":
		// Whether the room still stands comes before whether the message is a repeat.
		room, err := s.store.Room(ctx, c.App.ID, o.XCRoomID)
		return destination{room: room.ID, shard: shardOfRoom(room)}, err
	case o.XCRoomID != "":
		room, err := s.store.RoomID(ctx, c.App.ID, o.XCRoomID)
		return destination{room: room, shard: roomShard(c.App.ID, o.XCRoomID)}, err
	case o.RoomID != "":
		return s.roomDestination(ctx, c, o.RoomID, sender)
	}
	partner, err := s.resolveUser(ctx, c, o.To, "recipientUserID", "recipientXCUserID")
	return pairDestination(c, chat.NewPair(sender, partner)), err
}

func (s *Service) roomDestination(ctx context.Context, c chat.Caller, roomID string, sender chat.UserID) (destination, error) {
	ref, ok := chat.ParseRoomID(roomID)
	if !ok {
		return destination{}, chat.RoomNotFound()
	}
	if ref.Type != chat.Personal {
		room, err := s.store.RoomByRef(ctx, c.App.ID, ref)
		return destination{room: room.ID, shard: shardOfRoom(room)}, err
	}
	if !ref.Pair.Has(sender) {
		return destination{}, chat.RoomNotFound() // a stranger learns nothing of it
	}
	if _, err := s.resolveUser(ctx, c, UserName{ID: ref.Pair.Other(sender).String()}, "roomID", ""); err != nil {
		return destination{}, chat.RoomNotFound()
	}
	return pairDestination(c, ref.Pair), nil
}

func pairDestination(c chat.Caller, pair chat.Pair) destination {
	return destination{pair: pair, shard: shardOf(c.App.ID, "pair", pair.String())}
}

// resolveUser finds a live user by exactly one of the two names; idParam and xcParam are
// what the caller knows them as.
func (s *Service) resolveUser(ctx context.Context, c chat.Caller, name UserName, idParam, xcParam string) (chat.UserID, error) {
	switch {
	case name.ID == "" && name.XCID == "":
		return 0, chat.Required(idParam)
	case name.ID != "" && name.XCID != "":
		return 0, chat.Invalid(idParam, "and '%s' must not both be given", xcParam)
	case name.XCID != "":
		return s.store.UserID(ctx, c.App.ID, name.XCID)
	}
	id, ok := chat.ParseUserID(name.ID)
	if !ok {
		return 0, chat.UserNotFound()
	}
	user, err := s.store.User(ctx, c.App.ID, id)
	if err != nil {
		return 0, err
	}
	if user.DeletedAt > 0 || user.XCID == "" {
		return 0, chat.UserNotFound() // gone, or the App's own user, who is nobody's to speak for
	}
	return id, nil
}

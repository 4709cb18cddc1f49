package service

import (
	"context"
	"errors"

	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/store"
)

// Post stores a message of the caller's. repeat says that it was stored before: nobody
// but the caller is to be told again. A personal room comes into being with its first
// message. Only participants write, and nobody into a locked room.
func (s *Service) Post(ctx context.Context, c chat.Caller, d Draft) (m chat.Message, repeat bool, err error) {
	draft, err := d.message()
	if err != nil {
		return m, false, err
	}
	ref, ok := chat.ParseRoomID(d.RoomID)
	if !ok {
		return m, false, chat.RoomNotFound()
	}
	draft.App, draft.Sender = c.App.ID, c.User
	if ref.Type == chat.Personal {
		err = s.postPersonally(ctx, c, ref.Pair, draft)
	} else {
		draft.Room = ref.ID
		err = s.postToRoom(ctx, c, ref, draft)
	}
	if errors.Is(err, store.ErrNotAppended) {
		return s.whyNotPosted(ctx, c, ref, draft)
	}
	return *draft, false, err
}

func (s *Service) postToRoom(ctx context.Context, c chat.Caller, ref chat.RoomRef, m *chat.Message) error {
	shard, err := s.shardOfRef(ctx, c.App.ID, ref)
	if err != nil {
		return err
	}
	return s.store.AppendMessagesAs(ctx, inNameOf(c), shard, []*chat.Message{m})
}

func (s *Service) postPersonally(ctx context.Context, c chat.Caller, pair chat.Pair, m *chat.Message) error {
	if !pair.Has(c.User) {
		return chat.RoomNotFound() // a stranger learns nothing of it
	}
	shard := pairDestination(c, pair).shard
	room, err := s.store.PersonalRoomID(ctx, c.App.ID, pair)
	if err == nil {
		m.Room = room
		return s.store.AppendMessagesAs(ctx, inNameOf(c), shard, []*chat.Message{m})
	}
	if chat.CodeOf(err) != chat.CodeNotFound {
		return err
	}
	if _, err := s.resolveUser(ctx, c, UserName{ID: pair.Other(c.User).String()}); err != nil {
		return err
	}
	return s.write(ctx, c, shard, func(ctx context.Context, tx *store.Tx) error {
		room, err := tx.PersonalRoom(ctx, c.App.ID, pair)
		if err != nil {
			return err
		}
		m.Room = room.ID
		*m, err = tx.AppendMessage(ctx, *m)
		return err
	})
}

// whyNotPosted finds out what kept a message from being stored: it is stored already, or
// one of the rules.
func (s *Service) whyNotPosted(ctx context.Context, c chat.Caller, ref chat.RoomRef, m *chat.Message) (chat.Message, bool, error) {
	stored, err := s.store.MessageByLocalID(ctx, c.App.ID, m.LocalID)
	switch {
	case err == nil && stored.Sender == c.User && stored.Type != chat.SystemMessage:
		return stored, true, nil
	case err == nil:
		return stored, false, chat.Errorf(chat.CodeConflict, "This localID belongs to another sender's message")
	case chat.CodeOf(err) != chat.CodeNotFound:
		return stored, false, err
	}
	if _, err := s.writableRoom(ctx, c, ref); err != nil {
		return stored, false, err
	}
	// What stood in the way has gone in the meantime.
	return stored, false, chat.Errorf(chat.CodeUnavailable, "The message could not be stored; send it again")
}

// writableRoom finds a room that the caller may write to.
func (s *Service) writableRoom(ctx context.Context, c chat.Caller, ref chat.RoomRef) (chat.Room, error) {
	room, member, err := s.store.RoomFor(ctx, c.App.ID, ref, c.User)
	switch {
	case err != nil:
		return room, err
	case room.Deleted():
		return room, chat.RoomNotFound()
	case !member.In:
		return room, notParticipant()
	case room.Locked():
		return room, roomLocked()
	}
	return room, nil
}

func notParticipant() error {
	return chat.Errorf(chat.CodeForbidden, "You are not a participant of this room")
}

func roomLocked() error { return chat.Errorf(chat.CodeForbidden, "The room is locked") }

// IsLocked reports whether err is the refusal of a message to a locked room.
func IsLocked(err error) bool {
	var e *chat.Error
	return errors.As(err, &e) && e.Message == "The room is locked"
}

// Edit changes body, data and type of the caller's own message. Everything else of the
// draft is ignored.
func (s *Service) Edit(ctx context.Context, c chat.Caller, d Draft) error {
	if !cipher.ValidLocalID(d.LocalID) {
		return chat.Invalid("localID", "must be 24 to 64 characters of A-Z a-z 0-9 _ -")
	}
	old, err := s.store.MessageByLocalID(ctx, c.App.ID, d.LocalID)
	if err != nil {
		return err
	}
	key, err := cipher.NewKey(d.LocalID)
	if err != nil {
		return err
	}
	body, _, err := sealedBody(key, d.Body)
	if err != nil {
		return err
	}
	data, err := sealedData(key, d.Data)
	if err != nil {
		return err
	}
	if body, err = captioned(key, d.Type, body, data); err != nil {
		return err
	}
	shard, err := s.shardOfRoomID(ctx, c, old.Room)
	if err != nil {
		return err
	}
	return s.write(ctx, c, shard, func(ctx context.Context, tx *store.Tx) error {
		room, member, err := tx.RoomForUpdateFor(ctx, c.App.ID, old.Room, c.User)
		if err != nil {
			return err
		}
		m, err := tx.MessageForUpdate(ctx, c.App.ID, d.LocalID)
		switch {
		case err != nil:
			return err
		case m.Sender != c.User || !member.In:
			return chat.Errorf(chat.CodeForbidden, "Only a message's sender may edit it")
		case room.Deleted():
			return chat.RoomNotFound()
		case room.Locked():
			return roomLocked()
		case m.Deleted() || !m.Type.EditableTo(d.Type):
			return chat.Errorf(chat.CodeForbidden, "This message cannot be edited")
		}
		m.Body, m.Data, m.Type, m.Edited = body, data, d.Type, true
		if m, err = tx.ChangeMessage(ctx, m); err != nil {
			return err
		}
		return announceChange(ctx, tx, m)
	})
}

func announceChange(ctx context.Context, tx *store.Tx, m chat.Message) error {
	return tx.Announce(ctx, &chat.MessageChanged{Place: chat.Place{App: m.App, Room: m.Room}, Message: &m})
}

// maxChanged bounds the messages of one deletion.
const maxChanged = 500

// DeleteMessages deletes messages of a room, for everyone or for the caller alone, and
// returns the ids of those that this or an earlier call has deleted. For everyone, a
// sender may delete his own, and an admin of a group those of all; system messages stay.
func (s *Service) DeleteMessages(ctx context.Context, c chat.Caller, roomID string, ids []int64, everyone bool) (deleted []chat.MessageID, err error) {
	if len(ids) > maxChanged {
		return nil, chat.Invalid("messageIDs", "must have at most %d entries", maxChanged)
	}
	room, member, err := s.roomOf(ctx, c, roomID)
	if err != nil {
		return nil, err
	}
	messages, err := s.store.MessagesByID(ctx, c.App.ID, ids)
	if err != nil {
		return nil, err
	}
	var locals []string
	var times []int64
	var concerned []chat.Message
	for _, m := range messages {
		if m.Room == room.ID && m.Type != chat.SystemMessage && (member.Last() == 0 || m.CreatedAt <= member.Last()) {
			locals, times = append(locals, m.LocalID), append(times, m.CreatedAt)
			deleted, concerned = append(deleted, m.ID), append(concerned, m)
		}
	}
	if len(deleted) == 0 {
		return nil, nil
	}
	if !everyone {
		return deleted, s.hide(ctx, c, room, concerned, times)
	}
	err = s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		room, member, err := tx.RoomForUpdateFor(ctx, c.App.ID, room.ID, c.User)
		if err != nil {
			return err
		}
		if room.Deleted() || !member.In {
			return notParticipant()
		}
		for _, local := range locals {
			if err := deleteOne(ctx, tx, c, room, member, local); err != nil {
				return err
			}
		}
		return nil
	})
	return deleted, err
}

func deleteOne(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.Room, member chat.Membership, localID string) error {
	m, err := tx.MessageForUpdate(ctx, c.App.ID, localID)
	switch {
	case err != nil:
		return err
	case m.Sender != c.User && (!member.Admin || room.Type == chat.Personal):
		return chat.Errorf(chat.CodeForbidden, "Only a message's sender or an admin of the group may delete it for everyone")
	case m.Deleted():
		return nil
	}
	m.Data, m.Quote = "", chat.Quote{}
	if err := seal(&m, "", ""); err != nil {
		return err
	}
	m.DeletedAt = max(tx.Now(), 1)
	if m, err = tx.ChangeMessage(ctx, m); err != nil {
		return err
	}
	return announceChange(ctx, tx, m)
}

// hide deletes messages for the caller alone. Those of others count as read from then on.
func (s *Service) hide(ctx context.Context, c chat.Caller, room chat.Room, messages []chat.Message, times []int64) error {
	var marked store.Marked
	err := s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		marked = store.Marked{}
		hidden, err := tx.HideMessages(ctx, room.ID, c.User, times)
		if err != nil || len(hidden) == 0 {
			return err
		}
		if marked, err = markAndTell(ctx, tx, c, room.ID, chat.Read, markable(messages, c.User, room.ID)); err != nil {
			return err
		}
		return tx.Announce(ctx, &chat.MessagesHidden{Place: room.Place(), User: c.User, Times: hidden})
	})
	if err == nil && marked.Crowded {
		err = s.store.FillHoles(ctx, shardOfRoom(room), room.ID, c.User)
	}
	return err
}

// Plain is a message that an SDK sends by HTTP, not enciphered. Recipient, a user's id,
// stands in for a personal room's id.
type Plain struct {
	RoomID    string
	Recipient string
	LocalID   string
	Type      chat.MessageType
	Body      string
	Data      string // JSON text of an object, or ""
	FilterID  string
	Hidden    bool
}

// PostPlain is Post for a plain message.
func (s *Service) PostPlain(ctx context.Context, c chat.Caller, p Plain) error {
	if p.RoomID == "" {
		other, ok := chat.ParseUserID(p.Recipient)
		if !ok {
			return chat.Required("roomID")
		}
		p.RoomID = chat.NewPair(c.User, other).String()
	}
	if !cipher.ValidLocalID(p.LocalID) {
		return chat.Invalid("localID", "must be 24 to 64 characters of A-Z a-z 0-9 _ -")
	}
	key, err := cipher.NewKey(p.LocalID)
	if err != nil {
		return err
	}
	d := Draft{
		RoomID: p.RoomID, LocalID: p.LocalID, Type: p.Type, FilterID: p.FilterID, Hidden: p.Hidden,
		Body: key.Seal(p.Body), Data: p.Data,
	}
	_, _, err = s.Post(ctx, c, d)
	return err
}

package service

import (
	"context"
	"math"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// lens is what a viewer's views of a room's messages are made with. It is to be read
// before the messages: a view may show a receipt late, but never a text that is older than
// the time at which it says that it changed.
type lens struct {
	app      chat.AppID
	viewer   chat.UserID
	room     chat.Room
	receipts store.Receipts
}

func (s *Service) lens(ctx context.Context, app chat.AppID, viewer chat.UserID, room chat.Room) (lens, error) {
	receipts, err := s.store.Receipts(ctx, room.ID, viewer)
	return lens{app, viewer, room, receipts}, err
}

// views shows messages of one room as a viewer sees them.
func (s *Service) views(ctx context.Context, l lens, messages []chat.Message) ([]chat.MessageView, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	hidden := map[int64]int64{}
	if l.receipts.Hides {
		low, high := int64(math.MaxInt64), int64(0)
		for _, m := range messages {
			low, high = min(low, m.CreatedAt), max(high, m.CreatedAt)
		}
		var err error
		if hidden, err = s.store.Hidden(ctx, l.room.ID, l.viewer, low, high); err != nil {
			return nil, err
		}
	}
	people := make([]chat.UserID, len(messages)+1)
	for i, m := range messages {
		people[i] = m.Sender
	}
	people[len(messages)] = l.viewer
	if l.room.Type == chat.Personal {
		people[len(messages)] = l.room.Pair.Other(l.viewer)
	}
	users, err := s.store.Users(ctx, l.app, people)
	if err != nil {
		return nil, err
	}
	views := make([]chat.MessageView, len(messages))
	for i := range messages {
		v := chat.MessageView{Message: &messages[i], Room: &l.room, Sender: users[i]}
		if l.room.Type == chat.Personal {
			v.Partner = users[len(messages)]
		}
		l.receipts.View(&v, l.viewer)
		if at, gone := hidden[v.CreatedAt]; gone {
			v.Gone, v.ChangedAt = true, max(v.ChangedAt, at)
		}
		views[i] = v
	}
	return views, nil
}

// ViewOf returns one message as the caller sees it.
func (s *Service) ViewOf(ctx context.Context, c chat.Caller, m chat.Message) (chat.MessageView, error) {
	room, err := s.store.RoomByID(ctx, c.App.ID, m.Room)
	if err != nil {
		return chat.MessageView{}, err
	}
	l, err := s.lens(ctx, c.App.ID, c.User, room)
	if err != nil {
		return chat.MessageView{}, err
	}
	views, err := s.views(ctx, l, []chat.Message{m})
	if err != nil {
		return chat.MessageView{}, err
	}
	return views[0], nil
}

// NewestMessage returns the newest message of a room that the caller may read, nil where
// there is none.
func (s *Service) NewestMessage(ctx context.Context, c chat.Caller, roomID string) (*chat.MessageView, error) {
	views, _, err := s.MessagesBefore(ctx, c, roomID, 0, 1)
	if err != nil || len(views) == 0 {
		return nil, err
	}
	return &views[0], nil
}

// Typing tells the others in a room that the caller has started to write, or stopped.
func (s *Service) Typing(ctx context.Context, c chat.Caller, roomID string, on bool) error {
	ref, ok := chat.ParseRoomID(roomID)
	if !ok || ref.Type == chat.Personal && !ref.Pair.Has(c.User) {
		return chat.RoomNotFound()
	}
	room, err := s.writableRoom(ctx, c, ref)
	if err != nil {
		return err
	}
	s.live.Publish(chat.Event{Kind: chat.EventTyping, App: c.App.ID, Room: room.ID, User: c.User, On: on})
	return nil
}

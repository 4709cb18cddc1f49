package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/view"
)

// ViewOf returns one message as the caller sees it.
func (s *Service) ViewOf(ctx context.Context, c chat.Caller, m chat.Message) (chat.MessageView, error) {
	room, err := s.store.RoomByID(ctx, c.App.ID, m.Room)
	if err != nil {
		return chat.MessageView{}, err
	}
	lens, err := view.Open(ctx, s.store, c.App.ID, c.User, &room)
	if err != nil {
		return chat.MessageView{}, err
	}
	messages, err := s.store.MessagesByKey(ctx, c.App.ID, []store.SizedKey{{MessageKey: store.MessageKey{Room: m.Room, CreatedAt: m.CreatedAt}}})
	if err != nil {
		return chat.MessageView{}, err
	}
	views, err := lens.Messages(ctx, messages)
	if err != nil {
		return chat.MessageView{}, err
	}
	if len(views) == 0 {
		return chat.MessageView{}, messageNotFound()
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
	s.live.Publish(&chat.Typing{Place: room.Place(), User: c.User, Started: on})
	return nil
}

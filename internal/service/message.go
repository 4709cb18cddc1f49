package service

import (
	"context"
	"errors"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// SendMessage stores o, in several parts when its body is long, all of them or none. A
// repeated send stores nothing and is answered as the first was. A personal room comes into
// being with its first message. The customer's server may write into locked rooms too.
func (s *Service) SendMessage(ctx context.Context, c chat.Caller, o Outgoing) (Sent, error) {
	if err := o.Validate(); err != nil {
		return Sent{}, err
	}
	sender, err := s.resolveUser(ctx, c, o.From)
	if err != nil {
		return Sent{}, err
	}
	to, err := s.destination(ctx, c, o, sender)
	if err != nil {
		return Sent{}, err
	}
	parts, err := o.parts(c.App.ID, sender)
	if err != nil {
		return Sent{}, err
	}
	if to.pair == (chat.Pair{}) && o.LocalID == "" {
		for _, m := range parts {
			m.Room = to.room
		}
		err := s.store.AppendMessagesAs(ctx, store.Author{User: sender}, to.shard, parts)
		return Sent{LocalID: parts[len(parts)-1].LocalID}, chat.Missing(err, o.room())
	}
	sent := Sent{LocalID: parts[len(parts)-1].LocalID}
	err = s.store.WriteAs(ctx, store.Author{User: sender}, to.shard, func(ctx context.Context, tx *store.Tx) (err error) {
		if o.LocalID != "" {
			if sent, err = repeated(ctx, tx, parts); err != nil || sent.Repeated {
				return err
			}
		}
		err = appendTo(ctx, tx, c, to, parts)
		if o.LocalID != "" && errors.Is(err, store.ErrNotAppended) { // somebody else may have been faster just now
			if again, aerr := repeated(ctx, tx, parts); aerr != nil || again.Repeated {
				sent = again
				return aerr
			}
		}
		return err
	})
	if err == nil && sent.Repeated {
		room, err := s.roomIfAny(ctx, c, to)
		sent.Differs = sent.Differs || sent.room != room
		return sent, err
	}
	return sent, chat.Missing(err, o.room())
}

// roomIfAny is the room of a destination, 0 for a pair that has none yet.
func (s *Service) roomIfAny(ctx context.Context, c chat.Caller, to destination) (chat.RoomID, error) {
	if to.pair == (chat.Pair{}) {
		return to.room, nil
	}
	room, err := s.store.PersonalRoomID(ctx, c.App.ID, to.pair)
	if chat.CodeOf(err) == chat.CodeNotFound {
		err = nil
	}
	return room, err
}

func appendTo(ctx context.Context, tx *store.Tx, c chat.Caller, to destination, parts []*chat.Message) error {
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
}

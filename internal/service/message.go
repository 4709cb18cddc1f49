package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// SendMessage stores o, in several parts when its body is long, all of them or none, and
// returns the localID of the last part. A personal room comes into being with its first
// message. The customer's server may write into locked rooms too.
func (s *Service) SendMessage(ctx context.Context, c chat.Caller, o Outgoing) (localID string, err error) {
	if err := o.Validate(); err != nil {
		return "", err
	}
	sender, err := s.resolveUser(ctx, c, o.From)
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
		return last, s.store.AppendMessagesAs(ctx, store.Author{User: sender}, to.shard, parts)
	}
	err = s.store.WriteAs(ctx, store.Author{User: sender}, to.shard, func(ctx context.Context, tx *store.Tx) error {
		if o.LocalID != "" {
			if repeat, err := isRepeat(ctx, tx, parts); err != nil || repeat {
				return err
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

// isRepeat reports whether the message was sent before, which its last part tells: that
// one has the caller's own localID. A repeated send is answered as the first was. A
// localID that is taken otherwise is CodeConflict: devices key messages by it.
func isRepeat(ctx context.Context, tx *store.Tx, parts []*chat.Message) (bool, error) {
	last := parts[len(parts)-1]
	stored, found, err := tx.MessageByLocalID(ctx, last.App, last.LocalID)
	if err != nil || found && stored.Sender == last.Sender {
		return found, err
	}
	for _, m := range parts[:len(parts)-1] {
		if found {
			break
		}
		if _, found, err = tx.MessageByLocalID(ctx, m.App, m.LocalID); err != nil {
			return false, err
		}
	}
	if found {
		return false, chat.Errorf(chat.CodeConflict, "This localID belongs to another sender's message")
	}
	return false, nil
}

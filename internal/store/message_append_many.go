package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// AppendMessages stores messages, of one room, as its newest, all of them or none, and
// fills in their numbers, ids and times. It is Write with AppendMessage, at the lowest
// cost that the engine allows.
func (s *Store) AppendMessages(ctx context.Context, shard int64, messages []*chat.Message) error {
	return s.AppendMessagesAs(ctx, Author{}, shard, messages)
}

// AppendMessagesAs is AppendMessages in somebody's name, as WriteAs is.
func (s *Store) AppendMessagesAs(ctx context.Context, by Author, shard int64, messages []*chat.Message) error {
	return s.answer(s.lanes.Write(ctx, shard, &write{by: by, appends: messages, tx: Tx{store: s}}))
}

func (tx *Tx) appendAll(ctx context.Context, messages []*chat.Message) error {
	for _, m := range messages {
		stored, err := tx.AppendMessage(ctx, *m)
		if err != nil {
			return err
		}
		*m = stored
	}
	return nil
}

// appendTogether does writes that only append messages, all of them in one pipeline.
func (s *Store) appendTogether(ctx context.Context, tx engine.Tx, writes []*write, failed []error) error {
	now, base := s.nowMS(), tx.Base()
	list := s.holdAll(writes)
	for i, w := range writes {
		w.tx.events = nil
		for _, m := range w.appends {
			row, err := newMessageRow(*m, now)
			if err != nil {
				return err
			}
			list = append(list, engine.Statement{Query: s.statements.appendAtOnce, Args: row.atOnce(base), Scan: func(r engine.Row) error {
				err := r.Scan(append([]any{&m.ID}, countersOf(m)...)...)
				m.UpdatedAt, m.Added = m.CreatedAt, m.Number
				if engine.NoRows(err) && len(w.appends) == 1 {
					failed[i] = ErrNotAppended
					return nil
				}
				if err == nil {
					w.tx.events = append(w.tx.events, messageSent(*m))
				}
				return err // of several parts none may stay: each write is run again by itself
			}})
		}
	}
	return tx.Pipeline(ctx, list)
}

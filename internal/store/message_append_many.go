package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// AppendMessages stores messages, of one room, as its newest, all of them or none, and
// returns them as they were stored. It is WriteAs with AppendMessage, at the lowest cost
// that the engine allows.
func (s *Store) AppendMessages(ctx context.Context, by Author, shard int64, list []NewMessage) ([]chat.Message, error) {
	w := &write{by: by, appends: list, tx: Tx{store: s}}
	if err := s.do(ctx, shard, w); err != nil {
		return nil, err
	}
	return w.appended, nil
}

// appendAll appends the messages of w one by one.
func (w *write) appendAll(ctx context.Context) error {
	w.appended = make([]chat.Message, len(w.appends))
	for i, n := range w.appends {
		var err error
		if w.appended[i], err = w.tx.AppendMessage(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// plainTogether does writes that only append messages or make a room, all of them in one
// pipeline.
func (s *Store) plainTogether(ctx context.Context, tx engine.Tx, writes []*write, failed []error) error {
	now, base := s.nowMS(), tx.Base()
	known := s.locals.known.Load()
	list := append(s.holdAll(writes), s.holdAllNamed(writes)...)
	for i, w := range writes {
		w.tx.events, w.tx.jobs, w.tx.feed, w.appended = nil, nil, 0, make([]chat.Message, 0, len(w.appends))
		if w.opens != nil {
			st, err := w.openingTogether(now, base, &failed[i])
			if err != nil {
				return err
			}
			list = append(list, st)
		}
		for _, n := range w.appends {
			row, err := s.newMessageRow(n, now)
			if err != nil {
				return err
			}
			taken, err := row.taken(ctx, tx, known)
			switch {
			case err != nil:
				return err
			case taken && len(w.appends) == 1:
				failed[i] = ErrNotAppended
				continue
			case taken:
				return ErrNotAppended // the write is run again by itself, and finds it then
			}
			a := newAppended(n)
			list = append(list, engine.Statement{
				Query: s.statements.appendWith(known), Args: row.atOnce(base, known), Scan: func(r engine.Row) error {
					err := a.scan(r)
					if engine.NoRows(err) && len(w.appends) == 1 {
						failed[i] = ErrNotAppended
						return nil
					}
					if err == nil {
						w.tx.events = append(w.tx.events, a.announce())
						w.tx.recorded(n.App)
						w.tx.jobs = append(w.tx.jobs, row.due()...)
						w.appended = append(w.appended, a.message)
						s.locals.added.Add(1)
					}
					return err // of several parts none may stay: each write is run again by itself
				},
			})
		}
	}
	return tx.Pipeline(ctx, list)
}

package store

import (
	"context"
	"errors"
	"fmt"

	"parlor/internal/chat"
)

// errTogether marks a failure of writes that were sent in one go, of which it is not
// known whose fault it was: each is to be run again by itself.
var errTogether = errors.New("sent together")

// AppendMessages stores messages, of one room, as its newest, all of them or none, and
// fills in their numbers, ids and times. It is Write with AppendMessage, at the lowest
// cost that the engine allows.
func (s *Store) AppendMessages(ctx context.Context, shard int64, messages []*chat.Message) error {
	return s.writer.write(&pending{ctx: ctx, shard: shard, appends: messages, fn: func(ctx context.Context, tx *Tx) error {
		for _, m := range messages {
			stored, err := tx.AppendMessage(ctx, *m)
			if err != nil {
				return err
			}
			*m = stored
		}
		return nil
	}})
}

// pipeliner is a transaction to which many statements can be sent in one round trip.
type pipeliner interface {
	pipeline(ctx context.Context, list []queued) error
}

// queued is a statement of a pipeline and what takes its row.
type queued struct {
	query string
	args  []any
	scan  func(scanner) error
}

// pipelineAppends runs those writes of a batch that only append messages, where the
// engine can take them all at once, and returns the others. There is no savepoint
// between them: when one fails, which is rare, the whole batch is run again one by one.
func (w *writer) pipelineAppends(ctx context.Context, tx writeTx, batch []*pending) (others []*pending, err error) {
	pipe, ok := tx.(pipeliner)
	if !ok || len(batch) == 1 {
		return batch, nil
	}
	var list []queued
	now, base := w.store.nowMS(), tx.base()
	for _, p := range batch {
		if p.appends == nil {
			others = append(others, p)
			continue
		}
		if !p.begin() {
			continue
		}
		p.events = nil
		for _, m := range p.appends {
			row, err := newMessageRow(*m, now)
			if err != nil {
				return nil, err
			}
			list = append(list, queued{w.store.statements.appendAtOnce, row.atOnce(base), func(r scanner) error {
				err := r.Scan(append([]any{&m.ID}, countersOf(m)...)...)
				m.UpdatedAt, m.Added = m.CreatedAt, m.Number
				if noRows(err) && len(p.appends) == 1 {
					p.err = ErrNotAppended
					return nil
				}
				if err == nil {
					p.events = append(p.events, messageSent(*m))
				}
				return err // of several parts none may stay: the batch starts again
			}})
		}
	}
	if len(list) == 0 {
		return others, nil
	}
	if err := pipe.pipeline(ctx, list); err != nil {
		return nil, fmt.Errorf("%w: %w", errTogether, err)
	}
	return others, nil
}

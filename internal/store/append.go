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
	return s.AppendMessagesAs(ctx, Author{}, shard, messages)
}

// AppendMessagesAs is AppendMessages in somebody's name, as WriteAs is.
func (s *Store) AppendMessagesAs(ctx context.Context, by Author, shard int64, messages []*chat.Message) error {
	return s.writer.write(&pending{ctx: ctx, by: by, shard: shard, appends: messages, fn: func(ctx context.Context, tx *Tx) error {
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
func (s *Store) pipelineAppends(ctx context.Context, tx writeTx, batch []*pending) (others []*pending, err error) {
	now, base := s.nowMS(), tx.base()
	pipe, ok := tx.(pipeliner)
	if !ok || len(batch) == 1 {
		return batch, nil
	}
	var appends []*pending
	for _, w := range batch {
		if w.appends == nil {
			others = append(others, w)
		} else if w.begin() {
			appends = append(appends, w)
		}
	}
	list := s.holdAll(appends)
	for _, w := range appends {
		w.events = nil
		for _, m := range w.appends {
			row, err := newMessageRow(*m, now)
			if err != nil {
				return nil, err
			}
			list = append(list, queued{s.statements.appendAtOnce, row.atOnce(base), func(r scanner) error {
				err := r.Scan(append([]any{&m.ID}, countersOf(m)...)...)
				m.UpdatedAt, m.Added = m.CreatedAt, m.Number
				if noRows(err) && len(w.appends) == 1 {
					w.err = ErrNotAppended
					return nil
				}
				if err == nil {
					w.events = append(w.events, messageSent(*m))
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

package store

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"parlor/internal/store/engine"
)

const (
	// tendInterval is how often it is looked whether generations of localIDs need anything.
	tendInterval = time.Second
	// minGeneration and maxGeneration bound the messages of a generation, and generationShare
	// how many generations there are: each costs every send a look at its filter.
	minGeneration   = 1 << 17
	maxGeneration   = 1 << 22
	generationShare = 32
	// generationAge bounds the age of one that stays small.
	generationAge = 5 * 24 * time.Hour
	// sealAfter is how long two generations are open at least, where several transactions may
	// write at a time: longer than any statement may run, should a node have a role of its own
	// whose statements this one cannot see.
	sealAfter = time.Minute
	// hashesAtOnce bounds the entries that are read or written at a time, so that nobody waits.
	hashesAtOnce = 2000
)

// TendLocalIDs opens, seals and forgets generations of localIDs, and enters messages of before,
// until ctx ends. Any number of nodes may do so at a time. Without it localIDs are as exact, but
// the newest generation grows.
func (s *Store) TendLocalIDs(ctx context.Context, log *slog.Logger) error {
	t := &localIDTender{store: s, log: log, sealAfter: sealAfter}
	for {
		begin := time.Now()
		more, err := t.step(ctx)
		if err != nil && ctx.Err() == nil {
			log.Warn("the generations of localIDs could not be looked after; it is tried again", "error", err)
		}
		wait := tendInterval
		if more && err == nil {
			wait = time.Since(begin) // half of the time is for others
		}
		pause := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil
		case <-pause.C:
		}
	}
}

// localIDTender is what one process does for generations.
type localIDTender struct {
	store     *Store
	log       *slog.Logger
	sealAfter time.Duration

	counted   int64     // what this process had entered when the newest generation was counted
	countedAt time.Time // and when
	open      int64     // the newest of several open generations, as seen before,
	openSince time.Time // since when,
	openMark  int64     // and a number above all commits by then
	older     *olderGeneration
	shown     time.Time // when progress was shown last
}

// step does a bounded part of what there is to do; more says that it should go on.
func (t *localIDTender) step(ctx context.Context) (more bool, err error) {
	more, err = t.enterOlder(ctx)
	if err != nil {
		return false, err
	}
	list, err := t.load(ctx)
	if err != nil {
		return false, err
	}
	if err := t.seal(ctx, list); err != nil {
		return false, err
	}
	if err := t.rotate(ctx, list); err != nil {
		return false, err
	}
	forgot, err := t.forget(ctx, list)
	return more || forgot, err
}

// generation is a row of local_id_generations.
type generation struct{ id, openedAt, sealedAt int64 }

func (g generation) over(now int64) bool {
	return g.sealedAt > 0 && g.sealedAt < now-LocalIDWindow.Milliseconds()
}

// load learns of generations that were sealed, and returns all that there are.
func (t *localIDTender) load(ctx context.Context) (list []generation, err error) {
	s := t.store
	indexed, err := s.messagesIndexed(ctx)
	if err != nil {
		return nil, err
	}
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var g generation
		err := r.Scan(&g.id, &g.openedAt, &g.sealedAt)
		list = append(list, g)
		return err
	}, `SELECT id, opened_at, sealed_at FROM local_id_generations ORDER BY id`)
	if err != nil {
		return nil, err
	}
	before := s.locals.known.Load()
	known := &knownLocalIDs{indexed: indexed}
	now := s.nowMS()
	for _, g := range list {
		if g.sealedAt == 0 {
			break // those behind it are found in the database
		}
		known.upTo = g.id
		if g.over(now) {
			continue
		}
		i := slices.IndexFunc(before.filters, func(have sealedGeneration) bool { return have.id == g.id })
		if i >= 0 {
			known.filters = append(known.filters, before.filters[i])
			continue
		}
		f, err := s.filterOfGeneration(ctx, g.id)
		if err != nil {
			return nil, err
		}
		known.filters = append(known.filters, sealedGeneration{g.id, f})
	}
	s.locals.known.Store(known)
	return list, nil
}

// rotate opens a generation when the newest one is large or old enough.
func (t *localIDTender) rotate(ctx context.Context, list []generation) error {
	s := t.store
	newest := list[len(list)-1]
	if len(list) > 1 && list[len(list)-2].sealedAt == 0 {
		return nil // the last time is not over
	}
	size := s.generationSize()
	age := time.Duration(s.nowMS()-newest.openedAt) * time.Millisecond
	added := s.locals.added.Load()
	if added-t.counted < size/8 && time.Since(t.countedAt) < generationAge/100 {
		return nil
	}
	var entries int64
	err := s.eng.Row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM local_ids WHERE generation = $1 LIMIT $2) l`,
		newest.id, size).Scan(&entries)
	if err != nil {
		return err
	}
	t.counted, t.countedAt = added, time.Now()
	if entries == 0 || entries < size && age < generationAge {
		return nil
	}
	return s.openGeneration(ctx, newest.id)
}

// generationSize is how many messages a generation is to have.
func (s *Store) generationSize() int64 {
	all := int64(0)
	for _, g := range s.locals.known.Load().filters {
		all += g.filter.entries()
	}
	return min(max(all/generationShare, s.locals.least), maxGeneration)
}

// openGeneration opens the one after newest, unless another node was faster. A sole writer
// seals the one before in the same commit.
func (s *Store) openGeneration(ctx context.Context, newest int64) error {
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `INSERT INTO local_id_generations (id, opened_at) VALUES ($1, $2)
			ON CONFLICT (id) DO NOTHING`, newest+1, tx.Now())
		if err == nil && s.eng.SoleWriter() {
			err = tx.sealBefore(ctx, newest+1)
		}
		return err
	})
}

func (tx *Tx) sealBefore(ctx context.Context, id int64) error {
	_, err := tx.conn.Exec(ctx, `UPDATE local_id_generations SET sealed_at = $1 WHERE id < $2 AND sealed_at = 0`,
		tx.Now(), id)
	return err
}

// seal seals all open generations but the newest, once every statement that may not have
// seen that one is over: until then new messages are entered into all of them.
func (t *localIDTender) seal(ctx context.Context, list []generation) error {
	s := t.store
	newest := list[len(list)-1].id
	if len(list) < 2 || list[len(list)-2].sealedAt != 0 {
		t.open = 0
		return nil
	}
	if t.open != newest {
		_, next, err := s.Reach(ctx)
		if err != nil {
			return err
		}
		t.open, t.openMark, t.openSince = newest, next, time.Now()
	}
	seen, err := s.eng.Seen(ctx)
	if err != nil {
		return s.explain(err)
	}
	if seen < t.openMark || !s.eng.SoleWriter() && time.Since(t.openSince) < t.sealAfter {
		return nil
	}
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error { return tx.sealBefore(ctx, newest) })
}

// forget deletes a part of a generation that is over; more says that there is another.
func (t *localIDTender) forget(ctx context.Context, list []generation) (more bool, err error) {
	s := t.store
	i := slices.IndexFunc(list, func(g generation) bool { return g.over(s.nowMS()) })
	if i < 0 {
		return false, nil
	}
	id := list[i].id
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `DELETE FROM local_ids WHERE generation = $1 AND hash IN
			(SELECT hash FROM local_ids WHERE generation = $1 ORDER BY hash LIMIT $2)`, id, hashesAtOnce)
		if err != nil || n > 0 {
			return err
		}
		if _, err = tx.conn.Exec(ctx, `DELETE FROM local_id_filters WHERE generation = $1`, id); err != nil {
			return err
		}
		_, err = tx.conn.Exec(ctx, `DELETE FROM local_id_generations WHERE id = $1`, id)
		return err
	})
	return err == nil, err
}

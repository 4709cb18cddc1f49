package engine

import (
	"context"
	"errors"
	"fmt"
)

// runBatch leaves each work's own failure in its err and returns an error only when the
// batch as a whole was not committed. Works that ran without an error are in l.ran then,
// after a failure too.
func (l *lane[W]) runBatch(ctx context.Context, batch []*pending[W]) error {
	l.ran = l.ran[:0]
	tx, err := l.all.eng.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if len(batch) == 1 {
		err = l.runAlone(ctx, tx, batch[0])
	} else {
		err = l.runTogether(ctx, tx, batch)
	}
	if err != nil {
		tx.Rollback()
	}
	return err
}

// runAlone needs no savepoint: when its work fails, there is nobody else to spare.
func (l *lane[W]) runAlone(ctx context.Context, tx Tx, p *pending[W]) error {
	if p.begin() {
		if p.err = p.run(ctx, tx); p.err != nil {
			tx.Rollback()
			return nil
		}
		l.hasRun(p)
	}
	return l.commitTx(ctx, tx)
}

// hasRun notes a work that ran without an error.
func (l *lane[W]) hasRun(p *pending[W]) {
	if p.probe == nil {
		l.ran = append(l.ran, p.work)
	}
}

// runTogether runs each work in a savepoint, so that its failure harms no other. A savepoint
// that was rolled back to serves the next work as well.
func (l *lane[W]) runTogether(ctx context.Context, tx Tx, batch []*pending[W]) error {
	batch, err := l.pipeline(ctx, tx, batch)
	if err != nil {
		return err
	}
	for i, p := range batch {
		if i == 0 {
			if err := tx.Savepoint(ctx); err != nil {
				return fmt.Errorf("savepoint: %w", err)
			}
		}
		if !p.begin() {
			continue
		}
		if p.err = p.run(ctx, tx); p.err != nil {
			if _, err := tx.Exec(ctx, "ROLLBACK TO SAVEPOINT one"); err != nil {
				// The engine would not go back, as on a full disk: nobody's write stands.
				err = fmt.Errorf("roll back one write: %w", errors.Join(p.err, err))
				if errors.Is(err, errBroken) {
					err = fmt.Errorf("%w: %w", errTogether, err) // it may be this one's fault alone
				}
				return err
			}
			continue
		}
		l.hasRun(p)
		if i < len(batch)-1 {
			if err := tx.NextSavepoint(ctx); err != nil {
				return fmt.Errorf("savepoint: %w", err)
			}
		}
	}
	return l.commitTx(ctx, tx)
}

// pipeline does the plain works of a batch together, where the engine can, and returns the
// others. There is no savepoint between them: when one fails, which is rare, the whole batch
// is run again one by one.
func (l *lane[W]) pipeline(ctx context.Context, tx Tx, batch []*pending[W]) (others []*pending[W], err error) {
	if !l.pipelines() {
		return batch, nil
	}
	l.works, l.failed = l.works[:0], l.failed[:0]
	defer func() { clear(l.works) }()
	var plain []*pending[W]
	for _, p := range batch {
		if !p.plain() {
			others = append(others, p)
		} else if p.begin() {
			plain = append(plain, p)
			l.works, l.failed = append(l.works, p.work), append(l.failed, nil)
		}
	}
	if len(plain) == 0 {
		return others, nil
	}
	if err := l.all.o.Together(ctx, tx, l.works, l.failed); err != nil {
		return nil, fmt.Errorf("%w: %w", errTogether, err)
	}
	for i, p := range plain {
		if p.err = l.failed[i]; p.err == nil {
			l.hasRun(p)
		}
	}
	return others, nil
}

func (l *lane[W]) commitTx(ctx context.Context, tx Tx) error {
	err := tx.Commit(ctx)
	switch {
	case err == nil:
		return nil
	case l.all.eng.Unsure(err):
		return fmt.Errorf("commit: %w: %w", ErrUnsure, err)
	}
	return fmt.Errorf("commit: %w", err)
}

package store

import (
	"context"
	"encoding/json"
	"fmt"
)

// WriteOnce is Write for a call that makes one transaction, or for that of its transactions which must not be
// done twice. What fn leaves in results, which are pointers, is stored with the change where the call has a
// key. A repeat of a call that was done, and whose answer was lost, is given that, and fn does not run: so
// it is answered as the call would have been. Of several such writes of a call, and of one that NoteCall was
// told of, none is treated so.
func (s *Store) WriteOnce(ctx context.Context, shard int64, fn func(context.Context, *Tx) error, results ...any) error {
	claim := claimOnce(ctx)
	if claim == nil {
		return s.Write(ctx, shard, fn)
	}
	return s.Write(ctx, shard, func(ctx context.Context, tx *Tx) error { return tx.once(ctx, claim, fn, results) })
}

// claimOnce is the claim of ctx's call for the write of it that is to be done once, nil where that was another, or
// is not to be treated so.
func claimOnce(ctx context.Context) *Claim {
	if c := CallOf(ctx); c != nil && c.Claim != nil && c.once.CompareAndSwap(false, true) {
		return c.Claim
	}
	return nil
}

// once does fn and keeps what it leaves in results, unless that was done before.
func (tx *Tx) once(ctx context.Context, c *Claim, fn func(context.Context, *Tx) error, results []any) error {
	done, err := c.restore(results)
	if done || err != nil {
		return err
	}
	if err := fn(ctx, tx); err != nil {
		return err
	}
	return tx.keepOutcome(ctx, c, results)
}

// restore sets results to what the call has come to already; done is false where it was not done.
func (c *Claim) restore(results []any) (done bool, err error) {
	if len(c.outcome) == 0 {
		return false, nil
	}
	var stored []json.RawMessage
	err = json.Unmarshal(c.outcome, &stored)
	for i := range min(len(stored), len(results)) {
		if err == nil {
			err = json.Unmarshal(stored[i], results[i])
		}
	}
	if err != nil {
		return false, fmt.Errorf("read what a call has come to: %w", err)
	}
	return true, nil
}

// keepOutcome stores what a call has come to. It is ErrClaimed where somebody else has taken it over.
func (tx *Tx) keepOutcome(ctx context.Context, c *Claim, results []any) error {
	outcome, err := json.Marshal(results)
	if err != nil {
		return fmt.Errorf("store what a call has come to: %w", err)
	}
	n, err := tx.conn.Exec(ctx, `UPDATE keyed_calls SET outcome = $1 WHERE app_id = $2 AND call_key = $3 AND owner = $4`,
		outcome, c.App, c.Key, c.owner)
	if err == nil && n == 0 {
		return ErrClaimed
	}
	return err
}

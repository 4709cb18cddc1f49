package store

import (
	"context"
	"sync/atomic"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Call is what the transaction of a call writes down of the call itself, before anything else:
// so it is stored exactly if the change is. Where a call makes several transactions, the first that
// is committed does so.
type Call struct {
	Claim *Claim           // nil for a call without a key
	Audit *chat.AuditEntry // nil for one that leaves no trace

	noted atomic.Bool
	once  atomic.Bool // one of its writes is WriteOnce's, or none may be
}

type callKey struct{}

// NoteCall writes the call of ctx down by itself, unless it was or there is none: for calls that make
// several transactions at once.
func (s *Store) NoteCall(ctx context.Context) error {
	if c := CallOf(ctx); c != nil {
		c.once.Store(true)
	}
	if toNote(ctx) == nil {
		return nil
	}
	return s.Write(ctx, 0, func(context.Context, *Tx) error { return nil })
}

// ForCall returns a context whose writes are those of a call.
func ForCall(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// CallOf is the call whose context it is, nil for none.
func CallOf(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// ClaimOf is the claim of the call whose context it is, nil where it has no key.
func ClaimOf(ctx context.Context) *Claim {
	if c := CallOf(ctx); c != nil {
		return c.Claim
	}
	return nil
}

// Noted reports whether a transaction that was committed has written the call down.
func (c *Call) Noted() bool { return c != nil && c.noted.Load() }

// toNote is the call that a write of ctx's is to write down, nil for none.
func toNote(ctx context.Context) *Call {
	if c := CallOf(ctx); c != nil && !c.noted.Load() {
		return c
	}
	return nil
}

// settle notes how a write has ended that was to write c down.
func (c *Call) settle(err error) {
	if c != nil && err == nil {
		c.noted.Store(true)
	}
}

// note writes c down in w. It is ErrClaimed where the call is somebody else's.
func (c *Call) note(ctx context.Context, w *write) error {
	if c == nil {
		return nil
	}
	now := w.tx.store.nowMS()
	var list []engine.Statement
	if c.Claim != nil {
		list = append(list, c.Claim.statement(now))
	}
	if c.entry() != nil && !w.notesAudit() {
		list = append(list, auditStatement(*c.Audit, now))
	}
	if len(list) == 0 {
		return nil
	}
	return w.tx.conn.Pipeline(ctx, list)
}

// entry is what the call has still to leave in the audit log, nil for nothing: where it is done again, since its
// answer was lost, the entry was committed with the claim.
func (c *Call) entry() *chat.AuditEntry {
	if c == nil || c.Claim != nil && c.Claim.after != "" {
		return nil
	}
	return c.Audit
}

// notesAudit says that the statement of w itself writes into the audit log.
func (w *write) notesAudit() bool { return w.fn == nil && w.opens != nil }

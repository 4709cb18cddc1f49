package service

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// ActingAs returns a context in which what operators do is written into the audit log, in the
// transaction of what they change, as an actor's.
func ActingAs(ctx context.Context, a chat.Actor) context.Context { return store.ActingAs(ctx, a) }

// Audited does what a backend asks for, and has it written into the audit log: in the transaction of its
// change, or with the code of what refused it. Faults of parameters, and what is to be tried again, leave
// nothing.
func (s *Service) Audited(ctx context.Context, e chat.AuditEntry, do func(context.Context) error) error {
	e.Result = chat.AuditOK
	call := store.CallOf(ctx)
	if call == nil {
		call = &store.Call{}
		ctx = store.ForCall(ctx, call)
	}
	call.Audit = &e
	err := do(ctx)
	if code := chat.CodeOf(err); !call.Noted() && refusal(code) {
		refused := e
		refused.Result = string(code)
		s.auditRefusal(ctx, refused)
	}
	return err
}

// refusal reports whether a code is of what somebody was refused who has asked for something.
func refusal(c chat.Code) bool {
	return c == chat.CodeForbidden || c == chat.CodeNotFound || c == chat.CodeConflict
}

// refusalTime bounds how long a refused call waits for its entry.
const refusalTime = time.Second

// auditRefusal writes down what was refused. Nothing was changed, so a log that cannot be written does not
// change the answer.
func (s *Service) auditRefusal(ctx context.Context, e chat.AuditEntry) {
	ctx, cancel := context.WithTimeout(store.ForCall(ctx, nil), refusalTime)
	defer cancel()
	_ = s.store.Write(ctx, shardOf(e.App, "audit", ""), func(ctx context.Context, tx *store.Tx) error {
		return tx.Audit(ctx, e)
	})
}

// MaxAuditListed bounds the entries of one page of the audit log.
const MaxAuditListed = 1000

// AuditLog lists up to f.Limit entries of the App; more says that others follow.
func (b Backend) AuditLog(ctx context.Context, f chat.AuditFilter) (list []chat.AuditEntry, more bool, err error) {
	return b.auditLog(ctx, b.app.ID, f)
}

// AuditLog lists up to f.Limit entries of an App, for operators; more says that others follow.
func (s *Service) AuditLog(
	ctx context.Context, app chat.App, f chat.AuditFilter,
) (list []chat.AuditEntry, more bool, err error) {
	return s.auditLog(ctx, app.ID, f)
}

func (c *core) auditLog(
	ctx context.Context, app chat.AppID, f chat.AuditFilter,
) (list []chat.AuditEntry, more bool, err error) {
	limit := f.Limit
	if limit < 1 || limit > MaxAuditListed {
		return nil, false, chat.Invalid("limit", "must be from 1 to %d", MaxAuditListed)
	}
	f.Limit++
	list, err = c.store.AuditLog(ctx, app, f)
	if len(list) > limit {
		return list[:limit], true, err
	}
	return list, false, err
}

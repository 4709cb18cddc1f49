package store

import (
	"context"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

type auditKey struct{}

// ActingAs returns a context in which operators' changes are written into the audit log, as those of
// an actor.
func ActingAs(ctx context.Context, a chat.Actor) context.Context {
	return context.WithValue(ctx, auditKey{}, a)
}

// operation is what an operator does, to be written into the audit log.
type operation struct {
	actor  chat.Actor // none where nothing is to be written
	action string
}

// operationBy is what the actor of ctx does.
func operationBy(ctx context.Context, action string) operation {
	actor, _ := ctx.Value(auditKey{}).(chat.Actor)
	return operation{actor, action}
}

// JobOperation is what is done about a job, for the audit log.
type JobOperation struct{ operation }

// JobOperationBy is what the actor of ctx does about jobs: an action such as job drop.
func JobOperationBy(ctx context.Context, action string) JobOperation {
	return JobOperation{operationBy(ctx, action)}
}

// On writes down to which job it was done.
func (o JobOperation) On(ctx context.Context, tx *Tx, j chat.Job) error {
	return o.on(ctx, tx, j.App, chat.Object{Kind: "job", ID: strconv.FormatInt(int64(j.ID), 10)})
}

// on writes down what it was done to.
func (o operation) on(ctx context.Context, tx *Tx, app chat.AppID, object chat.Object) error {
	if o.actor.Kind == "" {
		return nil
	}
	return tx.Audit(ctx, chat.AuditEntry{App: app, Actor: o.actor, Action: o.action, Object: object, Result: chat.AuditOK})
}

// auditColumns are those of an entry but for its id.
const auditColumns = `app_id, created_at, actor_kind, actor, action, object_kind, object, users, user_count, address,
	request_id, result`

const insertAudit = `INSERT INTO audit (` + auditColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
	RETURNING id`

// auditArgs are the values of auditColumns.
func auditArgs(e chat.AuditEntry, now int64) []any {
	users := make([]string, min(len(e.Users), chat.MaxAuditUsers))
	for i := range users {
		users[i] = auditText(e.Users[i])
	}
	return []any{
		e.App, now, string(e.Actor.Kind), auditText(e.Actor.Name), auditText(e.Action),
		auditText(e.Object.Kind), auditText(e.Object.ID), engine.JSON(users), e.UserCount,
		auditText(e.Origin.Address), auditText(e.Origin.RequestID), auditText(e.Result),
	}
}

// auditText cuts what is too long for the log, and what PostgreSQL does not take.
func auditText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	if r := []rune(s); len(r) > chat.MaxAuditText {
		return string(r[:chat.MaxAuditText])
	}
	return s
}

func auditStatement(e chat.AuditEntry, now int64) engine.Statement {
	return engine.Statement{Query: insertAudit, Args: auditArgs(e, now), Scan: func(r engine.Row) error {
		var id chat.AuditID
		return r.Scan(&id)
	}}
}

// auditArgs are the parameters by which the statement that makes a room writes into the audit log:
// whether it does, and the values of auditColumns behind the first two.
func (w *write) auditArgs(now int64) []any {
	e := w.call.entry()
	if e == nil {
		return append([]any{false}, auditArgs(chat.AuditEntry{}, now)[2:]...)
	}
	return append([]any{true}, auditArgs(*e, now)[2:]...)
}

// Audit writes an entry into the audit log. The store gives it its id and its time.
func (tx *Tx) Audit(ctx context.Context, e chat.AuditEntry) error {
	return tx.conn.Pipeline(ctx, []engine.Statement{auditStatement(e, tx.store.nowMS())})
}

// AuditLog lists entries of an App by their times, those of one time by their ids.
func (s *Store) AuditLog(ctx context.Context, app chat.AppID, f chat.AuditFilter) (list []chat.AuditEntry, err error) {
	query, args := auditQuery(app, f)
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		e := chat.AuditEntry{}
		var users []byte
		err := r.Scan(&e.ID, &e.App, &e.CreatedAt, (*string)(&e.Actor.Kind), &e.Actor.Name, &e.Action, &e.Object.Kind,
			&e.Object.ID, &users, &e.UserCount, &e.Origin.Address, &e.Origin.RequestID, &e.Result)
		if err == nil {
			err = json.Unmarshal(users, &e.Users)
		}
		list = append(list, e)
		return err
	}, query, args...)
	return list, s.explain(err)
}

// auditQuery has only those conditions that the filter asks for, so that each is found by an index.
func auditQuery(app chat.AppID, f chat.AuditFilter) (query string, args []any) {
	var b strings.Builder
	with := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		b.WriteString(condition)
	}
	with(`SELECT a.id, a.app_id, a.created_at, a.actor_kind, a.actor, a.action, a.object_kind, a.object, a.users,
		a.user_count, a.address, a.request_id, a.result FROM audit a WHERE a.app_id = ?`, app)
	if f.Object.Kind != "" {
		with(` AND a.object_kind = ? AND a.object = ?`, f.Object.Kind, f.Object.ID)
	}
	if f.Action != "" {
		with(` AND a.action = ?`, f.Action)
	}
	if f.From != 0 {
		with(` AND a.created_at >= ?`, f.From)
	}
	if f.Until == 0 {
		f.Until = math.MaxInt64 // a bound in any case, so that the search begins at an end of it
	}
	with(` AND a.created_at < ?`, f.Until)
	order, beyond := "DESC", "<"
	if f.OldestFirst {
		order, beyond = "ASC", ">"
	}
	if f.Before != (chat.AuditPlace{}) {
		with(` AND (a.created_at, a.id) `+beyond+` (?, ?)`, f.Before.CreatedAt, f.Before.ID)
	}
	with(` ORDER BY a.created_at `+order+`, a.id `+order+` LIMIT ?`, f.Limit)
	return b.String(), args
}

// PruneAudit forgets some of the oldest entries, if they are from before a time; more says that there
// may be others. It is what the setting audit-retention asks for; nothing else takes entries away.
func (s *Store) PruneAudit(ctx context.Context, before time.Time) (more bool, err error) {
	const oldest = `SELECT o.id FROM (SELECT a.id, a.created_at FROM audit a WHERE a.id > 0 ORDER BY a.id LIMIT $1) o WHERE o.created_at < $2`
	var due bool
	err = s.eng.Row(ctx, `SELECT EXISTS (`+oldest+`)`, prunedAtOnce, before.UnixMilli()).Scan(&due)
	if err != nil || !due {
		return false, s.explain(err)
	}
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `DELETE FROM audit WHERE id IN (`+oldest+`)`, prunedAtOnce, before.UnixMilli())
		more = n == prunedAtOnce
		return err
	})
	return more, err
}

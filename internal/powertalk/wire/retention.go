package wire

import "parlor/internal/chat"

// Retention is the answer of retention/set.
type Retention struct{ Rule chat.RetentionRule }

// AppendJSON appends the answer's data object.
func (a Retention) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.open("rule")
	w.retention(&a.Rule)
	w.end()
	w.end()
	return w.b
}

// Retentions is the answer of retention/list.
type Retentions struct{ Rules []chat.RetentionRule }

// AppendJSON appends the answer's data object.
func (a Retentions) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("rules")
	for i := range a.Rules {
		w.item()
		w.retention(&a.Rules[i])
		w.end()
	}
	w.endList()
	w.end()
	return w.b
}

func (w *writer) retention(r *chat.RetentionRule) {
	w.str("tag", r.Tag)
	w.num("days", int64(r.Days))
	w.num("created", r.CreatedAt)
	w.num("updated", r.UpdatedAt)
	w.num("nextRunTime", r.NextAt)
	w.flag("isRunning", r.Running())
	w.num("lastRunTime", r.StartedAt)
	finished := r.FinishedAt
	if r.Running() {
		finished = 0
	}
	w.num("lastRunFinishedTime", finished)
	w.freed("lastRun", r.Run)
	w.freed("total", r.Total)
}

func (w *writer) freed(name string, f chat.Freed) {
	w.open(name)
	w.num("messages", f.Messages)
	w.num("files", f.Files)
	w.num("bytes", f.Bytes)
	w.end()
}

package wire

import "parlor/internal/chat"

// Reports is the answer of report/list.
type Reports struct {
	Reports []chat.ReportView
	More    bool
}

// AppendJSON appends the answer's data object.
func (a Reports) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("reports")
	for i := range a.Reports {
		w.item()
		w.report(&a.Reports[i])
		w.end()
	}
	w.endList()
	w.flag("hasMore", a.More)
	w.end()
	return w.b
}

func (w *writer) report(r *chat.ReportView) {
	w.id("reportID", int64(r.ID))
	w.str("category", r.Category)
	w.flag("isOtherCategory", r.Other)
	w.str("reason", r.Reason)
	w.num("created", r.At)
	w.str("state", string(r.State()))
	w.num("resolved", r.ResolvedAt)
	w.str("resolvedBy", r.ResolvedBy)
	w.str("note", r.Note)
	w.reportedUser("reporter", r.By)
	w.reportedUser("user", r.About)
	if r.Of != nil {
		w.open("message")
		w.message(r.Of, forBackend)
		w.end()
	}
}

func (w *writer) reportedUser(name string, u *chat.User) {
	w.open(name)
	w.user(u)
	w.num("deleted", u.DeletedAt)
	w.end()
}

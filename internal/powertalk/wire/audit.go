package wire

import (
	"strconv"
	"strings"

	"parlor/internal/chat"
)

// Audit is the answer of audit/list.
type Audit struct {
	Entries []chat.AuditEntry
	More    bool
}

// AppendJSON appends the answer's data object.
func (a Audit) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("entries")
	for i := range a.Entries {
		w.item()
		w.audit(&a.Entries[i])
		w.end()
	}
	w.endList()
	w.flag("hasMore", a.More)
	w.end()
	return w.b
}

// AppendAuditEntry appends one entry as an object.
func AppendAuditEntry(b []byte, e *chat.AuditEntry) []byte {
	w := writer{b: append(b, '{')}
	w.audit(e)
	w.end()
	return w.b
}

func (w *writer) audit(e *chat.AuditEntry) {
	w.str("entryID", AuditPlace(chat.AuditPlace{CreatedAt: e.CreatedAt, ID: e.ID}))
	w.num("created", e.CreatedAt)
	w.str("actorType", string(e.Actor.Kind))
	w.str("actor", e.Actor.Name)
	w.str("action", e.Action)
	w.str("objectType", e.Object.Kind)
	w.str("objectID", e.Object.ID)
	w.strs("xcUserIDs", e.Users)
	w.num("userCount", int64(e.UserCount))
	w.str("address", e.Origin.Address)
	w.str("requestID", e.Origin.RequestID)
	w.str("result", e.Result)
}

// AuditPlace is an entry's id: its place in the log.
func AuditPlace(p chat.AuditPlace) string {
	return strconv.FormatInt(p.CreatedAt, 10) + "-" + strconv.FormatInt(int64(p.ID), 10)
}

// ParseAuditPlace reads what AuditPlace has written.
func ParseAuditPlace(s string) (p chat.AuditPlace, ok bool) {
	at, id, ok := strings.Cut(s, "-")
	if !ok {
		return p, false
	}
	created, err := strconv.ParseUint(at, 10, 62)
	if err != nil {
		return p, false
	}
	n, err := strconv.ParseUint(id, 10, 62)
	return chat.AuditPlace{CreatedAt: int64(created), ID: chat.AuditID(n)}, err == nil // #nosec G115 -- 62 bits
}

package client

import (
	"context"
	"iter"
	"time"
)

// AuditEntry says who has changed something of the app, and what (docs/operations.md, "Audit log").
type AuditEntry struct {
	ID         string   `json:"entryID"`
	Created    Time     `json:"created"`
	ActorType  string   `json:"actorType"` // server_key, operator or server
	Actor      string   `json:"actor"`     // the key's id, or the operator's account
	Action     string   `json:"action"`    // the call's path, or the command
	ObjectType string   `json:"objectType"`
	ObjectID   string   `json:"objectID"`
	XCUserIDs  []string `json:"xcUserIDs"` // users whom the call named besides, the first 100 of them
	UserCount  int      `json:"userCount"` // how many those are in all
	Address    string   `json:"address"`   // where the call came from
	RequestID  string   `json:"requestID"`
	Result     string   `json:"result"` // ok, or what refused it
}

// AuditFilter says which entries Audit lists. The zero value is all.
type AuditFilter struct {
	From, Until time.Time `json:"-"` // Until excluded
	Action      string    `json:"action,omitzero"`
	ObjectType  string    `json:"objectType,omitzero"` // with ObjectID
	ObjectID    string    `json:"objectID,omitzero"`
}

// Audit lists the entries of the app's audit log that pass a filter, the newest first, page by page while it is
// ranged over. It ends with the first error.
func (b *Backend) Audit(ctx context.Context, f AuditFilter) iter.Seq2[AuditEntry, error] {
	return pages(func(before string) (list []AuditEntry, next string, err error) {
		var page struct {
			Entries []AuditEntry
			HasMore bool
		}
		err = b.do(ctx, "audit/list", struct {
			AuditFilter
			From   int64  `json:"from,omitzero"`
			Until  int64  `json:"until,omitzero"`
			Before string `json:"before,omitzero"`
		}{f, milliseconds(f.From), milliseconds(f.Until), before}, &page)
		if n := len(page.Entries); page.HasMore && n > 0 {
			next = page.Entries[n-1].ID
		}
		return page.Entries, next, err
	})
}

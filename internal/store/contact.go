package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
)

// Contact is one user in another's contact list. It says nothing of the reverse.
type Contact struct{ Owner, User chat.UserID }

// SyncContacts adds contacts, then deletes others, and counts the rows that this really
// added and deleted. The users must have been found in the caller's App.
func (tx *Tx) SyncContacts(ctx context.Context, add, remove []Contact) (added, removed int64, err error) {
	pairs := tx.store.eng.pairs("$1")
	added, err = tx.exec(ctx, `INSERT INTO contacts (owner_id, contact_id, created_at)
		SELECT a, b, $2 FROM `+pairs+` x WHERE TRUE ON CONFLICT (owner_id, contact_id) DO NOTHING`,
		pairText(add), tx.store.nowMS())
	if err != nil {
		return 0, 0, err
	}
	removed, err = tx.exec(ctx, `DELETE FROM contacts WHERE (owner_id, contact_id) IN (SELECT a, b FROM `+pairs+` x)`,
		pairText(remove))
	return added, removed, err
}

// pairText is the list in one order on every node, so that two of them do not wait for
// each other's rows.
func pairText(list []Contact) string {
	pairs := make([][2]int64, len(list))
	for i, c := range list {
		pairs[i] = [2]int64{int64(c.Owner), int64(c.User)}
	}
	slices.SortFunc(pairs, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
	return jsonText(pairs)
}

package store

import (
	"context"

	"parlor/internal/chat"
)

// Contact is one user in another's contact list. It says nothing of the reverse.
type Contact struct{ Owner, User chat.UserID }

// SyncContacts adds contacts, then deletes others, and counts the rows that this really
// added and deleted. The users must have been found in the caller's App.
func (tx *Tx) SyncContacts(ctx context.Context, add, remove []Contact) (added, removed int64, err error) {
	now := tx.store.nowMS()
	for _, c := range add {
		n, err := tx.exec(ctx, `INSERT INTO contacts (owner_id, contact_id, created_at) VALUES ($1, $2, $3)
			ON CONFLICT (owner_id, contact_id) DO NOTHING`, c.Owner, c.User, now)
		if err != nil {
			return 0, 0, err
		}
		added += n
	}
	for _, c := range remove {
		n, err := tx.exec(ctx, `DELETE FROM contacts WHERE owner_id = $1 AND contact_id = $2`, c.Owner, c.User)
		if err != nil {
			return 0, 0, err
		}
		removed += n
	}
	return added, removed, nil
}

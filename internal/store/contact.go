package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Contact is one user in another's contact list. It says nothing of the reverse.
type Contact struct{ Owner, User chat.UserID }

// SyncContacts adds contacts, then deletes others, and counts the rows that this really
// added and deleted. The users must have been found in the caller's App.
func (tx *Tx) SyncContacts(ctx context.Context, add, remove []Contact) (added, removed int64, err error) {
	pairs := tx.store.eng.RowsOf("$1", 2)
	added, err = tx.conn.Exec(ctx, `INSERT INTO contacts (owner_id, contact_id, created_at)
		SELECT a, b, $2 FROM `+pairs+` x WHERE TRUE ON CONFLICT (owner_id, contact_id) DO NOTHING`,
		pairText(add), tx.store.nowMS())
	if err != nil {
		return 0, 0, err
	}
	removed, err = tx.conn.Exec(ctx, `DELETE FROM contacts WHERE (owner_id, contact_id) IN (SELECT a, b FROM `+pairs+` x)`,
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
	return engine.JSON(pairs)
}

// Contacts lists up to limit live users whom owner has as contacts and has not blocked, by name.
func (s *Store) Contacts(
	ctx context.Context, app chat.AppID, owner chat.UserID, limit int,
) (users []*chat.User, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		u, err := scanUser(r)
		users = append(users, &u)
		return err
	}, `SELECT `+userColumns+` FROM contacts c JOIN users u ON u.id = c.contact_id`+userRoleJoin+`
		WHERE c.owner_id = $1 AND +u.app_id = $2 AND u.deleted_at = 0
			AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = $1 AND b.blocked_id = u.id)
		ORDER BY u.fullname, u.id LIMIT $3`, owner, app, limit)
	return users, s.explain(err)
}

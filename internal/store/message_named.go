package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// NamedUser is a user whom something names that is to be stored, and what the user was called when that was looked up.
// An erasure gives its user another customer's id, and nothing else does.
type NamedUser struct {
	ID   chat.UserID
	XCID string
}

// ErrErased says that nothing was stored, since a user whom it names was erased meanwhile.
var ErrErased = chat.Errorf(chat.CodeUnavailable, "A user who is named here was erased just now; try again")

// HoldNamed is ErrErased where one of users was erased since they were looked up, and keeps them from being erased
// until the commit: so an erasure finds what names its user, or was there before.
func (tx *Tx) HoldNamed(ctx context.Context, users []NamedUser) error {
	if len(users) == 0 {
		return nil
	}
	var n int
	err := tx.conn.Row(ctx, tx.store.heldNamed(), tx.store.namedArgs(users)...).Scan(&n)
	if err == nil && n < len(users) {
		err = ErrErased
	}
	return err
}

// heldNamed counts those of users $1 who are called $2 still, and holds them.
func (s *Store) heldNamed() string {
	return `SELECT COUNT(*)` + s.eng.HoldEach(s.eng.Named("$1", "$2"), "users", "m.id = k.value AND m.xc_user_id = k.name")
}

func (s *Store) namedArgs(users []NamedUser) []any {
	ids, names := make([]int64, len(users)), make([]string, len(users))
	for i, u := range users {
		ids[i], names[i] = int64(u.ID), u.XCID
	}
	return []any{s.eng.IDListArg(ids), s.eng.ListArg(names)}
}

// holdAllNamed is HoldNamed for writes that are sent in one go: a statement to be sent before theirs, if there is one.
func (s *Store) holdAllNamed(writes []*write) []engine.Statement {
	var users []NamedUser
	for _, w := range writes {
		for i := range w.appends {
			users = append(users, w.appends[i].Named...)
		}
	}
	if len(users) == 0 {
		return nil
	}
	return []engine.Statement{holding(s.heldNamed(), len(users), s.namedArgs(users)...)}
}

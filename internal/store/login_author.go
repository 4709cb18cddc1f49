package store

import (
	"context"
	"errors"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Author is in whose name something is written. The write is refused, as a whole, where at
// its commit Login, unless 0, is over, or User, unless 0, is deleted. So when the end of a
// login has been answered, nothing of its device is stored any more: every write was
// either committed before, or finds no login.
//
// On PostgreSQL a write holds the rows until its commit. Whoever ends the login deletes its
// row, and so waits for the writes that have found it; those that come later see that
// it is gone. (A look at the row alone would not do: a statement that has begun before the
// login ended sees it still, and may commit long after.) On SQLite writes follow one
// another.
type Author struct {
	Login chat.LoginID
	User  chat.UserID
}

// errAuthor says that one of the writes that were sent together is not to be stored.
var errAuthor = errors.New("a login is over or a user deleted")

// hold refuses writes of an author who may not write, and keeps things so until the commit.
func (tx *Tx) hold(ctx context.Context, by Author) error {
	if by.Login != 0 && !tx.store.cache.stands(by.Login) {
		ticket := tx.store.cache.ticket()
		n, err := tx.holdLogins(ctx, []int64{int64(by.Login)})
		if err != nil {
			return err
		}
		if n == 0 {
			return chat.TokenInvalid()
		}
		tx.store.cache.logins.put(by.Login, struct{}{}, ticket, stripeOf(loginRow{by.Login}))
	}
	if by.User != 0 {
		if u, ok := tx.store.cache.users.get(by.User); ok && u.DeletedAt == 0 {
			return nil
		}
		n, err := tx.holdUsers(ctx, []int64{int64(by.User)})
		if err == nil && n == 0 {
			err = chat.UserNotFound()
		}
		return err
	}
	return nil
}

// stands reports whether a login is known not to be over, which it is only where this
// process is the only writer. Other writes of the same commit do not count: they are
// answered together with the one that asks.
func (c *cache) stands(login chat.LoginID) bool {
	_, ok := c.logins.get(login)
	return ok
}

func (tx *Tx) holdLogins(ctx context.Context, ids []int64) (n int, err error) {
	err = tx.conn.Row(ctx, tx.store.heldLogins(), tx.store.eng.IDListArg(ids)).Scan(&n)
	return n, err
}

func (tx *Tx) holdUsers(ctx context.Context, ids []int64) (n int, err error) {
	err = tx.conn.Row(ctx, tx.store.heldUsers(), tx.store.eng.IDListArg(ids)).Scan(&n)
	return n, err
}

// heldLogins counts those of logins $1 that are not over, and holds them.
func (s *Store) heldLogins() string {
	return `SELECT COUNT(*) FROM (SELECT l.id FROM logins l WHERE ` + s.eng.IDInList("l.id", "$1") +
		s.eng.Locks("KEY SHARE", "l") + `) x`
}

// heldUsers counts those of users $1 who are not deleted, and holds them. What changes but
// a user's profile does not wait for it.
func (s *Store) heldUsers() string {
	return `SELECT COUNT(*) FROM (SELECT u.id FROM users u
		WHERE ` + s.eng.IDInList("u.id", "$1") + ` AND u.deleted_at = 0` +
		s.eng.Locks("KEY SHARE", "u") + `) x`
}

// holdAll is hold for writes that are sent in one go: statements to be sent before theirs.
func (s *Store) holdAll(writes []*write) (list []engine.Statement) {
	var logins, users []int64
	seen := map[Author]bool{}
	for _, w := range writes {
		login, user := Author{Login: w.by.Login}, Author{User: w.by.User}
		if login != (Author{}) && !seen[login] {
			logins = append(logins, int64(login.Login))
		}
		if user != (Author{}) && !seen[user] {
			users = append(users, int64(user.User))
		}
		seen[login], seen[user] = true, true
	}
	for _, held := range []struct {
		query string
		ids   []int64
	}{{s.heldLogins(), logins}, {s.heldUsers(), users}} {
		if len(held.ids) == 0 {
			continue
		}
		scan := func(r engine.Row) error {
			var n int
			if err := r.Scan(&n); err != nil || n < len(held.ids) {
				return errors.Join(err, errAuthor) // each by itself then finds out who it was
			}
			return nil
		}
		list = append(list, engine.Statement{Query: held.query, Args: []any{s.eng.IDListArg(held.ids)}, Scan: scan})
	}
	return list
}

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
	// XCID, if set, is to be the User's: one who has another is refused as if deleted. It is
	// how a User is checked who was looked up in the cache, whatever has happened to the
	// database since.
	XCID string
}

// errAuthor says that one of the writes that were sent together is not to be stored.
var errAuthor = errors.New("a login is over, or a user deleted or erased")

// hold refuses writes of an author who may not write, and keeps things so until the commit.
func (tx *Tx) hold(ctx context.Context, by Author) error {
	if by.Login != 0 && !tx.store.cache.stands(by.Login) {
		ticket := tx.store.cache.ticket()
		var n int
		err := tx.conn.Row(ctx, tx.store.heldLogins(), tx.store.eng.IDListArg([]int64{int64(by.Login)})).Scan(&n)
		if err != nil {
			return err
		}
		if n == 0 {
			return chat.TokenInvalid()
		}
		tx.store.cache.logins.put(by.Login, struct{}{}, ticket, stripeOf(loginRow{by.Login}))
	}
	if by.User != 0 {
		if u, ok := tx.store.cache.users.get(by.User); ok && u.DeletedAt == 0 && (by.XCID == "" || by.XCID == u.XCID) {
			return nil
		}
		var n int
		err := tx.conn.Row(ctx, tx.store.heldUsers(), tx.store.usersArgs([]Author{by})...).Scan(&n)
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

// heldLogins counts those of logins $1 that are not over, and holds them.
func (s *Store) heldLogins() string {
	return `SELECT COUNT(*)` + s.eng.HoldEach(s.eng.Ordered("$1"), "logins", "m.id = k.value")
}

// heldUsers counts those of users $1 who are not deleted, and who are called $2 where that is
// not empty, and holds them. What changes but
// a user's profile does not wait for it.
func (s *Store) heldUsers() string {
	return `SELECT COUNT(*)` + s.eng.HoldEach(s.eng.Named("$1", "$2"), "users",
		"m.id = k.value AND m.deleted_at = 0 AND (k.name = '' OR m.xc_user_id = k.name)")
}

// usersArgs are the parameters of heldUsers.
func (s *Store) usersArgs(users []Author) []any {
	ids, names := make([]int64, len(users)), make([]string, len(users))
	for i, by := range users {
		ids[i], names[i] = int64(by.User), by.XCID
	}
	return []any{s.eng.IDListArg(ids), s.eng.ListArg(names)}
}

// holdAll is hold for writes that are sent in one go: statements to be sent before theirs.
func (s *Store) holdAll(writes []*write) (list []engine.Statement) {
	var logins []int64
	var users []Author
	seen := map[Author]bool{}
	for _, w := range writes {
		login, user := Author{Login: w.by.Login}, Author{User: w.by.User, XCID: w.by.XCID}
		if login.Login != 0 && !seen[login] {
			logins = append(logins, int64(login.Login))
		}
		if user.User != 0 && !seen[user] {
			users = append(users, user)
		}
		seen[login], seen[user] = true, true
	}
	if len(logins) > 0 {
		list = append(list, holding(s.heldLogins(), len(logins), s.eng.IDListArg(logins)))
	}
	if len(users) > 0 {
		list = append(list, holding(s.heldUsers(), len(users), s.usersArgs(users)...))
	}
	return list
}

// holding is a statement that has to count n rows.
func holding(query string, n int, args ...any) engine.Statement {
	return engine.Statement{Query: query, Args: args, Scan: func(r engine.Row) error {
		var found int
		if err := r.Scan(&found); err != nil || found < n {
			return errors.Join(err, errAuthor) // each by itself then finds out who it was
		}
		return nil
	}}
}

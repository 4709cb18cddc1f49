package store

import (
	"context"
	"fmt"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

const userColumns = `u.id, u.app_id, u.xc_user_id, u.fullname, u.email, u.phone, u.username,
	u.photo_thumbnail, u.photo_fullsize, u.role_code, COALESCE(r.name, ''), COALESCE(r.icon_url, ''),
	u.last_login_at, u.last_activity_at, u.created_at, u.updated_at, u.deleted_at,
	u.bio, u.country_id, u.calling_code, u.phone_with_code, u.phone_verified, u.deactivated_at`

const (
	userRoleJoin = ` LEFT JOIN roles r ON r.app_id = u.app_id AND r.code = u.role_code `
	userSelect   = `SELECT ` + userColumns + ` FROM users u` + userRoleJoin
)

// scanUser reads userColumns, and what the query selects behind them into more.
func scanUser(r engine.Row, more ...any) (u chat.User, err error) {
	err = r.Scan(append([]any{
		(*int64)(&u.ID), (*int64)(&u.App), &u.XCID, &u.Fullname, &u.Email, &u.Phone, &u.Username,
		&u.Photo.Thumbnail, &u.Photo.Fullsize, &u.Role.Code, &u.Role.Name, &u.Role.IconURL,
		&u.LastLoginAt, &u.LastActivityAt, &u.CreatedAt, &u.UpdatedAt, &u.DeletedAt,
		&u.Bio, &u.CountryID, &u.CallingCode, &u.PhoneWithCode, &u.PhoneVerified, &u.DeactivatedAt,
	}, more...)...)
	return u, err
}

// PutUser creates or changes a user, and announces what sessions are to learn of it. A username
// that somebody else of the App has, in whatever case, is CodeInvalid.
func (tx *Tx) PutUser(ctx context.Context, app chat.AppID, up chat.UserUpdate) (chat.User, error) {
	u, _, err := tx.PutUserDue(ctx, app, up)
	return u, err
}

// PutUserDue is PutUser, which brings back a user who was deleted, and returns what is due
// in personal rooms, nil where they show of the user what they have shown before.
func (tx *Tx) PutUserDue(
	ctx context.Context, app chat.AppID, up chat.UserUpdate,
) (u chat.User, due *UserTask, err error) {
	u, old, err := tx.putUser(ctx, app, up)
	if err != nil || old.ID == 0 || u.Fullname == old.Fullname && u.Photo == old.Photo && old.DeletedAt == 0 {
		return u, nil, err
	}
	t, err := tx.setUserTask(ctx, u, old.DeletedAt > 0)
	return u, &t, err
}

// putUser returns the user as it is, and as it was, the zero value for a new one.
func (tx *Tx) putUser(ctx context.Context, app chat.AppID, up chat.UserUpdate) (u, old chat.User, err error) {
	old, err = scanUser(tx.conn.Row(ctx, userSelect+`WHERE u.app_id = $1 AND u.xc_user_id = $2`+
		tx.store.eng.ForUpdate("u"), app, up.XCID))
	exists := err == nil
	if err != nil && !engine.NoRows(err) {
		return old, old, err
	}
	u = up.Apply(old)
	u.App = app
	key := strings.ToLower(u.Username)
	if key != "" {
		var holder chat.UserID
		err := tx.conn.Row(ctx, `SELECT id FROM users WHERE app_id = $1 AND username_key = $2 AND username_key <> ''`,
			app, key).Scan(&holder)
		if err == nil && (!exists || holder != u.ID) {
			return u, old, chat.Invalid("username", "is already taken by another user")
		}
		if err != nil && !engine.NoRows(err) {
			return u, old, err
		}
	}
	now := tx.store.nowMS()
	u.DeletedAt = 0 // who is named again is back
	if exists && u == old {
		return u, old, nil // backends repeat such calls at every sign-in
	}
	if !exists {
		u.CreatedAt, u.UpdatedAt = now, now
		err := tx.conn.Row(ctx, `INSERT INTO users (app_id, xc_user_id, fullname, email, phone, username, username_key,
			photo_thumbnail, photo_fullsize, role_code, created_at, updated_at,
			bio, country_id, calling_code, phone_with_code, phone_verified, phone_key)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14, $15, $16, $17) RETURNING id`,
			app, u.XCID, u.Fullname, u.Email, u.Phone, u.Username, key,
			u.Photo.Thumbnail, u.Photo.Fullsize, u.Role.Code, now,
			u.Bio, u.CountryID, u.CallingCode, u.PhoneWithCode, u.PhoneVerified, u.PhoneKey()).Scan(&u.ID)
		if err == nil {
			err = tx.Record(ctx, chat.FeedEvent{App: app, Kind: chat.FeedUserCreated, User: u.ID})
		}
		if err != nil {
			return u, old, fmt.Errorf("insert user: %w", err)
		}
	} else {
		// Devices take a profile only when it is newer than theirs, whatever the clock did.
		u.UpdatedAt = max(now, old.UpdatedAt+1)
		_, err := tx.conn.Exec(ctx, `UPDATE users SET fullname = $1, email = $2, phone = $3, username = $4, username_key = $5,
			photo_thumbnail = $6, photo_fullsize = $7, role_code = $8, updated_at = $9, deleted_at = 0,
			bio = $12, country_id = $13, calling_code = $14, phone_with_code = $15, phone_verified = $16, phone_key = $17
			WHERE id = $10 AND app_id = $11`,
			u.Fullname, u.Email, u.Phone, u.Username, key,
			u.Photo.Thumbnail, u.Photo.Fullsize, u.Role.Code, u.UpdatedAt, u.ID, app,
			u.Bio, u.CountryID, u.CallingCode, u.PhoneWithCode, u.PhoneVerified, u.PhoneKey())
		if err != nil {
			return u, old, fmt.Errorf("update user: %w", err)
		}
		touch(tx, userRow{u.ID})
		if err := tx.announceUser(ctx, app, u.ID, chat.FeedUserUpdated); err != nil {
			return u, old, err
		}
	}
	if u.Role.Code != old.Role.Code || old.DeletedAt > 0 && u.Role.Code != "" {
		touch(tx, roleHolders{app, old.Role.Code})
		touch(tx, roleHolders{app, u.Role.Code})
		return u, old, tx.Announce(ctx, &chat.RolesChanged{App: app, Users: []chat.UserID{u.ID}})
	}
	return u, old, nil
}

// SetBio stores what a live user says of themselves, and announces it unless it was so before.
func (tx *Tx) SetBio(ctx context.Context, app chat.AppID, user chat.UserID, bio string) error {
	n, err := tx.conn.Exec(ctx, `UPDATE users SET bio = $1,
			updated_at = CASE WHEN updated_at >= $2 THEN updated_at + 1 ELSE $2 END
		WHERE id = $3 AND app_id = $4 AND deleted_at = 0 AND bio <> $1`, bio, tx.store.nowMS(), user, app)
	if err != nil || n == 0 {
		return err
	}
	touch(tx, userRow{user})
	return tx.announceUser(ctx, app, user, chat.FeedUserUpdated)
}

// announceUser has sessions and the App's backend told that a user has changed.
func (tx *Tx) announceUser(ctx context.Context, app chat.AppID, user chat.UserID, kind chat.FeedKind) error {
	if err := tx.Announce(ctx, &chat.UserUpdated{App: app, User: user}); err != nil {
		return err
	}
	return tx.Record(ctx, chat.FeedEvent{App: app, Kind: kind, User: user})
}

// UserID finds a live user by the customer's id, or CodeNotFound.
func (s *Store) UserID(ctx context.Context, app chat.AppID, xc string) (chat.UserID, error) {
	ids, err := s.UserIDs(ctx, app, []string{xc})
	if err != nil {
		return 0, err
	}
	id, ok := ids[xc]
	if !ok {
		return 0, chat.Missing(chat.UserNotFound(), xc)
	}
	return id, nil
}

// UserIDEver finds a user of the App by the customer's id, deleted or not, or CodeNotFound.
func (s *Store) UserIDEver(ctx context.Context, app chat.AppID, xc string) (id chat.UserID, err error) {
	err = s.eng.Row(ctx, `SELECT id FROM users WHERE app_id = $1 AND xc_user_id = $2 AND xc_user_id <> ''`, app, xc).Scan(&id)
	if engine.NoRows(err) {
		return 0, chat.Missing(chat.UserNotFound(), xc)
	}
	return id, s.explain(err)
}

// AuthorOf finds the live user in whose name something is to be written by the customer's id,
// or CodeNotFound. It may go by what was read earlier: the user may be deleted by now, or, where
// the database has fallen back to an earlier state, be somebody else. Then the write is
// refused, and to ask with fresh set tells why.
func (s *Store) AuthorOf(ctx context.Context, app chat.AppID, xc string, fresh bool) (Author, error) {
	if id, ok := s.cache.names.get(xcKey{app, xc}); ok && !fresh {
		return Author{User: id, XCID: xc}, nil
	}
	ticket := s.cache.ticket()
	by := Author{XCID: xc}
	err := s.eng.Row(ctx, `SELECT id FROM users WHERE app_id = $1 AND xc_user_id = $2 AND xc_user_id <> '' AND deleted_at = 0`,
		app, xc).
		Scan(&by.User)
	switch {
	case engine.NoRows(err):
		s.cache.names.drop(xcKey{app, xc})
		return by, chat.Missing(chat.UserNotFound(), xc)
	case err == nil:
		s.cache.names.put(xcKey{app, xc}, by.User, ticket)
	}
	return by, s.explain(err)
}

// UserIDs finds live users by the customer's ids; those that do not exist are absent
// from the result. The App's own user has no such id and is never found.
func (s *Store) UserIDs(ctx context.Context, app chat.AppID, xcs []string) (map[string]chat.UserID, error) {
	found := make(map[string]chat.UserID, len(xcs))
	var missing []string
	for _, xc := range xcs {
		if id, ok := s.cache.userIDs.get(xcKey{app, xc}); ok {
			found[xc] = id
		} else if xc != "" {
			missing = append(missing, xc)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	ticket := s.cache.ticket()
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		var xc string
		if err := r.Scan(&id, &xc); err != nil {
			return err
		}
		found[xc] = id
		s.cache.userIDs.put(xcKey{app, xc}, id, ticket, stripeOf(userRow{id}))
		return nil
	}, `SELECT m.id, m.xc_user_id`+s.usersNamed(), app, s.eng.ListArg(missing))
	return found, s.explain(err)
}

// usersNamed is a FROM: those users of App $1, as m, who are not deleted and have the
// customer's ids $2. Each is looked for by itself: left to choose, a planner that knows
// nothing of the table yet reads all of the App's users.
func (s *Store) usersNamed() string {
	return s.eng.ForEach(s.eng.Texts("$2"), "users", "m.app_id = $1 AND m.xc_user_id = k.value AND m.deleted_at = 0")
}

// UsersByXCID finds live users by the customer's ids; those that do not exist are absent
// from the result. They are shared with other callers and must not be changed.
func (s *Store) UsersByXCID(ctx context.Context, app chat.AppID, xcs []string) (map[string]*chat.User, error) {
	found := make(map[string]*chat.User, len(xcs))
	var missing []string
	for _, xc := range xcs {
		id, ok := s.cache.userIDs.get(xcKey{app, xc})
		if ok {
			found[xc], ok = s.cache.users.get(id)
		}
		if !ok && xc != "" {
			missing = append(missing, xc)
		}
		if !ok {
			delete(found, xc)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	ticket := s.cache.ticket()
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		u, err := scanUser(r)
		if err != nil {
			return err
		}
		found[u.XCID] = &u
		s.cache.userIDs.put(xcKey{app, u.XCID}, u.ID, ticket, stripeOf(userRow{u.ID}))
		s.keepUser(&u, ticket)
		return nil
	}, `SELECT `+userColumns+` FROM (SELECT m.*`+s.usersNamed()+`) u`+userRoleJoin, app, s.eng.ListArg(missing))
	return found, s.explain(err)
}

// keepUser puts a user who was read after ticket into the cache, unless it is large.
func (s *Store) keepUser(u *chat.User, ticket int64) {
	if len(u.Fullname)+len(u.Email)+len(u.Bio)+len(u.Photo.Thumbnail)+len(u.Photo.Fullsize)+len(u.Role.IconURL) <= cachedTextBytes {
		s.cache.users.put(u.ID, u, ticket, stripeOf(userRow{u.ID}), stripeOf(roleRow{u.App, u.Role.Code}))
	}
}

// Users finds users of the App by their ids, deleted ones included: one for each id, nil
// where there is none. They are shared with other callers and must not be changed.
func (s *Store) Users(ctx context.Context, app chat.AppID, ids []chat.UserID) ([]*chat.User, error) {
	users := make([]*chat.User, len(ids))
	read := make(map[chat.UserID]*chat.User) // of many ids most are the same few
	var missing []int64
	for i, id := range ids {
		u, known := read[id]
		if !known {
			var ok bool
			if u, ok = s.cache.users.get(id); !ok || u.App != app {
				u, missing = nil, append(missing, int64(id))
			}
			read[id] = u
		}
		users[i] = u
	}
	if len(missing) == 0 {
		return users, nil
	}
	ticket := s.cache.ticket()
	// The plus keeps planners from walking all of the App's users by its index.
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		u, err := scanUser(r)
		if err != nil {
			return err
		}
		read[u.ID] = &u
		s.keepUser(&u, ticket)
		return nil
	}, userSelect+`WHERE +u.app_id = $1 AND `+s.eng.IDInList("u.id", "$2"), app, s.eng.IDListArg(missing))
	for i, id := range ids {
		if users[i] == nil {
			users[i] = read[id]
		}
	}
	return users, s.explain(err)
}

// UserByXCID finds a live user by the customer's id, or CodeNotFound.
func (s *Store) UserByXCID(ctx context.Context, app chat.AppID, xc string) (*chat.User, error) {
	if s.cache.enabled {
		id, err := s.UserID(ctx, app, xc)
		if err != nil {
			return nil, err
		}
		return s.User(ctx, app, id)
	}
	u, err := scanUser(s.eng.Row(ctx, userSelect+`WHERE u.app_id = $1 AND u.xc_user_id = $2 AND u.xc_user_id <> ''
		AND u.deleted_at = 0`, app, xc))
	if engine.NoRows(err) {
		return nil, chat.Missing(chat.UserNotFound(), xc)
	}
	return &u, s.explain(err)
}

// User finds one user of the App by id, or CodeNotFound.
func (s *Store) User(ctx context.Context, app chat.AppID, id chat.UserID) (*chat.User, error) {
	users, err := s.Users(ctx, app, []chat.UserID{id})
	if err != nil {
		return nil, err
	}
	if users[0] == nil {
		return nil, chat.Missing(chat.UserNotFound(), id.String())
	}
	return users[0], nil
}

// UserByUsername finds a live user by the username in whatever case, or CodeNotFound.
func (s *Store) UserByUsername(ctx context.Context, app chat.AppID, name string) (*chat.User, error) {
	u, err := scanUser(s.eng.Row(ctx, userSelect+`WHERE u.app_id = $1 AND u.username_key = $2 AND u.username_key <> ''
		AND u.deleted_at = 0`, app, strings.ToLower(name)))
	if engine.NoRows(err) {
		return nil, chat.Missing(chat.UserNotFound(), name)
	}
	return &u, s.explain(err)
}

// SetActive notes when a user was last there.
func (tx *Tx) SetActive(ctx context.Context, app chat.AppID, user chat.UserID, at int64) error {
	_, err := tx.conn.Exec(ctx, `UPDATE users SET last_activity_at = $1
		WHERE id = $2 AND app_id = $3 AND last_activity_at < $1`, at, user, app)
	touch(tx, userRow{user})
	return err
}

// LiveAmong returns those of users who are not deleted, as the transaction finds them now.
func (tx *Tx) LiveAmong(ctx context.Context, users ...chat.UserID) (live map[chat.UserID]bool, err error) {
	live = map[chat.UserID]bool{}
	err = engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		live[id] = true
		return err
	}, `SELECT u.id FROM users u WHERE `+tx.store.eng.IDInList("u.id", "$1")+` AND u.deleted_at = 0`,
		tx.store.eng.IDListArg(idsOf(users)))
	return live, err
}

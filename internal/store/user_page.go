package store

import (
	"context"
	"slices"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Users are looked at in parts, and of one page no more than these: where few pass the filter, a
// page may be empty and not the last.
const (
	usersAtOnce = 250
	usersLooked = 2000
)

// userWalk is the order in which users of an App are looked at, found by one index.
type userWalk struct {
	query string // it selects a word behind the user, '' for none; $1 is the App, the last parameter the limit
	args  func(after chat.UserCursor) []any
	next  func(u *chat.User, word string) chat.UserCursor
}

// UserPage lists up to limit users of an App behind a cursor, and returns the cursor of the next page;
// more says that there may be one.
//
// One of the filter's conditions decides by which index users are looked at: the text, else the time of
// the last change, the role, the state. What else there is is asked of each user. By text users come in
// the order of the word that was found, behind the one whose xcUserID the text is; by time in the order of
// their last changes; otherwise in the order in which they were made. So none is missed that is in the
// list all the time, and none comes twice, unless what it is sorted by changes meanwhile: then one that
// is found by time may come again, and one that is found by name may be missed.
func (s *Store) UserPage(
	ctx context.Context, app chat.AppID, f chat.UserFilter, after chat.UserCursor, limit int,
) (list []chat.ListedUser, next chat.UserCursor, more bool, err error) {
	next = after
	if f.Text != "" && !after.Named {
		if list, err = s.userNamed(ctx, app, f); err != nil {
			return nil, after, false, err
		}
		next = chat.UserCursor{Named: true}
		for i := range list {
			list[i].Behind = next
		}
	}
	if f.Text != "" && f.Lead() == "" {
		return s.withUserData(ctx, list, next, false)
	}
	w, size := s.userWalk(f), 0
	for looked := 0; looked < usersLooked; looked += usersAtOnce {
		found, full := 0, false
		err := engine.Each(ctx, s.eng, func(row engine.Row) error {
			var word string
			u, err := scanUser(row, &word)
			found++
			if err != nil || full {
				return err
			}
			l := chat.ListedUser{User: &u, Behind: w.next(&u, word)}
			if f.Admits(&u) && (f.Text == "" || u.XCID != f.Text && word == firstFound(&u, f.Lead())) {
				if full = len(list) == limit || size > chat.MaxListedBytes; full {
					return nil
				}
				size += l.Size()
				list = append(list, l)
			}
			next = l.Behind
			return nil
		}, w.query, append(append([]any{app}, w.args(next)...), usersAtOnce)...)
		if err != nil {
			return nil, after, false, s.explain(err)
		}
		if full || found < usersAtOnce {
			return s.withUserData(ctx, list, next, full)
		}
	}
	return s.withUserData(ctx, list, next, true)
}

// userNamed is the user whose xcUserID the filter's text is, if there is one who passes it.
func (s *Store) userNamed(ctx context.Context, app chat.AppID, f chat.UserFilter) (list []chat.ListedUser, err error) {
	users, err := s.UsersNamed(ctx, app, []string{f.Text})
	if u := users[f.Text]; u != nil && f.Admits(u) {
		list = append(list, chat.ListedUser{User: u})
	}
	return list, err
}

// firstFound is the first of the words of a user's name that begin with a text: under that one the user is
// listed.
func firstFound(u *chat.User, begin string) (first string) {
	for _, w := range chat.NameWords(u.Fullname) {
		if strings.HasPrefix(w, begin) && (first == "" || w < first) {
			first = w
		}
	}
	return first
}

// withUserData adds to users what backends keep with them, and ends the page earlier where that is much.
func (s *Store) withUserData(
	ctx context.Context, list []chat.ListedUser, next chat.UserCursor, more bool,
) ([]chat.ListedUser, chat.UserCursor, bool, error) {
	if err := s.addUserData(ctx, list); err != nil {
		return nil, next, false, err
	}
	size := 0
	for i := range list {
		if size += list[i].Size(); i > 0 && size > chat.MaxListedBytes {
			return list[:i], list[i-1].Behind, true, nil
		}
	}
	return list, next, more, nil
}

// userWalk chooses the index.
func (s *Store) userWalk(f chat.UserFilter) userWalk {
	byID := func(u *chat.User, _ string) chat.UserCursor { return chat.UserCursor{User: u.ID} }
	all := `u.app_id + 0 = $1` // as the indexes of all users have it
	plain := func(condition string, args ...any) userWalk {
		app := `u.app_id = $1`
		if condition == "" {
			app = all
		}
		after := "$2"
		if len(args) > 0 {
			after = "$3"
		}
		return userWalk{
			`SELECT ` + userColumns + `, '' FROM users u` + userRoleJoin + `WHERE ` + app + condition +
				` AND u.id > ` + after + ` ORDER BY u.id LIMIT $` + string(rune(after[1]+1)),
			func(after chat.UserCursor) []any { return append(slices.Clone(args), after.User) }, byID,
		}
	}
	switch {
	case f.Text != "":
		lead := f.Lead()
		return userWalk{
			`SELECT ` + userColumns + `, k.word FROM (SELECT w.word, w.user_id FROM user_words w
					WHERE w.app_id = $1 AND (w.word, w.user_id) > ($2, $3) AND w.word < $4
					ORDER BY w.word, w.user_id LIMIT $5) k
				JOIN users u ON u.id = k.user_id AND +u.app_id = $1` + userRoleJoin + `ORDER BY k.word, k.user_id`,
			func(after chat.UserCursor) []any { return []any{max(lead, after.Word), after.User, behind(lead)} },
			func(u *chat.User, word string) chat.UserCursor {
				return chat.UserCursor{Named: true, Word: word, User: u.ID}
			},
		}
	case f.UpdatedSince > 0:
		return userWalk{
			`SELECT ` + userColumns + `, '' FROM users u` + userRoleJoin + `WHERE ` + all + `
				AND (u.updated_at, u.id) > ($2, $3) ORDER BY u.updated_at, u.id LIMIT $4`,
			func(after chat.UserCursor) []any { return []any{max(after.Updated, f.UpdatedSince), after.User} },
			func(u *chat.User, _ string) chat.UserCursor {
				return chat.UserCursor{Updated: u.UpdatedAt, User: u.ID}
			},
		}
	case f.Role != "":
		return plain(` AND u.role_code = $2 AND u.role_code <> ''`, f.Role)
	case f.State == chat.UserDeactivated:
		return plain(` AND u.deactivated_at > 0`)
	case f.State == chat.UserDeleted:
		return plain(` AND u.deleted_at > 0`)
	}
	return plain(``)
}

// UsersNamed finds users, deleted ones included, by the customer's ids; those that do not exist are absent
// from the result.
func (s *Store) UsersNamed(ctx context.Context, app chat.AppID, xcs []string) (map[string]*chat.User, error) {
	found := make(map[string]*chat.User, len(xcs))
	if len(xcs) == 0 {
		return found, nil
	}
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		u, err := scanUser(r)
		if u.XCID != "" { // the App's own user is nobody's to look at
			found[u.XCID] = &u
		}
		return err
	}, `SELECT `+userColumns+` FROM (SELECT m.*`+s.eng.ForEach(s.eng.Texts("$2"), "users",
		"m.app_id = $1 AND m.xc_user_id = k.value")+`) u`+userRoleJoin, app, s.eng.ListArg(xcs))
	return found, s.explain(err)
}

// WithData are users with what backends keep with them.
func (s *Store) WithData(ctx context.Context, users []*chat.User) ([]chat.ListedUser, error) {
	list := make([]chat.ListedUser, len(users))
	for i, u := range users {
		list[i].User = u
	}
	return list, s.addUserData(ctx, list)
}

func (s *Store) addUserData(ctx context.Context, list []chat.ListedUser) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]chat.UserID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	data, err := s.UserData(ctx, ids)
	for i := range list {
		list[i].Data = data[list[i].ID]
	}
	return err
}

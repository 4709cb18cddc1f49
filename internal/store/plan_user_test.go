package store

import (
	"context"
	"strings"
	"testing"

	"parlor/internal/chat"
)

// lookAtPlans returns what looks at the plan of each statement that run runs.
func lookAtPlans(t *testing.T, o Options, sp *spy) func(name string, run func(context.Context) error) {
	t.Helper()
	plans := plansOf(t, o, sp)
	return func(name string, run func(context.Context) error) {
		t.Run(name, func(t *testing.T) {
			sp.reset()
			if err := run(t.Context()); err != nil {
				t.Fatal(err)
			}
			seen := 0
			for _, s := range sp.reset() {
				if !strings.Contains(s.query, "SAVEPOINT") {
					plans(t, s)
					seen++
				}
			}
			if seen == 0 {
				t.Error("it ran no statement, so nothing was looked at")
			}
		})
	}
}

// TestUserListsUseIndexes: no page of an App's users walks what it does not show, whatever it is filtered by,
// at its beginning and behind a cursor.
func TestUserListsUseIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		look := lookAtPlans(t, o, sp)
		after := chat.UserCursor{Named: true, Word: "user", Updated: 1, User: 3}
		for name, f := range map[string]chat.UserFilter{
			"all": {}, "active": {State: chat.UserActive}, "deactivated": {State: chat.UserDeactivated},
			"deleted": {State: chat.UserDeleted}, "by role": {Role: "role7"}, "by time": {UpdatedSince: 1},
			"by text": {Text: "us"}, "by xcUserID": {Text: "u7"},
			"by everything": {Text: "us", Role: "role7", State: chat.UserActive, UpdatedSince: 1},
		} {
			look(name, func(ctx context.Context) error {
				if _, _, _, err := st.UserPage(ctx, w.app.ID, f, chat.UserCursor{}, 20); err != nil {
					return err
				}
				_, _, _, err := st.UserPage(ctx, w.app.ID, f, after, 20)
				return err
			})
		}
		inTx := func(fn func(context.Context, *Tx) error) func(context.Context) error {
			return func(ctx context.Context) error { return st.Write(ctx, 0, fn) }
		}
		user := w.users[7]
		look("tickets", func(ctx context.Context) error {
			_, _, _, err := st.TicketUser(ctx, w.app.ID, []byte("ticket"))
			return err
		})
		look("sign out", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.SignOut(ctx, w.app.ID, user, "phone")
			return err
		}))
		look("deactivate", inTx(func(ctx context.Context, tx *Tx) error {
			if _, err := tx.SetDeactivated(ctx, w.app.ID, user, true); err != nil {
				return err
			}
			_, err := tx.SetDeactivated(ctx, w.app.ID, user, false)
			return err
		}))
		look("data", inTx(func(ctx context.Context, tx *Tx) error { return tx.SetUserData(ctx, user, `{"x":1}`) }))
		look("presence", func(ctx context.Context) error {
			_, err := st.OnlineAmong(ctx, w.app.ID, w.users[:3])
			if err != nil || o.DSN != "" {
				return err
			}
			_, err = st.UserData(ctx, w.users[:3]) // where the only process asks nothing
			return err
		})
		look("unread by room", func(ctx context.Context) error {
			if _, _, _, err := st.UnreadPage(ctx, w.viewer, 0, 20); err != nil {
				return err
			}
			_, _, _, err := st.UnreadPage(ctx, w.viewer, 7, 20)
			return err
		})
		look("unread of participants", func(ctx context.Context) error {
			_, err := st.UnreadOf(ctx, w.rooms[7].ID, w.users[:3])
			return err
		})
		look("delete a role", inTx(func(ctx context.Context, tx *Tx) error {
			_, _, _, err := tx.DeleteRole(ctx, w.app.ID, "nobody's", "role8")
			if err == nil {
				err = tx.moveToRole(ctx, w.app.ID, w.users[:2], "role0", "role8")
			}
			return err
		}))
		look("resolve a report", inTx(func(ctx context.Context, tx *Tx) error {
			if _, err := tx.ResolveReport(ctx, w.app.ID, 1, "", ""); chat.CodeOf(err) != chat.CodeNotFound {
				return err
			}
			return nil
		}))
		look("by ids", func(ctx context.Context) error {
			found, err := st.UsersNamed(ctx, w.app.ID, []string{"u7", "u8", "nobody"})
			if err != nil {
				return err
			}
			_, err = st.WithData(ctx, []*chat.User{found["u7"]})
			return err
		})
	})
}

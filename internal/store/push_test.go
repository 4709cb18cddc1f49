package store_test

import (
	"context"
	"slices"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestPushTargets: a login has the target that it registered last, and a target has the login that
// registered it last, within an App. It ends with the login, and once it is dead.
func TestPushTargets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app, other := makeApp(t, st, "a"), makeApp(t, st, "b")
		ana := makeUser(t, st, app, chat.UserUpdate{XCID: "ana"})
		bo := makeUser(t, st, app, chat.UserUpdate{XCID: "bo"})
		eve := makeUser(t, st, other, chat.UserUpdate{XCID: "eve"})
		logIn := func(u chat.User, device string) (l chat.Login) {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
				l, _, err = tx.CreateLogin(ctx, chat.Login{App: u.App, User: u.ID, Device: device}, 1<<50)
				return err
			})
			return l
		}
		register := func(l chat.Login, kind chat.PushKind, token string) {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
				return tx.SetPushTarget(ctx, l, chat.PushTarget{Kind: kind, Token: token, Auth: "auth", P256DH: "key"})
			})
		}
		check := func(when string, want ...string) {
			t.Helper()
			var got []string
			for _, a := range []chat.App{app, other} {
				list, err := st.PushDevices(t.Context(), a.ID, []chat.UserID{ana.ID, bo.ID, eve.ID})
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range list {
					if d.Target.Auth != "auth" || d.Target.P256DH != "key" || d.App != a.ID {
						t.Errorf("%s: %+v", when, d)
					}
					got = append(got, d.Device+"="+string(d.Target.Kind)+":"+d.Target.Token)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s there is %q, want %q", when, got, want)
			}
		}
		one, two, three := logIn(ana, "1"), logIn(bo, "2"), logIn(eve, "3")
		register(one, chat.PushFCM, "x")
		register(three, chat.PushFCM, "x")
		check("in two Apps", "1=fcm:x", "3=fcm:x")
		register(one, chat.PushAPNs, "x")
		check("in another's place", "1=apns:x", "3=fcm:x")
		register(two, chat.PushFCM, "x")
		check("of two kinds", "1=apns:x", "2=fcm:x", "3=fcm:x")
		register(two, chat.PushAPNs, "x")
		check("with somebody else on the phone", "2=apns:x", "3=fcm:x")

		dead := func(l chat.Login, token string) {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
				return tx.RemoveDeadTarget(ctx, chat.PushDevice{
					App: l.App, Login: l.ID, Target: chat.PushTarget{Kind: chat.PushFCM, Token: token},
				})
			})
		}
		dead(three, "an older one")
		check("with an older one dead", "2=apns:x", "3=fcm:x")
		dead(chat.Login{App: app.ID, ID: three.ID}, "x")
		check("with one dead in another App", "2=apns:x", "3=fcm:x")
		dead(three, "x")
		check("with one dead", "2=apns:x")
		register(one, chat.PushFCM, "y")
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error { return tx.EndLogin(ctx, two.ID) })
		check("with a login ended", "1=fcm:y")
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			_, _, _, err := tx.DeleteUser(ctx, app.ID, "ana")
			return err
		})
		check("with a user deleted")
	})
}

// TestExpiredLoginsGetNoPush: a device that was away for longer than its refresh token lives has to
// sign in again.
func TestExpiredLoginsGetNoPush(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		ana := makeUser(t, st, app, chat.UserUpdate{XCID: "ana"})
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			l, _, err := tx.CreateLogin(ctx, chat.Login{App: app.ID, User: ana.ID}, 1)
			if err != nil {
				return err
			}
			return tx.SetPushTarget(ctx, l, chat.PushTarget{Kind: chat.PushFCM, Token: "x"})
		})
		if list, err := st.PushDevices(t.Context(), app.ID, []chat.UserID{ana.ID}); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
	})
}

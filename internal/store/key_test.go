package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

func TestKeys(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		now := int64(1000)
		o.Now = func() time.Time { return time.UnixMilli(now) }
		st := storetest.Open(t, o)
		app, other := makeApp(t, st, "a"), makeApp(t, st, "b")
		k := chat.Key{ID: "k", App: app.ID, Kind: chat.AppKey, Label: "label", Salt: []byte{0, 1}, Hash: []byte{2, 0}}
		if err := st.CreateKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		k.CreatedAt = now
		wantKey := func() {
			t.Helper()
			got, err := st.Key(t.Context(), "k")
			if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", k) {
				t.Errorf("key %+v (%v), want %+v", got, err, k)
			}
		}
		wantKey()
		for _, a := range []chat.App{app, other} { // an id stands for one key in all Apps
			err := st.CreateKey(t.Context(), chat.Key{
				ID: "k", App: a.ID, Kind: chat.ServerKey, Salt: []byte("s"), Hash: []byte("h"),
			})
			wantCode(t, "a second key of the id", err, chat.CodeConflict)
		}
		wantKey()

		k.Salt, k.Hash = []byte("other"), []byte("secret")
		if err := st.ReplaceKeySecret(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		wantKey()
		for _, k.Strict = range []bool{true, false, true} {
			if err := st.SetKeyStrict(t.Context(), app.ID, "k", k.Strict); err != nil {
				t.Fatal(err)
			}
			wantKey()
		}
		for _, foreign := range []struct {
			app chat.AppID
			id  string
		}{{other.ID, "k"}, {app.ID, "none"}} {
			wantCode(t, "another's key", st.SetKeyStrict(t.Context(), foreign.app, foreign.id, false), chat.CodeNotFound)
		}
		wantKey()
		for range 2 { // the first end is the one that counts
			now += 1000
			if k.RevokedAt == 0 {
				k.RevokedAt = now
			}
			if err := st.RevokeKey(t.Context(), app.ID, "k"); err != nil {
				t.Error(err)
			}
			wantKey()
		}
		_, err := st.Key(t.Context(), "none")
		wantCode(t, "a key that is not there", err, chat.CodeNotFound)
		wantCode(t, "revoking it", st.RevokeKey(t.Context(), app.ID, "none"), chat.CodeNotFound)

		now = 500 // older than k
		for _, id := range []string{"z", "y"} {
			key := chat.Key{ID: id, App: app.ID, Kind: chat.ServerKey, Salt: []byte("s"), Hash: []byte("h")}
			if err := st.CreateKey(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
		keys, err := st.Keys(t.Context(), app.ID)
		ids := []string{}
		for _, k := range keys {
			ids = append(ids, k.ID)
		}
		if err != nil || !slices.Equal(ids, []string{"y", "z", "k"}) {
			t.Errorf("keys %v (%v)", ids, err)
		}
	})
}

func TestApps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		if apps, err := st.Apps(t.Context()); err != nil || len(apps) != 0 {
			t.Errorf("apps of a new database: %v (%v)", apps, err)
		}
		a, b := makeApp(t, st, "b"), makeApp(t, st, "a")
		if apps, err := st.Apps(t.Context()); err != nil || !slices.Equal(apps, []chat.App{a, b}) {
			t.Errorf("apps %v (%v), want the oldest first", apps, err)
		}
		_, err := st.CreateApp(t.Context(), "a")
		wantCode(t, "a second app of the name", err, chat.CodeConflict)
		if got, err := st.App(t.Context(), "a"); err != nil || got != b {
			t.Errorf("by name: %+v (%v)", got, err)
		}
		if got, err := st.AppByID(t.Context(), a.ID); err != nil || got != a {
			t.Errorf("by id: %+v (%v)", got, err)
		}
		_, err = st.App(t.Context(), "c")
		wantCode(t, "an app that is not there", err, chat.CodeNotFound)
		_, err = st.AppByID(t.Context(), 1<<40)
		wantCode(t, "an app that is not there", err, chat.CodeNotFound)
		if u, err := st.User(t.Context(), a.ID, a.SystemUser); err != nil || u.XCID != "" || u.Fullname != "b" {
			t.Errorf("who speaks for the app: %+v (%v)", u, err)
		}
	})
}

package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"parlor/internal/chat"
)

// TestCallsUseIndexes asks the same as TestHotPathsUseIndexes of what is written down of calls, of which
// there may be millions.
func TestCallsUseIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		var now time.Time
		o.Now = func() time.Time { return now }
		now = time.UnixMilli(1_700_000_000_000)
		st, sp := openSpied(t, o, true)
		apps := []chat.App{mustApp(t, st)}
		for i := range 9 {
			app, err := st.CreateApp(t.Context(), fmt.Sprint("app ", i))
			if err != nil {
				t.Fatal(err)
			}
			apps = append(apps, app)
		}
		fillWithCalls(t, st, apps, &now)
		plans := plansOf(t, o, sp)
		for _, path := range callPaths(st, apps[3].ID, now) {
			t.Run(path.name, func(t *testing.T) {
				path.look(t, sp, plans)
			})
		}
	})
}

// fillWithCalls makes calls under keys, a second apart, each with its entry in the audit log.
func fillWithCalls(t *testing.T, st *Store, apps []chat.App, now *time.Time) {
	t.Helper()
	for i := range 2000 {
		*now = now.Add(time.Second)
		app := apps[i%len(apps)].ID
		claim := newClaim(chat.CallKey{App: app, Key: fmt.Sprint("key", i)}, randomSeed(), "")
		entry := chat.AuditEntry{
			App: app, Actor: chat.Actor{Kind: chat.ActorServerKey, Name: "k"}, Action: fmt.Sprint("action", i/10%20),
			Object: chat.Object{Kind: "room", ID: fmt.Sprint("room", i/10%50)}, Result: chat.AuditOK,
		}
		ctx := ForCall(t.Context(), &Call{Claim: claim, Audit: &entry})
		if err := st.Write(ctx, int64(i), func(context.Context, *Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if err := st.AnswerCall(t.Context(), int64(i), claim, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
}

func callPaths(st *Store, app chat.AppID, now time.Time) []hotPath {
	key := chat.CallKey{App: app, Key: "new"}
	listed := func(f chat.AuditFilter, least int) func(context.Context) error {
		return func(ctx context.Context) error {
			f.Limit = 10
			list, err := st.AuditLog(ctx, app, f)
			if err == nil && len(list) < least {
				err = fmt.Errorf("%d entries", len(list))
			}
			return err
		}
	}
	mid := now.Add(-1000 * time.Second).UnixMilli()
	object := chat.Object{Kind: "room", ID: "room7"}
	return []hotPath{
		{"claim, answer and drop", func(ctx context.Context) error {
			claim, _, err := st.CallUnder(ctx, key)
			if err != nil {
				return err
			}
			call := &Call{Claim: claim, Audit: &chat.AuditEntry{App: app}}
			if err := st.Write(ForCall(ctx, call), 0, func(context.Context, *Tx) error { return nil }); err != nil {
				return err
			}
			if err := st.DropClaim(ctx, 0, claim); err != nil {
				return err
			}
			return st.AnswerCall(ctx, 0, claim, nil)
		}},
		{"an answer", func(ctx context.Context) error {
			_, _, err := st.CallUnder(ctx, chat.CallKey{App: app, Key: "key13"})
			return err
		}},
		{"list everything", listed(chat.AuditFilter{}, 10)},
		{"list the oldest", listed(chat.AuditFilter{OldestFirst: true}, 10)},
		{"list a time", listed(chat.AuditFilter{From: mid, Until: mid + 200_000}, 10)},
		{"list the next page", listed(chat.AuditFilter{Before: chat.AuditPlace{CreatedAt: mid, ID: 1000}}, 10)},
		{"export the next page", listed(chat.AuditFilter{OldestFirst: true, Before: chat.AuditPlace{CreatedAt: mid, ID: 1000}}, 10)},
		{"list an action", listed(chat.AuditFilter{Action: "action7", Before: chat.AuditPlace{CreatedAt: mid, ID: 1000}}, 1)},
		{"list an object", listed(chat.AuditFilter{Object: object}, 1)},
		{"list an object in a time", listed(chat.AuditFilter{Object: object, From: mid, Until: now.UnixMilli()}, 1)},
		{"forget entries", func(ctx context.Context) error {
			more, err := st.PruneAudit(ctx, now.Add(-1990*time.Second))
			if more {
				err = fmt.Errorf("there are more")
			}
			return err
		}},
		{"forget calls", func(ctx context.Context) error { _, err := st.PruneCalls(ctx); return err }},
	}
}

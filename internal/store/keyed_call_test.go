package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// claimed claims a call that nobody is at.
func claimed(t *testing.T, st *store.Store, k chat.CallKey) *store.Claim {
	t.Helper()
	claim, answer, err := st.CallUnder(t.Context(), k)
	if err != nil || claim == nil || answer != nil {
		t.Fatalf("claim %v, answer %q, %v", claim, answer, err)
	}
	return claim
}

// writeFor makes a room in the name of a call.
func writeFor(t *testing.T, st *store.Store, c *store.Claim, app chat.App, xc string) error {
	t.Helper()
	return st.Write(store.ForCall(t.Context(), &store.Call{Claim: c}), 0, createRoom(app, xc))
}

// withClock is a store on each engine whose clock stands still until it is set.
func withClock(t *testing.T, test func(t *testing.T, st *store.Store, now *time.Time)) {
	t.Helper()
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		now := time.UnixMilli(1_700_000_000_000)
		o.Now = func() time.Time { return now }
		test(t, storetest.Open(t, o), &now)
	})
}

// TestClaimIsPartOfTheWrite: of two who have found that nobody is at a call one writes; of the other nothing
// remains. A write that fails claims nothing.
func TestClaimIsPartOfTheWrite(t *testing.T) {
	withClock(t, func(t *testing.T, st *store.Store, _ *time.Time) {
		app, other := makeApp(t, st, "a"), makeApp(t, st, "b")
		k := chat.CallKey{App: app.ID, Key: "k", Request: [32]byte{1}}
		failing := claimed(t, st, k)
		ctx := store.ForCall(t.Context(), &store.Call{Claim: failing})
		if err := st.Write(ctx, 0, breakConstraint); err == nil {
			t.Fatal("it did not fail")
		}
		one, two := claimed(t, st, k), claimed(t, st, k)
		if err := writeFor(t, st, one, app, "one"); err != nil {
			t.Fatal(err)
		}
		if err := writeFor(t, st, two, app, "two"); !errors.Is(err, store.ErrClaimed) || exists(t, st, app, "two") {
			t.Errorf("a second one writes: %v", err)
		}
		if claim, answer, err := st.CallUnder(t.Context(), k); claim != nil || answer != nil || err != nil {
			t.Errorf("while somebody is at it: %v, %q, %v", claim, answer, err)
		}
		if err := st.AnswerCall(t.Context(), 0, two, []byte("of two")); !errors.Is(err, store.ErrClaimed) {
			t.Errorf("who has not done it answers: %v", err)
		}
		long := strings.Repeat("an answer ", 100_000)
		if err := st.AnswerCall(t.Context(), 0, one, []byte(long)); err != nil {
			t.Fatal(err)
		}
		if claim, answer, err := st.CallUnder(t.Context(), k); claim != nil || string(answer) != long || err != nil {
			t.Errorf("answered: %v, %d bytes, %v", claim, len(answer), err)
		}
		foreign := k
		foreign.App = other.ID
		claimed(t, st, foreign)
		k.Request[0]++
		if _, _, err := st.CallUnder(t.Context(), k); chat.CodeOf(err) != chat.CodeKeyReused {
			t.Errorf("another call under the key: %v", err)
		}
	})
}

// TestAbandonedClaims: who has left no answer is taken for dead after a time, or once they say so. One of those
// who then find the call does it, from the same seed, and the dead one's answer comes too late.
func TestAbandonedClaims(t *testing.T) {
	withClock(t, func(t *testing.T, st *store.Store, now *time.Time) {
		app := makeApp(t, st, "a")
		k := chat.CallKey{App: app.ID, Key: "k"}
		dead := claimed(t, st, k)
		if err := writeFor(t, st, dead, app, "of the dead"); err != nil {
			t.Fatal(err)
		}
		*now = now.Add(44 * time.Second)
		if claim, _, err := st.CallUnder(t.Context(), k); claim != nil || err != nil {
			t.Fatalf("%v, %v", claim, err)
		}
		*now = now.Add(time.Second)
		one, two := claimed(t, st, k), claimed(t, st, k)
		if one.Seed != dead.Seed || two.Seed != dead.Seed || one.Name() != dead.Name() {
			t.Errorf("another seed")
		}
		if err := writeFor(t, st, one, app, "one"); err != nil {
			t.Fatal(err)
		}
		if err := writeFor(t, st, two, app, "two"); !errors.Is(err, store.ErrClaimed) {
			t.Errorf("two take over: %v", err)
		}
		if err := st.AnswerCall(t.Context(), 0, dead, []byte("late")); !errors.Is(err, store.ErrClaimed) {
			t.Errorf("the dead answers: %v", err)
		}
		if err := st.DropClaim(t.Context(), 0, dead); err != nil {
			t.Fatal(err)
		}
		if claim, _, err := st.CallUnder(t.Context(), k); claim != nil || err != nil {
			t.Fatalf("the dead drops another's claim: %v, %v", claim, err)
		}
		if err := st.DropClaim(t.Context(), 0, one); err != nil {
			t.Fatal(err)
		}
		three := claimed(t, st, k)
		if err := writeFor(t, st, three, app, "three"); err != nil {
			t.Fatal(err)
		}
		if err := st.AnswerCall(t.Context(), 0, three, []byte("done")); err != nil {
			t.Fatal(err)
		}
		if err := st.DropClaim(t.Context(), 0, three); err != nil {
			t.Fatal(err)
		}
		if _, answer, err := st.CallUnder(t.Context(), k); string(answer) != "done" || err != nil {
			t.Errorf("%q, %v", answer, err)
		}
	})
}

// TestCallsAreForgotten: a call that is old enough is not known, whether it was pruned or not, and is pruned
// some at a time; younger ones stay.
func TestCallsAreForgotten(t *testing.T) {
	withClock(t, func(t *testing.T, st *store.Store, now *time.Time) {
		app := makeApp(t, st, "a")
		key := func(i int) chat.CallKey { return chat.CallKey{App: app.ID, Key: fmt.Sprint("k", i)} }
		for i := range 700 {
			c := claimed(t, st, key(i))
			ctx := store.ForCall(t.Context(), &store.Call{Claim: c})
			if err := st.AnswerCall(ctx, int64(i), c, []byte("old")); err != nil { // which claims it, too
				t.Fatal(err)
			}
			if i == 599 {
				*now = now.Add(time.Hour)
			}
		}
		if more, err := st.PruneCalls(t.Context()); more || err != nil {
			t.Fatalf("%v, %v", more, err)
		}
		*now = now.Add(chat.CallsKept - time.Hour)
		again := claimed(t, st, key(3))
		if err := writeFor(t, st, again, app, "again"); err != nil {
			t.Fatal(err)
		}
		if err := st.AnswerCall(t.Context(), 0, again, []byte("new")); err != nil {
			t.Fatal(err)
		}
		passes := 0
		for more := true; more; passes++ {
			var err error
			if more, err = st.PruneCalls(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if passes != 2 {
			t.Errorf("pruned in %d passes", passes)
		}
		for i, want := range map[int]string{3: "new", 4: "", 599: "", 600: "old", 699: "old"} {
			if _, answer, err := st.CallUnder(t.Context(), key(i)); string(answer) != want || err != nil {
				t.Errorf("call %d: %q, %v", i, answer, err)
			}
		}
	})
}

// TestOneEntryOfOneCall: of the transactions of one call the first writes it down.
func TestOneEntryOfOneCall(t *testing.T) {
	withClock(t, func(t *testing.T, st *store.Store, _ *time.Time) {
		app := makeApp(t, st, "a")
		call := &store.Call{Audit: &chat.AuditEntry{App: app.ID, Action: "x", Result: chat.AuditOK}}
		ctx := store.ForCall(t.Context(), call)
		if err := st.Write(ctx, 0, breakConstraint); err == nil || call.Noted() {
			t.Fatalf("%v", err)
		}
		for i := range 3 {
			if err := st.Write(ctx, 0, func(context.Context, *store.Tx) error { return nil }); err != nil || !call.Noted() {
				t.Fatalf("%d: %v", i, err)
			}
		}
		list, err := st.AuditLog(t.Context(), app.ID, chat.AuditFilter{Limit: 10})
		if err != nil || len(list) != 1 {
			t.Errorf("%d entries, %v", len(list), err)
		}
	})
}

// TestPruneAudit: what is older than asked for goes, some at a time, and nothing else.
func TestPruneAudit(t *testing.T) {
	withClock(t, func(t *testing.T, st *store.Store, now *time.Time) {
		app := makeApp(t, st, "a")
		for range 12 {
			*now = now.Add(time.Hour)
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
				for range 100 {
					if err := tx.Audit(ctx, chat.AuditEntry{App: app.ID}); err != nil {
						return err
					}
				}
				return nil
			})
		}
		passes := 0
		for more := true; more; passes++ {
			var err error
			if more, err = st.PruneAudit(t.Context(), now.Add(-3*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		list, err := st.AuditLog(t.Context(), app.ID, chat.AuditFilter{Limit: 2000})
		if err != nil || len(list) != 400 || passes != 2 {
			t.Errorf("%d are left after %d passes, %v", len(list), passes, err)
		}
	})
}

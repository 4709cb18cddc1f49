package live

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/store"
)

// TestPruneForgetsAllThatIsOld: however many announcements have become old, none stays
// until the next round, and none that others may still need goes.
func TestPruneForgetsAllThatIsOld(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	st, err := store.Open(t.Context(), store.Options{
		Path: filepath.Join(t.TempDir(), "parlor.db"), Keep: true, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	announce := func(n int) {
		t.Helper()
		if err := st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
			for range n {
				if err := tx.Announce(ctx, &chat.RolesChanged{App: 1}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	const old, fresh = 12_000, 3
	announce(old)
	now = now.Add(keepAnnouncements + time.Second)
	announce(fresh)
	l := newLive(Options{Store: st, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	if err := l.pruneOld(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, _, _, err := st.Announcements(t.Context(), store.Announced{}, old+fresh)
	if err != nil || len(left) != fresh {
		t.Fatalf("%d announcements are left, want %d: %v", len(left), fresh, err)
	}
}

// TestMissedTooMuch: sessions that come after a loss for which all were ended begin behind it. Else
// their devices would count what was lost as delivered to them.
func TestMissedTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		b := c.nodes[1]
		before := b.connect(t, ana)
		b.lose()
		missed := c.db.append(bo, "m1")
		time.Sleep(6 * time.Minute)
		c.db.fail(errAway) // it is not known at first what there is
		b.find()
		time.Sleep(2 * time.Second)
		if before.ended() != hub.StopOverload {
			t.Errorf("who was there was closed with %d, want %d", before.ended(), hub.StopOverload)
		}
		after := b.connect(t, ana)
		if began := after.session.Began(); began <= missed.Number {
			t.Errorf("who came back has all from %d on, and %d was not delivered", began, missed.Number)
		}
	})
}

// TestLossReportedTwice: a loss that is reported again just before what was missed is read does not
// count as one since the beginning of time.
func TestLossReportedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		b := c.nodes[1]
		d := b.connect(t, ana)
		b.losses.ready <- struct{}{} // as left by the second report, when take has had both
		synctest.Wait()
		if d.ended() != 0 {
			t.Errorf("the session was closed with %d, and nothing was missed", d.ended())
		}
		b.lose()
		c.nodes[0].tells(c.db.append(bo, "m1"))
		time.Sleep(time.Second)
		b.find()
		d.gets(t, "after a real loss", "m1")
		if b.losses.any() {
			t.Error("something counts as missed, and all has been read")
		}
	})
}

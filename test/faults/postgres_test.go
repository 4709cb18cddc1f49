package faults

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"parlor/client"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/pgtest"
)

// ownPostgres is a server that the test may take away, with an empty database.
func ownPostgres(t *testing.T) (*pgtest.Server, store.Options) {
	t.Helper()
	pg, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pg.Stop)
	dsn, err := pg.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return pg, store.Options{DSN: dsn}
}

// TestPostgresKilledUnderLoad takes the database away while many write, and brings it
// back. Parlor runs on. Its answers were true: what it acknowledged is there, and what
// it said was not stored is not.
func TestPostgresKilledUnderLoad(t *testing.T) {
	t.Parallel()
	pg, o := ownPostgres(t)
	rng := newRand(t)
	p := start(t, o)
	w := newWorkload(t, p.server)
	for range 3 {
		stop := w.load(t, p, rng)
		w.waitFor(t, 1+rng.Int64N(150))
		before := w.refusals.Load()
		pg.Kill()
		eventually(t, "writes are refused", func() bool { return w.refusals.Load() > before })
		if err := pg.StartAgain(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "parlor is ready again", func() bool { return p.status("/readyz") == http.StatusOK })
		w.waitFor(t, 20)
		stop()
		if !p.Running() {
			t.Fatal("parlor ended with its database")
		}
		w.check(t, p.server, o)
	}
	w.repeat(t, p.server)
	w.check(t, p.server, o)
}

// calls are one of each kind, to be made on what open has written.
func calls() map[string]fields {
	return map[string]fields{
		"room/get":                 {"xcRoomID": "room0"},
		"room/get_list_by_user":    {"xcUserID": watch},
		"room/create_or_update":    {"xcRoomID": "room0", "type": 2, "name": "room"},
		"room/participants/add":    {"xcRoomID": "room0", "participantXCUserIDs": []string{senderXC(0)}},
		"room/participants/remove": {"xcRoomID": "room0", "participantXCUserIDs": []string{senderXC(0)}},
		"room/lock":                {"xcRoomID": "room1", "xcUserID": watch},
		"room/unlock":              {"xcRoomID": "room1", "xcUserID": watch},
		"user/update":              {"xcUserID": senderXC(1), "fullName": "another"},
		"contact/sync":             {"contacts": []fields{{"ownerXCUserID": watch, "contactXCUserID": senderXC(0)}}},
		"message/send/custom":      {"senderXCUserID": senderXC(0), "xcRoomID": "room0", "messageType": 1001, "body": "hi"},
		"role/create_or_update":    {"code": "nurse"},
		"role/list":                {},
	}
}

// allUnavailable makes every kind of call at once. Each must be answered, by "try again",
// within limit; meanwhile the process is alive and not ready.
func allUnavailable(t *testing.T, p *parlor, limit time.Duration) {
	t.Helper()
	var wg sync.WaitGroup
	for path, body := range calls() {
		wg.Go(func() {
			begun := time.Now()
			if err := p.backend.Call(t.Context(), path, body, nil); !isUnavailable(err) {
				t.Errorf("%s without a database: %v", path, err)
			}
			if took := time.Since(begun); took > limit {
				t.Errorf("%s without a database: the answer took %s", path, took)
			}
		})
	}
	wg.Go(func() {
		begun := time.Now()
		if got := p.status("/readyz"); got != http.StatusServiceUnavailable {
			t.Errorf("/readyz without a database: %d", got)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("/readyz without a database took %s", took)
		}
	})
	wg.Go(func() {
		begun := time.Now()
		if got := p.status("/healthz"); got != http.StatusOK {
			t.Errorf("/healthz without a database: %d", got)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("/healthz without a database took %s", took)
		}
	})
	wg.Wait()
}

// allWell makes every kind of call again, which must succeed without a restart.
func allWell(t *testing.T, p *parlor) {
	t.Helper()
	eventually(t, "parlor is ready again", func() bool { return p.status("/readyz") == http.StatusOK })
	for path, body := range calls() {
		// A node may still find a connection of the old server in its pool, and say so.
		eventually(t, path+" works again", func() bool {
			err := p.backend.Call(t.Context(), path, body, nil)
			if err != nil && !isUnavailable(err) {
				t.Fatalf("%s: %v", path, err)
			}
			return err == nil
		})
	}
	for path, body := range calls() { // by now the pool must be sound
		if err := p.backend.Call(t.Context(), path, body, nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if !p.Running() {
		t.Error("parlor ended")
	}
}

func TestPostgresGoesAway(t *testing.T) {
	t.Parallel()
	pg, o := ownPostgres(t)
	p := start(t, o)
	w := newWorkload(t, p.server)
	allWell(t, p)
	for range 2 {
		pg.Kill()
		allUnavailable(t, p, 10*time.Second)
		if err := pg.StartAgain(); err != nil {
			t.Fatal(err)
		}
		allWell(t, p)
	}
	storetest.Audit(t, o)
	if n := readUnread(t, p.backend)[w.lobbies[0]]; n < 3 {
		t.Errorf("%d unread messages after 3 sends", n)
	}
}

// TestPostgresIsReadOnly is what a failover to the wrong server looks like: it answers,
// and takes nothing.
func TestPostgresIsReadOnly(t *testing.T) {
	t.Parallel()
	pg, o := ownPostgres(t)
	p := start(t, o)
	newWorkload(t, p.server)
	readOnly := func(on string) {
		t.Helper()
		admin := store.Options{DSN: pg.DSN("postgres")}
		storetest.Exec(t, admin, "ALTER SYSTEM SET default_transaction_read_only = "+on)
		storetest.Exec(t, admin, "SELECT pg_reload_conf()")
	}
	readOnly("on")
	eventually(t, "writes are refused", func() bool { return isUnavailable(p.put(t.Context(), senderXC(1))) })
	for range 5 { // a failed write proves nothing to the one who asks next
		if err := p.put(t.Context(), senderXC(1)); !isUnavailable(err) {
			t.Fatalf("a write to a read-only database: %v", err)
		}
		if got := p.status("/readyz"); got != http.StatusServiceUnavailable {
			t.Errorf("/readyz while every write fails: %d", got)
		}
	}
	if _, err := p.backend.Room(t.Context(), "room0", client.Page{}); err != nil {
		t.Errorf("a read from a read-only database: %v", err)
	}
	readOnly("off")
	allWell(t, p)
}

// TestPostgresFallsSilent: the network swallows everything, and nobody says that the
// connections are broken.
func TestPostgresFallsSilent(t *testing.T) {
	t.Parallel()
	_, o := ownPostgres(t)
	link := newLink(t, o.DSN)
	p := start(t, store.Options{DSN: link.dsn})
	newWorkload(t, p.server)
	link.cut()
	allUnavailable(t, p, 25*time.Second)
	link.mend()
	allWell(t, p)
	storetest.Audit(t, o)
}

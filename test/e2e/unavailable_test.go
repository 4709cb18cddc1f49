package e2e

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"parlor/internal/config"
	"parlor/test/env/pgtest"
	"parlor/test/env/servertest"
)

// TestOverload: a server with room for few writes refuses the rest at once. What it
// refused has not happened, what it acknowledged has.
func TestOverload(t *testing.T) {
	t.Parallel()
	for name, newConfig := range map[string]func(testing.TB) config.Config{
		"sqlite": servertest.SQLite, "postgres": servertest.Postgres,
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			cfg.WriteQueue, cfg.WriteBatch = 1, 1
			s := servertest.Start(t, cfg, nil).Default()
			var mu sync.Mutex
			made, refused := map[string]bool{}, 0
			for round := 0; refused == 0 && round < 100; round++ {
				together(32, func(i int) {
					xc := fmt.Sprintf("%d-%d", round, i)
					a := call(t, s, "user/update", obj{"xcUserID": xc, "fullName": "U"})
					mu.Lock()
					defer mu.Unlock()
					switch a.Error.Code {
					case "":
						made[xc] = true
					case "50301":
						checkFailure(t, a, failure{"50301", "Too many writes are waiting, nothing was stored; try again", ""})
						made[xc] = false
						refused++
					default:
						t.Errorf("answer %s", a.Body)
					}
				})
			}
			if refused == 0 {
				t.Fatal("no call was refused")
			}
			var all []string
			for xc := range made {
				all = append(all, xc)
			}
			got := putRoom(t, s, "r", obj{"participantXCUserIDs": all})
			for _, p := range got.Participants {
				if !made[p.XCUserID] {
					t.Errorf("%s was refused and is there", p.XCUserID)
				}
				delete(made, p.XCUserID)
			}
			for xc, acknowledged := range made {
				if acknowledged {
					t.Errorf("%s was acknowledged and is not there", xc)
				}
			}
		})
	}
}

// TestDatabaseAway: while PostgreSQL is gone calls say so, and no acknowledged write is
// lost; when it comes back, so do they, without help.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	pgtest.Wanted(t)
	db, err := pgtest.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Stop)
	cfg := servertest.SQLite(t)
	if cfg.Database, err = db.Database(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := servertest.Start(t, cfg, nil).Default()
	prepare(t, s)
	before := snapshot(t, s)

	db.Kill()
	// Twice, for a connection that broke is not the same as one that cannot be made.
	for range 2 {
		for _, e := range endpoints {
			a := call(t, s, e.path, e.good)
			if a.Error.Code != "50301" || a.Error.Field != "" || a.Error.Message == "" {
				t.Errorf("%s: %s", e.path, a.Body)
			}
			if strings.Contains(string(a.Body), "127.0.0.1") || strings.Contains(string(a.Body), "postgres") {
				t.Errorf("%s tells of the inside: %s", e.path, a.Body)
			}
		}
	}
	ready := getPage(t, s, "/readyz")
	if ready.status != 503 {
		t.Errorf("/readyz: %+v", ready)
	}
	if err := loadContract(t).checkAgainst("#/components/schemas/NotReady", []byte(ready.body)); err != nil {
		t.Errorf("/readyz: %v", err)
	}
	if got := getPage(t, s, "/healthz"); got.status != 200 {
		t.Errorf("/healthz: %+v", got)
	}

	if err := db.StartAgain(); err != nil {
		t.Fatal(err)
	}
	for ready.status != 200 { // go test's own limit ends this if it never comes back
		ready = getPage(t, s, "/readyz")
	}
	if after := snapshot(t, s); after != before {
		t.Errorf("afterwards:\n%s\nbefore:\n%s", after, before)
	}
	for _, e := range endpoints {
		do(t, s, e.path, e.good)
	}
}

// TestSmallCallsInChunks: callers who do not tell the length of a body in advance do not
// take each other's place, as long as their bodies are small.
func TestSmallCallsInChunks(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		// All of them are under way, their bodies half sent, before one is finished.
		const n = 100
		var begun atomic.Int64
		half := make(chan struct{})
		together(n, func(int) {
			r, w := io.Pipe()
			go func() { // ends when the body is sent, or nobody reads it
				_, _ = io.WriteString(w, `{"limit":`)
				if begun.Add(1) == n {
					close(half)
				}
				<-half
				_, _ = io.WriteString(w, `1}`)
				_ = w.Close()
			}()
			a := stream(t, s, "/v1/server/role/list", upload{key: key(s.ServerKey), body: r, length: -1})
			checkContract(t, "role/list", a)
			if a.Status != 200 {
				t.Errorf("answer %s", a.Body)
			}
		})
	})
}

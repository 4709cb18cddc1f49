package engine_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"parlor/internal/store/engine"
	"parlor/test/env/pgtest"
)

// TestPrimaryMoves: with an address of several hosts writing goes on after the standby has
// taken over, and all that was acknowledged is there.
func TestPrimaryMoves(t *testing.T) {
	pgtest.Wanted(t)
	primary, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(primary.Stop)
	dsn, err := primary.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	standby, err := primary.Standby(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(standby.Stop)

	first, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	second, err := pgx.ParseConfig(standby.DSN(first.Database))
	if err != nil {
		t.Fatal(err)
	}
	hosts := fmt.Sprintf("127.0.0.1:%d,127.0.0.1:%d", second.Port, first.Port) // the standby first
	c := engine.Config{
		DSN:        strings.Replace(dsn, fmt.Sprintf("127.0.0.1:%d", first.Port), hosts, 1) + "&target_session_attrs=read-write",
		Migrations: things(), Numbered: "SELECT MAX(number) FROM things",
	}
	eng := open(t, c)
	lanes := start(t, eng, engine.Options[*job]{})

	var mu sync.Mutex
	acknowledged := map[string]bool{}
	fill := func(round string, failing func(error)) {
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				name := fmt.Sprintf("%s %d", round, i)
				if _, err := lanes.Write(t.Context(), int64(i), makes(name)); err != nil {
					failing(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				acknowledged[name] = true
			})
		}
		all.Wait()
	}
	fill("before", func(err error) { t.Error(err) })

	killed := make(chan struct{})
	go func() {
		defer close(killed)
		primary.Kill()
	}()
	for n, away := 0, false; !away; n++ {
		var gone sync.Once
		fill(fmt.Sprint("meanwhile ", n), func(err error) {
			if !eng.Away(err) {
				t.Errorf("%v is not known as a database that is away", err)
			}
			gone.Do(func() { away = true })
		})
	}
	<-killed
	if err := standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "writing goes on", func() bool {
		_, err := lanes.Write(t.Context(), 0, makes("after"))
		return err == nil
	})
	fill("after", func(err error) { t.Error(err) })
	eventually(t, "reading goes on", func() bool { // on connections that are not those of before
		var one int
		return eng.Row(t.Context(), "SELECT 1").Scan(&one) == nil
	})
	for name := range acknowledged {
		if !exists(t, eng, name) {
			t.Errorf("%q was acknowledged and is lost", name)
		}
	}
}

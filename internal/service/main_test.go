package service_test

import (
	"flag"
	"os"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/test/env/pgtest"
)

// TestMain sets how much the property tests do unless the command line says so itself:
// few runs of many steps, since states worth seeing take a while to come about. A
// failure prints the seed to repeat it with; no file is left behind.
func TestMain(m *testing.M) {
	flag.Parse()
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, value := range map[string]string{"rapid.checks": "5", "rapid.steps": "50", "rapid.nofailfile": "true"} {
		if given[name] {
			continue
		}
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	pgtest.StopShared()
	os.Exit(code)
}

// withAna is a service on a store, with an App and the user "ana".
func withAna(t *testing.T, st *store.Store) (*service.Service, chat.App, chat.User) {
	t.Helper()
	svc := service.New(st, powertalk.Dialect{}, service.Options{})
	app, err := svc.CreateApp(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	ana, err := svc.Backend(app).PutUser(t.Context(), chat.UserUpdate{XCID: "ana", Fullname: "Ana"})
	if err != nil {
		t.Fatal(err)
	}
	return svc, app, ana
}

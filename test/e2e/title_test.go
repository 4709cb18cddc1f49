package e2e

import (
	"context"
	"testing"

	"parlor/internal/config"
	"parlor/internal/server"
	"parlor/internal/service"
	"parlor/test/env/servertest"
)

// TestAppTitle: people read the App's title where it speaks itself, and never its name. A
// title that another process sets shows on a server that runs.
func TestAppTitle(t *testing.T) {
	t.Parallel()
	for name, newConfig := range map[string]func(testing.TB) config.Config{
		"sqlite": servertest.SQLite, "postgres": servertest.Postgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, newConfig(t), nil)
			app := s.Default()
			putUsers(t, app, "a")
			speaker := func(room string) string {
				t.Helper()
				putRoom(t, app, room, obj{"participantXCUserIDs": list{"a"}})
				return last(t, app, "a", room).User.Fullname
			}
			if got := speaker("r1"); got != "Parlor" {
				t.Errorf("at first %q speaks", got)
			}
			err := server.WithService(t.Context(), s.Config, func(svc *service.Service) error {
				a, err := svc.App(context.Background(), "default")
				if err != nil {
					return err
				}
				return svc.SetAppTitle(context.Background(), a, "The Shop")
			})
			if err != nil {
				t.Fatal(err)
			}
			for last(t, app, "a", "r1").User.Fullname != "The Shop" { // the key's memory is short
				if t.Context().Err() != nil {
					t.Fatal("the title does not arrive")
				}
			}
			if got := speaker("r2"); got != "The Shop" {
				t.Errorf("then %q speaks", got)
			}
			// The setting beats what was set before.
			s.Stop(t)
			s.Config.AppTitle = "The Other Shop"
			s.StartAgain(t)
			app = s.Default()
			if got := speaker("r3"); got != "The Other Shop" {
				t.Errorf("by the setting %q speaks", got)
			}
		})
	}
}

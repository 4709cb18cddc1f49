package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"parlor/internal/config"
	"parlor/internal/server"
	"parlor/internal/service"
	"parlor/test/env/servertest"
)

// TestNoDatabase: a command beside the server is told that there is no database where it
// looks, as often as it tries. It makes none, and a server can begin there.
func TestNoDatabase(t *testing.T) {
	t.Parallel()
	for name, newConfig := range map[string]func(testing.TB) config.Config{
		"sqlite": servertest.EmptySQLite, "postgres": servertest.EmptyPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			cfg.Data = filepath.Join(cfg.Data, "data")
			do := func(*service.Service) error { return nil }
			for range 2 {
				if err := server.WithService(t.Context(), cfg, do); err == nil ||
					!strings.Contains(err.Error(), "there is no Parlor database at ") {
					t.Errorf("error %v", err)
				}
			}
			servertest.Start(t, cfg, nil)
			if err := server.WithService(t.Context(), cfg, do); err != nil {
				t.Error(err)
			}
		})
	}
}

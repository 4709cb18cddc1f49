package servertest

import (
	"fmt"
	"testing"

	"parlor/internal/config"
)

// ForExamples returns a server with an embedded database for a package's examples, which have no test that could
// fail: they panic instead. The package's TestMain must be Main.
func ForExamples() *Server {
	shared.Lock()
	defer shared.Unlock()
	const name = "examples"
	if shared.servers[name] == nil {
		cfg := config.Default()
		cfg.Listen, cfg.ServerKey, cfg.AppKey = "127.0.0.1:0", ServerKey, AppKey
		if shared.servers == nil {
			shared.servers = map[string]*common{}
		}
		shared.servers[name] = startCommon(example{}, cfg)
	}
	return shared.servers[name].server
}

// example is what an example has instead of a test.
type example struct{ testing.TB }

func (example) Helper() {}

func (example) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func (example) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

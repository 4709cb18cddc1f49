package sdkmodel

import (
	"flag"
	"os"
	"testing"
	"time"

	"parlor/test/env/pgtest"
)

var (
	runsFlag = flag.Int("sdkmodel.runs", defaultRuns, "histories on each kind of server")
	seedFlag = flag.Uint64("sdkmodel.seed", 0, "the seed of the first history, the others count on; 0 means a random one")
	pageFlag = flag.Int("sdkmodel.page", small.Page,
		"how many messages the server hands out at once; 0 means that there are no floods")
	waitFlag = flag.Duration("sdkmodel.wait", 20*time.Second, "how long a device may take to be told everything")
	lessFlag = flag.String("sdkmodel.without", "",
		"actions that are not to happen, separated by commas, to find out which it takes")
	dirFlag  = flag.String("sdkmodel.dir", "", "a folder for the logs of histories that fail")
	failFlag = flag.Int("sdkmodel.failures", 20, "after how many failed histories it ends")
	logFlag  = flag.Bool("sdkmodel.log", false, "print what happened in each history, not only in those that fail")
)

// TestMain is the server's main function in the processes that the tests start.
func TestMain(m *testing.M) {
	if settings, is := os.LookupEnv(settingsEnv); is {
		os.Exit(serve(settings))
	}
	pgtest.Main(m)
}

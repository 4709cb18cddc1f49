package server

import (
	"context"
	"os"
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"time"
)

// A small heap is collected again and again under load, for little memory. So while the
// live heap is below smallHeap it may grow to several times its size between
// collections; a large one keeps to the runtime's own pace of doubling.
const (
	smallHeap    = 32 << 20 // bytes
	smallPercent = 400
	largePercent = 100
	gcInterval   = time.Second
)

// tuneGC keeps the collector's pace fit for the heap's size until ctx ends. An operator
// who has set GOGC has decided, and it does nothing.
func tuneGC(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []runtimemetrics.Sample{{Name: "/gc/heap/live:bytes"}}
	now := 0
	tick := time.NewTicker(gcInterval)
	defer tick.Stop()
	for {
		runtimemetrics.Read(live)
		want := smallPercent
		if live[0].Value.Uint64() > smallHeap {
			want = largePercent
		}
		if want != now {
			debug.SetGCPercent(want)
			now = want
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

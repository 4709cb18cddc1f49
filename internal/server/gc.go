package server

import (
	"context"
	"os"
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"time"
)

// A small heap is collected again and again under load, for little memory. So between
// collections a heap may grow to roomyHeap, at most to several times what lives; a large
// one keeps to the runtime's own pace of doubling.
const (
	roomyHeap  = 80 << 20 // bytes
	minPercent = 100
	maxPercent = 400
	gcInterval = time.Second
)

// Memory that a burst has left behind, such as many devices connecting at once, is returned to
// the system when the server is quiet again: then nobody waits for the collection.
const (
	quietRate    = 1 << 20 // bytes allocated within gcInterval
	quietTicks   = 2
	worthFreeing = 4 << 20 // bytes of garbage and free memory, and a quarter of what lives
	maxTidied    = 1 << 30 // bytes of live heap: a collection of more is felt
)

// What a session holds stays where it was allocated, among what its connecting has left behind:
// the more garbage between two collections, the more memory that few sessions keep from being
// returned. So the heap is kept tight while so many sessions come within gcInterval that were
// never there together. Those who only come back find a heap that has grown for as many: then
// collecting more would cost time when there is least of it.
const (
	manyArrive = 50
	partArrive = 32 // or one in so many of the most that were there, if that is more
)

// tuneGC adapts the collector's pace to the heap's size until ctx ends. If the operator has set
// GOGC, it changes nothing. It returns nil.
func tuneGC(ctx context.Context, sessions func() int) error {
	if os.Getenv("GOGC") != "" {
		<-ctx.Done()
		return nil
	}
	heap := newHeapMeter()
	now, quiet, most := 0, 0, 0
	tick := time.NewTicker(gcInterval)
	defer tick.Stop()
	for {
		heap.read()
		want := gcPercent(heap.live())
		n := sessions()
		if n-most > max(manyArrive, most/partArrive) {
			want = minPercent
		}
		most = max(most, n)
		if want != now {
			debug.SetGCPercent(want)
			now = want
		}
		quiet++
		if heap.allocated() > quietRate {
			quiet = 0
		}
		if quiet >= quietTicks && heap.untidy() {
			debug.FreeOSMemory()
			quiet = 0
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// gcPercent is how much a heap may grow between collections, in percent of what lives. It
// goes in steps, for to set it stops the world for a moment.
func gcPercent(live uint64) int {
	const step = 50
	percent := int(100*roomyHeap/max(live, 1)) - 100
	return min(max(percent/step*step, minPercent), maxPercent)
}

// heapMeter reads what the runtime says of the heap.
type heapMeter struct {
	samples []runtimemetrics.Sample
	before  uint64 // allocated in all, at the reading before
}

func newHeapMeter() *heapMeter {
	h := &heapMeter{samples: []runtimemetrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
	}}
	runtimemetrics.Read(h.samples)
	return h
}

func (h *heapMeter) read() {
	h.before = h.samples[2].Value.Uint64()
	runtimemetrics.Read(h.samples)
}

// live is what the last collection has left.
func (h *heapMeter) live() uint64 { return h.samples[0].Value.Uint64() }

// allocated is how much was allocated between the last two readings.
func (h *heapMeter) allocated() uint64 { return h.samples[2].Value.Uint64() - h.before }

// untidy reports whether a collection is worth its while, and short. What has come since
// the last one is taken for garbage: some of it may live.
func (h *heapMeter) untidy() bool {
	live, objects, free := h.live(), h.samples[1].Value.Uint64(), h.samples[3].Value.Uint64()
	return live <= maxTidied && objects+free > live+max(worthFreeing, live/4)
}

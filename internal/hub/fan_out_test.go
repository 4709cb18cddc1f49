package hub

import (
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/device"
)

// counting is a connection that counts the frames that come over it and others.
type counting struct {
	quiet
	frames *atomic.Int64
}

func (c counting) WriteFrames(frames []*Frame) error {
	c.frames.Add(int64(len(frames)))
	return nil
}

// crowd is a room of so many who are connected, and what they have been sent.
func crowd(t testing.TB, size int) (h *Hub, got *atomic.Int64) {
	t.Helper()
	h, got = New(Options{Directory: &directory{people: usersUpTo(size), small: true}}), new(atomic.Int64)
	for _, id := range usersUpTo(size) {
		s := NewSession(counting{frames: got}, chat.Caller{App: chat.App{ID: testApp}, User: id})
		if err := h.Join(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return h, got
}

// tell sends events to the crowd, and returns when everybody has them.
func tell(t testing.TB, h *Hub, got *atomic.Int64, first, events, size int) {
	t.Helper()
	got.Store(0)
	for i := range events {
		id := chat.MessageID(first + i)
		f := NewFrame(make([]byte, 1000), Shown{Message: id, Seen: device.Seen{State: int64(id), Number: int64(id)}})
		b := Broadcast{Place: chat.Place{App: testApp, Room: testRoom}, Frame: f}
		if err := h.Broadcast(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	for got.Load() < int64(events*size) {
		runtime.Gosched()
	}
}

// TestFanOutAllocates: what one event costs one session, in allocations: its place in the queue,
// and the goroutine that writes it, for which the runtime uses old ones again.
func TestFanOutAllocates(t *testing.T) {
	const size = 100
	h, got := crowd(t, size)
	next := 1
	for range 20 { // until what is remembered of each session has its size
		tell(t, h, got, next, 64, size)
		next += 64
	}
	for events, most := range map[int]float64{1: 3, 16: 1} {
		each := testing.AllocsPerRun(50, func() {
			tell(t, h, got, next, events, size)
			next += events
		}) / float64(events*size)
		t.Logf("%d events at once: %.2f allocations for each and session", events, each)
		if each > most {
			t.Errorf("%d events at once: %.2f allocations for each and session, want at most %.1f", events, each, most)
		}
	}
}

// BenchmarkFanOut sends events to 1,000 who are connected, without a network.
func BenchmarkFanOut(b *testing.B) {
	for _, events := range []int{1, 16} {
		b.Run(strconv.Itoa(events), func(b *testing.B) {
			const size = 1000
			h, got := crowd(b, size)
			b.ReportAllocs()
			next := 1
			for b.Loop() {
				tell(b, h, got, next, events, size)
				next += events
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events*size), "ns/delivery")
		})
	}
}

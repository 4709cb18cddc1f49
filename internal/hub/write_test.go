package hub_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/hub"
)

// line is a connection that notes each write: the texts of its frames, or nil for a ping. It
// takes one whenever the test lets it.
type line struct {
	writes [][]string
	pings  []uint64
	take   chan error
}

func newLine() *line { return &line{take: make(chan error)} }

func (l *line) WriteFrames(frames []*hub.Frame) error {
	texts := []string{}
	for _, f := range frames {
		texts = append(texts, string(f.Data))
	}
	l.writes = append(l.writes, texts)
	return <-l.take
}

func (l *line) Ping(n uint64) error {
	l.writes, l.pings = append(l.writes, nil), append(l.pings, n)
	return <-l.take
}

func (l *line) Behind()                    {}
func (l *line) Close(hub.StopCode, string) {}

// takeAll lets the connection take everything, and returns its writes after the first one.
func (l *line) takeAll() [][]string {
	close(l.take)
	synctest.Wait()
	return l.writes[1:]
}

// TestTogether: what queues up behind a write goes together in the next one, up to its bounds,
// and never across a ping.
func TestTogether(t *testing.T) {
	const ping = "ping"
	many := make([]string, 150)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	most := strings.Repeat("m", hub.MaxTogether)
	half := most[:hub.MaxTogether/2]
	tests := []struct {
		name   string
		queued []string
		want   [][]string
	}{
		{"one", []string{"a"}, [][]string{{"a"}}},
		{"several", []string{"a", "b", "c"}, [][]string{{"a", "b", "c"}}},
		{"a ping", []string{ping}, [][]string{nil}},
		{"pings", []string{"a", "b", ping, "c", ping, ping, "d"}, [][]string{{"a", "b"}, nil, {"c"}, nil, nil, {"d"}}},
		{"many", many, [][]string{many[:64], many[64:128], many[128:]}},
		{"as large as may be", []string{half, half[1:], "c"}, [][]string{{half, half[1:]}, {"c"}}},
		{"too large together", []string{half, half, "c"}, [][]string{{half}, {half, "c"}}},
		{"a large one", []string{"a", most + "m", "b", "c"}, [][]string{{"a"}, {most + "m"}, {"b", "c"}}},
		{"large ones", []string{most, most}, [][]string{{most}, {most}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				s := hub.NewSession(l, caller(ana))
				s.Send(hub.NewFrame([]byte("the first")))
				synctest.Wait()
				if len(l.writes) != 1 {
					t.Fatalf("a frame alone waits: %q", l.writes)
				}
				for _, text := range tt.queued {
					if text == ping {
						s.Ping(0)
					} else {
						s.Send(hub.NewFrame([]byte(text)))
					}
				}
				if got := l.takeAll(); !slices.EqualFunc(got, tt.want, slices.Equal) {
					t.Errorf("writes %.200q, want %.200q", got, tt.want)
				}
			})
		})
	}
}

// TestTogetherWithoutStale: a frame in the middle that the device must not get any more is left
// out, and its bytes wait no longer.
func TestTogetherWithoutStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		s := hub.NewSession(l, caller(ana))
		s.Send(hub.NewFrame([]byte("the first")))
		synctest.Wait()
		old := strings.Repeat("o", hub.MaxTogether)
		s.Send(shows("one", 1, 10))
		s.Send(shows(old, 2, 11))
		s.Send(shows("three", 3, 12))
		s.Ahead(device.Known{2: {State: 20, Number: 20}}, 0)
		want := [][]string{{"one", "three"}}
		if got := l.takeAll(); !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("writes %.200q, want %q", got, want)
		}
		for range 2 << 20 / hub.MaxTogether / 2 { // half of what may wait
			s.Send(hub.NewFrame([]byte(old)))
		}
		if s.Backpressure() != nil {
			t.Error("bytes that do not wait any more count")
		}
		synctest.Wait()
	})
}

// TestStopWithinWrite: a session that ends, or whose connection breaks, while several frames are
// being written writes nothing after them, whatever has queued up.
func TestStopWithinWrite(t *testing.T) {
	for name, broken := range map[string]error{"stopped": nil, "broken": errors.New("reset")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				s := hub.NewSession(l, caller(ana))
				send := func(texts ...string) {
					for _, text := range texts {
						s.Send(hub.NewFrame([]byte(text)))
					}
				}
				send("the first")
				synctest.Wait()
				send("a", "b")
				l.take <- nil
				synctest.Wait()
				send(make([]string, 300)...)
				confirmed := make(chan error, 1)
				go func() { confirmed <- s.Confirm(t.Context(), 0) }() // ends with the session
				drained := s.Backpressure()
				synctest.Wait()
				if !waits(drained) {
					t.Fatal("300 frames wait, and there is room for more")
				}
				if broken == nil {
					s.Stop(hub.StopAway, "")
				}
				l.take <- broken
				synctest.Wait()
				if want := [][]string{{"the first"}, {"a", "b"}}; !slices.EqualFunc(l.writes, want, slices.Equal) {
					t.Errorf("writes %q, want %q", l.writes, want)
				}
				if <-confirmed == nil {
					t.Error("a ping that was not sent counts as answered")
				}
				if <-drained; !s.Stopped() || s.Backpressure() != nil {
					t.Error("the session goes on")
				}
			})
		})
	}
}

// TestTogetherArrives: whatever goes together, the order stays, the bounds hold, and the answer to
// a ping shows that exactly those frames have arrived that were queued before it.
func TestTogetherArrives(t *testing.T) {
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			l := newLine()
			s := hub.NewSession(l, caller(ana))
			var want []string // the texts, "" for a ping
			var before []int  // frames queued before each ping
			frames, bytes := 0, 0
			for range random.IntN(400) {
				if random.IntN(20) == 0 {
					s.Ping(int64(frames + 1))
					want, before = append(want, ""), append(before, frames)
				} else if size := 10 << random.IntN(13); bytes+size < 2<<20 {
					frames, bytes = frames+1, bytes+size
					text := fmt.Sprintf("%0*d", size, frames)
					s.Send(shows(text, chat.MessageID(frames), int64(frames)))
					want = append(want, text)
				}
				if random.IntN(8) == 0 {
					synctest.Wait()
					select {
					case l.take <- nil:
					default:
					}
				}
			}
			close(l.take)
			synctest.Wait()
			var got []string
			for _, w := range l.writes {
				if w == nil {
					got = append(got, "")
					continue
				}
				if n := len(strings.Join(w, "\n")); len(w) > 64 || len(w) > 1 && n > hub.MaxTogether {
					t.Errorf("seed %d: %d frames go together, %d bytes", seed, len(w), n)
				}
				got = append(got, w...)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: another order of %d, want %d", seed, len(got), len(want))
			}
			for i, ping := range l.pings {
				s.Answered(ping)
				known, upTo := s.Arrived(time.Time{})
				if len(known) != before[i] || upTo != int64(before[i]+1) {
					t.Errorf("seed %d: ping %d: %d have arrived, up to %d, want %d", seed, i, len(known), upTo, before[i])
				}
			}
		})
	}
}

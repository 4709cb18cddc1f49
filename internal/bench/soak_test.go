package bench

import (
	"strings"
	"testing"
	"time"
)

// readingsOf makes thirds of so many readings each.
func readingsOf(n int, thirds ...soakReading) (all []soakReading) {
	for _, r := range thirds {
		for range n {
			r.at = time.Duration(len(all)+1) * time.Second
			all = append(all, r)
		}
	}
	return all
}

func TestSoakGoals(t *testing.T) {
	at := func(mb, goroutines float64) soakReading {
		return soakReading{resident: mb, heap: mb, goroutines: goroutines, sessions: 5}
	}
	tests := []struct {
		name     string
		readings []soakReading
		missed   string
	}{
		{"steady", readingsOf(10, at(100, 100), at(100, 100), at(100, 100)), ""},
		{"it only warmed up", readingsOf(10, at(10, 10), at(100, 100), at(100, 100)), ""},
		{"within the margins", readingsOf(10, at(100, 100), at(100, 100), at(118, 125)), ""},
		{"memory grows", readingsOf(10, at(100, 100), at(100, 100), at(120, 100)), "resident memory, live heap"},
		{"goroutines grow", readingsOf(10, at(100, 100), at(100, 100), at(100, 126)), "goroutines"},
		{"a peak is no growth", append(readingsOf(4, at(100, 100), at(100, 100), at(100, 100)), at(500, 500)), ""},
		{"it shrinks", readingsOf(1, at(300, 300), at(200, 200), at(100, 100)), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			goals := soakGoals(tt.readings)
			if len(goals) != 3 {
				t.Fatalf("%d goals, want those of memory, live heap and goroutines", len(goals))
			}
			var missed []string
			for _, g := range goals {
				if !g.Met {
					missed = append(missed, strings.TrimSuffix(g.Work, " in the last third"))
				}
			}
			if got := strings.Join(missed, ", "); got != tt.missed {
				t.Errorf("missed %q, want %q: %+v", got, tt.missed, goals)
			}
		})
	}
	if got := soakGoals(readingsOf(2, at(1, 1))); got != nil {
		t.Errorf("two readings have goals: %+v", got)
	}
}

func TestSoakActs(t *testing.T) {
	if n := len((&soaker{}).acts()); n%7 == 0 {
		t.Errorf("%d acts: steps of 7 do not reach all of them", n)
	}
}

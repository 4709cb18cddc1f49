package chat_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parlor/internal/chat"
)

// TestSpansAdd adds messages in any order, where not all messages count, and compares the set
// with the list of what was added. Message n was created at 10·n.
func TestSpansAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Bool(), 1, 60).Draw(t, "counts")
		var s chat.Spans
		added := make([]bool, len(counts))
		for change := int64(1); change <= 12; change++ {
			var times, want []int64
			for n := range counts {
				if !counts[n] || rapid.IntRange(0, 3).Draw(t, "named") > 0 {
					continue
				}
				times = append(times, timeOf(n))
				if !added[n] {
					want = append(want, timeOf(n))
				}
				added[n] = true
			}
			missing := s.Missing(times)
			if !slices.Equal(missing, want) {
				t.Fatalf("change %d: %v are missing, want %v", change, missing, want)
			}
			holes := map[int64]bool{}
			for _, gap := range s.Spaces(missing) {
				holes[gap[0]] = countsBetween(counts, gap[0], gap[1])
			}
			s = s.Add(missing, holes, change, change)
			compareAdded(t, s, counts, added)
		}
	})
}

func timeOf(n int) int64 { return 10*int64(n) + 10 }

// countsBetween reports whether a message that counts was created between two times.
func countsBetween(counts []bool, after, before int64) bool {
	for n, is := range counts {
		if is && timeOf(n) > after && timeOf(n) < before {
			return true
		}
	}
	return false
}

func compareAdded(t *rapid.T, s chat.Spans, counts, added []bool) {
	upTo, whole, runs, inRun := int64(0), true, 0, false
	for n := range counts {
		if !counts[n] {
			continue
		}
		if s.Has(timeOf(n)) != added[n] {
			t.Fatalf("message %d: Has %t, want %t in %+v", n, s.Has(timeOf(n)), added[n], s)
		}
		if added[n] && !inRun {
			runs++
		}
		inRun = added[n]
		if whole = whole && added[n]; whole {
			upTo = timeOf(n)
		}
	}
	if s.UpTo() != upTo {
		t.Fatalf("UpTo %d, want %d in %+v", s.UpTo(), upTo, s)
	}
	apart := 0
	for _, span := range s {
		if !span.Joined {
			apart++
		}
	}
	if want := runs - min(1, int(upTo)); apart != want {
		t.Fatalf("%d spans begin behind a hole, want %d in %+v", apart, want, s)
	}
}

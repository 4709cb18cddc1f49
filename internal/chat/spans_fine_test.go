package chat_test

import (
	"testing"

	"pgregory.net/rapid"

	"parlor/internal/chat"
)

// TestSpansTellLittleTwice adds runs of messages, and asks after each what was added
// since any change: all of it comes, and not many times as much.
func TestSpansTellLittleTwice(t *testing.T) {
	const size = 30_000
	orders := map[string]func(t *rapid.T, done [][2]int64) (from int64){
		"in order": func(_ *rapid.T, done [][2]int64) int64 {
			if len(done) == 0 {
				return 1
			}
			return done[len(done)-1][1] + 1
		},
		"anywhere": func(t *rapid.T, _ [][2]int64) int64 { return rapid.Int64Range(1, size).Draw(t, "from") },
	}
	for name, next := range orders {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				longest := rapid.SampledFrom([]int64{1, 5, 300}).Draw(t, "longest")
				m := addedRoom{by: make([]int64, size+2)}
				var done [][2]int64
				for range rapid.IntRange(1, 600).Draw(t, "runs") {
					from := next(t, done)
					to := from + rapid.Int64Range(0, longest-1).Draw(t, "more")
					if to > size {
						break
					}
					done = append(done, [2]int64{from, to})
					m.add(from, to)
				}
				m.check(t)
			})
		})
	}
}

// addedRoom is a set of spans beside the change that has added each message; message n
// was created at 10·n.
type addedRoom struct {
	by      []int64
	spans   chat.Spans
	changes int64
}

func (m *addedRoom) add(from, to int64) {
	m.changes++
	for from <= to {
		if m.by[from] > 0 {
			from++
			continue
		}
		end := from
		for end <= to && m.by[end] == 0 {
			m.by[end] = m.changes
			end++
		}
		m.spans = m.spans.Insert(chat.Span{
			From: 10 * from, To: 10 * (end - 1), At: m.changes, Number: m.changes, Joined: from == 1 || m.by[from-1] > 0,
		}, m.by[end] > 0)
		from = end
	}
}

// check also bounds the set: joined spans are few, however many changes there were.
func (m *addedRoom) check(t *rapid.T) {
	const times = 4
	added := make([]int64, m.changes+1)
	for _, by := range m.by {
		added[by]++
	}
	really := int64(0)
	for from := m.changes; from > 0; from-- {
		really += added[from]
		told := int64(0)
		for _, span := range m.spans.Between(from, m.changes+1) {
			for n := span.From / 10; n <= span.To/10; n++ {
				if m.by[n] > 0 {
					told++
				}
			}
		}
		if told < really || told > times*really {
			t.Fatalf("since change %d of %d %d messages were added, and %d are told: %+v",
				from, m.changes, really, told, m.spans)
		}
	}
	fine := 0
	for _, span := range m.spans {
		if span.Joined {
			fine++
		}
	}
	if fine > 25 {
		t.Fatalf("%d joined spans: %+v", fine, m.spans)
	}
}

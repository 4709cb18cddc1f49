package webhook

import (
	"testing"

	"parlor/internal/chat"
)

// TestBatchIDs: the id of a call about several events is that of the same events, and of no others.
func TestBatchIDs(t *testing.T) {
	t.Parallel()
	call := func(numbers ...int64) string {
		var s shipment
		for _, n := range numbers {
			s.entries = append(s.entries, &entry{event: chat.FeedEvent{FeedPlace: chat.FeedPlace{Number: n, ID: 1}}, body: []byte("{}")})
		}
		id, _ := s.body(100)
		return id
	}
	if id, again := call(1, 2, 4), call(1, 2, 4); again != id {
		t.Errorf("a repeat of %s is %s", id, again)
	}
	seen := map[string]bool{}
	for _, numbers := range [][]int64{{1}, {1, 2}, {1, 2, 3}, {1, 2, 4}, {1, 3, 4}, {1, 4}} {
		id := call(numbers...)
		if seen[id] {
			t.Errorf("%v has the id of others: %s", numbers, id)
		}
		seen[id] = true
	}
	if id := call(1); id != "evt_1-1" {
		t.Errorf("a single event has the id %s", id)
	}
}

package sdkmodel

import (
	"fmt"
	"slices"
)

// arrivals are the chat frames that came over one socket.
type arrivals struct {
	came    map[string][]int64 // by room: when the messages were created that came for the first time
	updated map[string]int64   // by localID: the greatest updated that came
	faults  []finding
}

func newArrivals() arrivals {
	return arrivals{came: map[string][]int64{}, updated: map[string]int64{}}
}

// take notes a frame. fresh says that the device did not hold the message.
func (a *arrivals) take(event string, m message, fresh bool) {
	if event == sendMessage && fresh {
		a.came[m.Room.RoomID] = append(a.came[m.Room.RoomID], m.Created)
	}
	if last := a.updated[m.LocalID]; m.Updated < last {
		a.faults = append(a.faults, finding{
			m.LocalID, fmt.Sprintf("fell: updated of %s came as %d by %s after %d", m.LocalID, m.Updated, event, last),
		})
	}
	a.updated[m.LocalID] = max(a.updated[m.LocalID], m.Updated)
}

// check says what was wrong with the order of the frames. Messages of one room come in
// theirs. What a device has missed, whether it has asked or not, comes oldest first, and
// beside it what is sent meanwhile: two orders, interleaved.
func (a *arrivals) check() []finding {
	const orders = 2
	wrong := slices.Clone(a.faults)
	for room, times := range a.came {
		if n := falling(times); n > orders {
			wrong = append(wrong, finding{text: fmt.Sprintf("order: new messages of %s came in %d orders: %v", room, n, times)})
		}
	}
	return wrong
}

// falling is the length of the longest part, with gaps, in which times do not rise: into so
// many rising ones they can be parted, and no fewer.
func falling(times []int64) int {
	var ends []int64 // ends[n] is the largest end of a falling part of n+1 times, negated
	for _, t := range times {
		i, _ := slices.BinarySearch(ends, -t+1)
		if i == len(ends) {
			ends = append(ends, -t)
		} else {
			ends[i] = -t
		}
	}
	return len(ends)
}

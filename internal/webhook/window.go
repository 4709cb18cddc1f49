package webhook

import (
	"hash/fnv"
	"io"
	"slices"
	"strconv"

	"parlor/internal/chat"
)

const (
	// readAtOnce is how many events are read at a time, and readsAtOnce how often, of a feed of which the
	// webhook wants little, before something else has its turn.
	readAtOnce  = 64
	readsAtOnce = 32
	// maxWindow and maxWindowBytes bound what a webhook has read ahead.
	maxWindow      = 512
	maxWindowBytes = 2 << 20
	// maxBatchBytes bounds the body of a call about several events.
	maxBatchBytes = 1 << 20
)

// entry is an event in the window.
type entry struct {
	event chat.FeedEvent
	body  []byte
	sent  bool // it is on its way
	done  bool // it was taken, or is parked
}

// window is events that were read and are not all taken yet, in the order of the feed.
type window struct {
	entries []*entry
	bytes   int
	read    chat.FeedPlace     // behind the last that was read
	begin   chat.FeedPlace     // up to here all are taken
	lanes   map[int64][]*entry // what is not done, in its order
	ready   []int64            // lanes whose first entry waits to be sent
}

func newWindow(at chat.FeedPlace) *window {
	return &window{read: at, begin: at, lanes: map[int64][]*entry{}}
}

func (w *window) hasRoom() bool {
	return len(w.entries) <= maxWindow-readAtOnce && w.bytes < maxWindowBytes
}

// pass notes an event that is not to be sent from here.
func (w *window) pass(e chat.FeedEvent) {
	w.read = e.FeedPlace
	if len(w.entries) > 0 {
		w.entries = append(w.entries, &entry{event: e, done: true})
		return
	}
	w.begin = e.FeedPlace
}

func (w *window) add(e chat.FeedEvent, body []byte) {
	one := &entry{event: e, body: body}
	w.read = e.FeedPlace
	w.entries = append(w.entries, one)
	w.bytes += len(body)
	lane := e.Lane()
	w.lanes[lane] = append(w.lanes[lane], one)
	if len(w.lanes[lane]) == 1 {
		w.ready = append(w.ready, lane)
	}
}

// place is up to where, in the feed, everything was taken or is parked.
func (w *window) place() chat.FeedPlace { return w.begin }

// shipment is what one call tells of: entries of the window, or parked events in the order of the feed.
type shipment struct {
	entries []*entry
	parked  []chat.Parked // for each entry, and such as are not wanted any more
	probe   bool          // it was sent while the webhook rests
}

// lanes are those of the events, each once.
func (s shipment) lanes() (list []int64) {
	for _, e := range s.entries {
		if lane := e.event.Lane(); !slices.Contains(list, lane) {
			list = append(list, lane)
		}
	}
	return list
}

// waits reports whether an event waits to be sent.
func (w *window) waits() bool {
	return slices.ContainsFunc(w.entries, func(e *entry) bool {
		return !e.done && !e.sent && w.lanes[e.event.Lane()][0] == e
	})
}

// rally looks anew for the lanes whose first entry waits: next and nextBatch note that each in its way.
func (w *window) rally() {
	w.ready = w.ready[:0]
	for _, e := range w.entries {
		if lane := e.event.Lane(); !e.done && !e.sent && w.lanes[lane][0] == e {
			w.ready = append(w.ready, lane)
		}
	}
}

// next is the next shipment; ok is false where nothing waits.
func (w *window) next() (s shipment, ok bool) {
	for len(w.ready) > 0 {
		lane := w.ready[0]
		w.ready = w.ready[1:]
		if list := w.lanes[lane]; len(list) > 0 && !list[0].sent { // it may have been parked
			list[0].sent = true
			return shipment{entries: list[:1:1]}, true
		}
	}
	return s, false
}

// nextBatch takes up to batch events, whatever waits, in the order of the feed: there is no other call
// about the window under way.
func (w *window) nextBatch(batch int) (s shipment, ok bool) {
	w.ready = w.ready[:0]
	bytes := 0
	for _, e := range w.entries {
		if e.done || e.sent {
			continue
		}
		if len(s.entries) == batch || len(s.entries) > 0 && bytes+len(e.body) > maxBatchBytes {
			break
		}
		e.sent = true
		bytes += len(e.body)
		s.entries = append(s.entries, e)
	}
	return s, len(s.entries) > 0
}

// done notes that entries were taken.
func (w *window) done(entries []*entry) {
	for _, e := range entries {
		lane := e.event.Lane()
		list := w.lanes[lane]
		if e.done || len(list) == 0 {
			continue
		}
		w.finish(e)
		if list = list[1:]; len(list) == 0 { // entries of a lane are taken in their order
			delete(w.lanes, lane)
			continue
		}
		w.lanes[lane] = list
		w.ready = append(w.ready, lane)
	}
	w.shrink()
}

// takeLane takes a lane out of the window, from an entry on.
func (w *window) takeLane(lane int64, first *entry) (list []*entry) {
	list = w.lanes[lane]
	for len(list) > 0 && list[0] != first { // of a batch, what was before it is done
		list = list[1:]
	}
	for _, e := range list {
		w.finish(e)
	}
	delete(w.lanes, lane)
	w.shrink()
	return list
}

// takeSkipped takes what was not told, before the last that was, out of a window that is used no more.
func (w *window) takeSkipped() (list []*entry) {
	told := len(w.entries)
	for told > 0 && (!w.entries[told-1].done || !w.entries[told-1].sent) {
		told--
	}
	for _, e := range w.entries[:told] {
		if !e.done {
			list = append(list, e)
			w.finish(e)
		}
	}
	w.shrink()
	return list
}

func (w *window) finish(e *entry) {
	if !e.done {
		e.done = true
		w.bytes -= len(e.body)
		e.body = nil
	}
}

// shrink lets go of what is done at the front.
func (w *window) shrink() {
	n := 0
	for n < len(w.entries) && w.entries[n].done {
		w.begin = w.entries[n].event.FeedPlace
		w.entries[n] = nil
		n++
	}
	w.entries = w.entries[n:]
	if len(w.entries) == 0 {
		w.entries, w.begin = nil, w.read
	}
}

// body is what a call says, and its id. With batches it is a list, also of one event.
func (s shipment) body(batch int) (id string, body []byte) {
	id = s.entries[0].event.PublicID()
	if batch <= 1 {
		return id, s.entries[0].body
	}
	body = append(body, `{"events":[`...)
	for i, e := range s.entries {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, e.body...)
	}
	body = append(body, `]}`...)
	if len(s.entries) > 1 { // the same of the same events, and of no others
		all := fnv.New64a()
		for _, e := range s.entries {
			_, _ = io.WriteString(all, e.event.PublicID()+" ") // a hash's Write never fails
		}
		id += "_" + strconv.Itoa(len(s.entries)) + "_" + strconv.FormatUint(all.Sum64(), 36)
	}
	return id, body
}

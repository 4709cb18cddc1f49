package faults

import (
	"fmt"
	"slices"
	"sync"
)

// history is what the devices of a crowd did, in one order of time for all of them, and
// what they know of how it ended. It is what a checker holds a server to.
type history struct {
	mu      sync.Mutex
	clock   int64 // rises with everything that happens
	sends   []*sending
	byLocal map[string]*sending
	edits   map[string][]edit // of a message, in order; only one device edits it
	erased  map[string]fate   // deleted for everyone
	marks   map[mark]fate
	strange []string // what must never happen, and shows at once
}

func newHistory() *history {
	return &history{
		byLocal: map[string]*sending{}, edits: map[string][]edit{}, erased: map[string]fate{}, marks: map[mark]fate{},
	}
}

// sending is a message that a device sends until it is acknowledged.
type sending struct {
	localID, room, user, device, body string
	hidden                            bool

	begun int64          // when it was sent first
	acked int64          // when the device learned that it is stored; 0: never
	tries map[string]int // how often it was sent, by socket; "" is by HTTP
}

// edit is one new body of a message.
type edit struct {
	body string
	fate fate
}

// markKind is what a user can note of a message for themselves.
type markKind string

const (
	readMark      markKind = "chat/message/feedback/read"
	deliveredMark markKind = "chat/message/feedback/delivered"
	hideMark      markKind = "chat/message/delete" // for oneself
)

// mark is a note of one user on one message.
type mark struct {
	kind          markKind
	user, localID string
}

// tick returns the next moment. The caller holds h.mu, or is alone.
func (h *history) tick() int64 {
	h.clock++
	return h.clock
}

func (h *history) now() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tick()
}

func (h *history) note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.strange = append(h.strange, fmt.Sprintf(format, args...))
}

// try notes that s is about to be sent, over a socket or, if that is "", by HTTP.
func (h *history) try(s *sending, socket string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.begun == 0 {
		s.begun, s.tries = h.tick(), map[string]int{}
		h.sends = append(h.sends, s)
		h.byLocal[s.localID] = s
	}
	s.tries[socket]++
}

// ack notes that s is stored.
func (h *history) ack(s *sending) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.acked == 0 {
		s.acked = h.tick()
	}
}

// editing notes that a message is about to be edited.
func (h *history) editing(localID, body string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.edits[localID] = append(h.edits[localID], edit{body: body})
}

// edited notes that the last edit of a message is stored.
func (h *history) edited(localID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.edits[localID]
	list[len(list)-1].fate = acked
}

// erase notes a deletion for everyone: unknown before it is sent, acked afterwards.
func (h *history) erase(localID string, f fate) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.erased[localID] = max(h.erased[localID], f)
}

// mark notes marks: unknown before they are sent, acked afterwards.
func (h *history) mark(kind markKind, user string, localIDs []string, f fate) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range localIDs {
		m := mark{kind, user, id}
		h.marks[m] = max(h.marks[m], f)
	}
}

// open returns the marks of a user and kind whose outcome is unknown.
func (h *history) open(kind markKind, user string) (localIDs []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for m, f := range h.marks {
		if f != acked && m.kind == kind && m.user == user {
			localIDs = append(localIDs, m.localID)
		}
	}
	slices.Sort(localIDs) // so that a seed says it all
	return localIDs
}

// has reports whether a user has made a mark, or may have.
func (h *history) has(kind markKind, user, localID string) bool {
	_, ok := h.marks[mark{kind, user, localID}]
	return ok
}

// readBy reports whether user has read a message, or may have: what is deleted for
// oneself counts as read.
func (h *history) readBy(user, localID string) bool {
	return h.has(readMark, user, localID) || h.has(hideMark, user, localID)
}

func (h *history) deliveredTo(user, localID string) bool {
	return h.has(deliveredMark, user, localID) || h.readBy(user, localID)
}

// body is the text that a message has at the end.
func (h *history) body(s *sending) string {
	if list := h.edits[s.localID]; len(list) > 0 {
		return list[len(list)-1].body
	}
	return s.body
}

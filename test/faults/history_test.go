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
	flags   map[userFlag]fate
	strange []string // what must never happen, and shows at once
}

func newHistory() *history {
	return &history{
		byLocal: map[string]*sending{}, edits: map[string][]edit{}, erased: map[string]fate{},
		flags: map[userFlag]fate{},
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

// flagKind is what a user does with a message for themselves: a receipt, or a deletion.
type flagKind string

const (
	readFlag      flagKind = "chat/message/feedback/read"
	deliveredFlag flagKind = "chat/message/feedback/delivered"
	hiddenFlag    flagKind = "chat/message/delete" // for oneself
)

// userFlag is set by one user on one message.
type userFlag struct {
	kind          flagKind
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

// flag notes flags: unknown before they are sent, acked afterwards.
func (h *history) flag(kind flagKind, user string, localIDs []string, f fate) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range localIDs {
		m := userFlag{kind, user, id}
		h.flags[m] = max(h.flags[m], f)
	}
}

// open returns the flags of a user and kind whose outcome is unknown.
func (h *history) open(kind flagKind, user string) (localIDs []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for m, f := range h.flags {
		if f != acked && m.kind == kind && m.user == user {
			localIDs = append(localIDs, m.localID)
		}
	}
	slices.Sort(localIDs) // so that a seed says it all
	return localIDs
}

// has reports whether a user has set a flag, or may have.
func (h *history) has(kind flagKind, user, localID string) bool {
	_, ok := h.flags[userFlag{kind, user, localID}]
	return ok
}

// readBy reports whether user has read a message, or may have: what is deleted for
// oneself counts as read.
func (h *history) readBy(user, localID string) bool {
	return h.has(readFlag, user, localID) || h.has(hiddenFlag, user, localID)
}

func (h *history) deliveredTo(user, localID string) bool {
	return h.has(deliveredFlag, user, localID) || h.readBy(user, localID)
}

// body is the text that a message has at the end.
func (h *history) body(s *sending) string {
	if list := h.edits[s.localID]; len(list) > 0 {
		return list[len(list)-1].body
	}
	return s.body
}

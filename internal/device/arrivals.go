package device

import (
	"time"

	"parlor/internal/chat"
)

// maxWritten bounds what is remembered of one session's frames. What is forgotten may be sent
// once more.
const maxWritten = 512

// Arrivals is what was written to a session, and what of it has reached the device. Its
// zero value is ready. It is not safe for concurrent use.
type Arrivals struct {
	written    []written // messages, in the order of writing
	pings      uint64    // written so far
	unanswered []sentPing
	upTo       int64 // the frames of all changes below this number that were delivered have arrived
	unsaved    bool  // something has arrived since Forget
}

// written is a message that was written, in a state.
type written struct {
	id       chat.MessageID
	seen     Seen
	original bool          // nothing about it had changed: a device that knows the message knows that much
	after    uint64        // pings that were written before
	at       time.Duration // since the session began
	arrived  bool
}

// sentPing is a ping that was not answered. When it was queued, the changes below frontier had
// been delivered.
type sentPing struct {
	ping     uint64
	frontier int64
}

// Wrote notes that a message is being written.
func (a *Arrivals) Wrote(id chat.MessageID, s Seen, original bool, at time.Duration) {
	if len(a.written) >= maxWritten {
		a.written = append(a.written[:0], a.written[maxWritten/4:]...)
	}
	a.written = append(a.written, written{id, s, original, a.pings, at, false})
}

// Ping notes that a ping is being written, after all changes below frontier, and
// returns its number.
func (a *Arrivals) Ping(frontier int64) uint64 {
	a.pings++
	if len(a.unanswered) >= maxWritten {
		a.unanswered = a.unanswered[1:]
	}
	a.unanswered = append(a.unanswered, sentPing{a.pings, frontier})
	return a.pings
}

// Answered notes that the device has answered a ping: it has everything that was written before.
func (a *Arrivals) Answered(ping uint64) {
	if ping == 0 || ping > a.pings {
		return // it was never asked
	}
	for len(a.unanswered) > 0 && a.unanswered[0].ping <= ping {
		if frontier := a.unanswered[0].frontier; frontier > a.upTo {
			a.upTo, a.unsaved = frontier, true
		}
		a.unanswered = a.unanswered[1:]
	}
	if len(a.unanswered) == 0 {
		a.unanswered = nil // an idle session is to hold nothing
	}
	for i := range a.written {
		if f := &a.written[i]; !f.arrived && f.after < ping {
			f.arrived, a.unsaved = true, true
		}
	}
}

// Received notes that the device has named messages: they have arrived, but later changes to
// them may not have.
func (a *Arrivals) Received(ids map[chat.MessageID]bool) {
	for i := range a.written {
		if f := &a.written[i]; !f.arrived && f.original && ids[f.id] {
			f.arrived, a.unsaved = true, true
		}
	}
}

// Open reports whether something was written that is not known to have arrived.
func (a *Arrivals) Open() bool {
	for i := range a.written {
		if !a.written[i].arrived {
			return true
		}
	}
	return false
}

// Unsaved reports whether anything has arrived since Forget.
func (a *Arrivals) Unsaved() bool { return a.unsaved }

// Known returns what has arrived lately, and the number below which everything delivered has.
// What was written up to a time, counted from the session's beginning, has arrived, too.
func (a *Arrivals) Known(upTo time.Duration) (Known, int64) {
	known := make(Known, len(a.written))
	for _, f := range a.written {
		if f.arrived || f.at <= upTo {
			known.Note(f.id, f.seen)
		}
	}
	return known, a.upTo
}

// Forget says that what has arrived has been saved, and drops what the device's cursor has
// passed.
func (a *Arrivals) Forget(cursor int64) {
	a.unsaved = false
	var kept []written
	for _, f := range a.written {
		if !f.arrived || f.seen.Number >= cursor {
			kept = append(kept, f)
		}
	}
	a.written = kept
}

package device

import (
	"time"

	"parlor/internal/chat"
)

// maxWritten bounds what is remembered of one session's frames. What is forgotten may come
// once more.
const maxWritten = 512

// Arrivals is what was written to a session, and what of it has reached the device. Its
// zero value is ready. It is not safe for concurrent use.
type Arrivals struct {
	written []written // messages, in the order of writing
	pings   uint64    // written so far
	asked   []asked   // pings that were not answered
	upTo    int64     // of all changes below this number that were told, the frames have arrived
	news    bool      // something has arrived since Forget
}

// written is a message that was written, in a state.
type written struct {
	id       chat.MessageID
	seen     Seen
	original bool          // nothing of it had changed: whoever knows the message knows that much
	after    uint64        // pings that were written before
	at       time.Duration // since the session began
	arrived  bool
}

// asked is a ping: when it was queued, changes below told had been told.
type asked struct {
	ping uint64
	told int64
}

// Wrote notes that a message is being written.
func (a *Arrivals) Wrote(id chat.MessageID, s Seen, original bool, at time.Duration) {
	if len(a.written) >= maxWritten {
		a.written = append(a.written[:0], a.written[maxWritten/4:]...)
	}
	a.written = append(a.written, written{id, s, original, a.pings, at, false})
}

// Ping notes that a ping is being written, before which all changes below told were, and
// returns its number.
func (a *Arrivals) Ping(told int64) uint64 {
	a.pings++
	if len(a.asked) >= maxWritten {
		a.asked = a.asked[1:]
	}
	a.asked = append(a.asked, asked{a.pings, told})
	return a.pings
}

// Answered notes that the device has answered a ping: it has all that was written before.
func (a *Arrivals) Answered(ping uint64) {
	if ping == 0 || ping > a.pings {
		return // it was never asked
	}
	for len(a.asked) > 0 && a.asked[0].ping <= ping {
		if told := a.asked[0].told; told > a.upTo {
			a.upTo, a.news = told, true
		}
		a.asked = a.asked[1:]
	}
	if len(a.asked) == 0 {
		a.asked = nil // an idle session is to hold nothing
	}
	for i := range a.written {
		if f := &a.written[i]; !f.arrived && f.after < ping {
			f.arrived, a.news = true, true
		}
	}
}

// Received notes that the device has named messages: they have arrived, but changes of them
// may not have.
func (a *Arrivals) Received(ids map[chat.MessageID]bool) {
	for i := range a.written {
		if f := &a.written[i]; !f.arrived && f.original && ids[f.id] {
			f.arrived, a.news = true, true
		}
	}
}

// Open reports whether something was written of which it is not known that it has arrived.
func (a *Arrivals) Open() bool {
	for i := range a.written {
		if !a.written[i].arrived {
			return true
		}
	}
	return false
}

// News reports whether anything has arrived since Forget.
func (a *Arrivals) News() bool { return a.news }

// Known returns what has arrived lately, and the number below which all that was told has.
// What was written up to a time, counted from the session's begin, has arrived, too.
func (a *Arrivals) Known(upTo time.Duration) (Known, int64) {
	known := make(Known, len(a.written))
	for _, f := range a.written {
		if f.arrived || f.at <= upTo {
			known.Note(f.id, f.seen)
		}
	}
	return known, a.upTo
}

// Forget says that what has arrived was written down, and drops that of it which the
// device's cursor has passed.
func (a *Arrivals) Forget(cursor int64) {
	a.news = false
	var kept []written
	for _, f := range a.written {
		if !f.arrived || f.seen.Number >= cursor {
			kept = append(kept, f)
		}
	}
	a.written = kept
}

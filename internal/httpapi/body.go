package httpapi

import (
	"errors"
	"io"
	"net/http"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
)

const (
	// MaxRequestBody bounds a body, in bytes.
	MaxRequestBody = 4 << 20
	// smallBody is the space that a body is given at first, in bytes. It is not counted: a
	// connection costs as much.
	smallBody = 4 << 10
	// bodyGrace is how long to wait for a body that does not come at all. One that comes has
	// more time, by minBodyRate, and bodyTime at most.
	bodyGrace   = 10 * time.Second
	bodyTime    = 30 * time.Second
	minBodyRate = 4 << 10 // bytes a second
)

// errUnread says that a body did not come to its end: the connection broke, or the sender
// was too slow. There is nothing left to read.
var errUnread = &chat.Error{Code: chat.CodeInvalid, Message: "The request body could not be read to its end"}

// body is a request's body while its call is served.
type body struct {
	bytes  []byte
	shares *budget.Budget
	owner  budget.Owner
	held   int64 // bytes of the owner's share
}

// readBody reads at most MaxRequestBody bytes. It counts what has come, not what was announced:
// a large body that never arrives takes nobody's place. done must be called, even after an
// error.
func (a *API) readBody(w http.ResponseWriter, r *http.Request, o budget.Owner) (b *body, err error) {
	b = &body{shares: a.shares, owner: o}
	if r.ContentLength > MaxRequestBody {
		return b, tooLarge()
	}
	if r.ContentLength == 0 {
		return b, nil
	}
	size := int64(smallBody)
	if r.ContentLength > 0 {
		size = min(size, r.ContentLength)
	}
	var slow deadline
	if r.ContentLength != size { // a small one does not affect others, however slow
		slow = newDeadline(w)
		defer slow.lift()
	}
	b.bytes = make([]byte, 0, size)
	for {
		slow.set(len(b.bytes))
		n, err := r.Body.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case len(b.bytes) > MaxRequestBody:
			return b, tooLarge()
		case int64(len(b.bytes)) == r.ContentLength:
			return b, nil
		case errors.Is(err, io.EOF) && r.ContentLength < 0:
			return b, nil
		case err != nil:
			return b, errUnread
		}
		if len(b.bytes) == cap(b.bytes) {
			after, err := b.grow(r.ContentLength)
			if err != nil {
				return b, err
			}
			if after > 0 {
				time.Sleep(after) // bounded; meanwhile the sender waits, too
				slow.start = slow.start.Add(after)
			}
		}
	}
}

// grow doubles the space of a body that has filled it, and returns how long to wait before
// reading on.
func (b *body) grow(announced int64) (after time.Duration, err error) {
	size := min(2*cap(b.bytes), MaxRequestBody+1)
	if announced > 0 {
		size = min(size, int(announced))
	}
	more := int64(size) - b.held
	if after, err = b.shares.Body(b.owner, more); err != nil {
		return 0, err
	}
	b.held += more
	b.bytes = append(make([]byte, 0, size), b.bytes...)
	return after, nil
}

// done gives back what the body holds. It may be called on nil.
func (b *body) done() {
	if b == nil {
		return
	}
	b.bytes = nil
	b.shares.BodyDone(b.owner, b.held)
	b.held = 0
}

func tooLarge() error {
	return chat.Errorf(chat.CodeTooLarge, "The request body is larger than %d bytes", MaxRequestBody)
}

// deadline gives up on a body that does not come. The zero value never does.
type deadline struct {
	conn  *http.ResponseController
	start time.Time
}

func newDeadline(w http.ResponseWriter) deadline {
	return deadline{http.NewResponseController(w), time.Now()}
}

// set sets the time for the next piece, after so many bytes.
func (d deadline) set(come int) {
	if d.conn == nil {
		return
	}
	allowed := min(bodyGrace+time.Duration(come)*time.Second/minBodyRate, bodyTime)
	_ = d.conn.SetReadDeadline(d.start.Add(allowed)) // if it cannot be set, ReadTimeout applies
}

// lift removes the deadline: while the call is served the connection is watched, and the watch
// must not end.
func (d deadline) lift() { _ = d.conn.SetReadDeadline(time.Time{}) }

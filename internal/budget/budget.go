// Package budget shares what callers can occupy: places for calls, memory for what they
// send and do not read, processor time for reading it, the sender's place in a chat. Each
// resource has so much for all, and a share for each caller. Callers who are over their share
// wait for a moment or are refused; the others do not notice.
package budget

import (
	"context"
	"errors"
	"runtime"
	"time"

	"parlor/internal/chat"
)

// Sizes and times of what callers share. docs/protocol.md, "Shares", lists them.
const (
	kib, mib = 1 << 10, 1 << 20

	maxCalls       = 1024
	maxBodyBytes   = 256 * mib
	maxAnswerBytes = 512 * mib
	maxFrameBytes  = 256 * mib
	maxHandshakes  = 4096
	maxDrains      = 256
	maxTransfers   = 1024

	// FreeAnswer is how much of an answer is not counted: a connection takes that much before
	// its reader does anything, in bytes.
	FreeAnswer = 64 * kib
	// LargeInput is the size from which reading what came is work that has its own places,
	// in bytes.
	LargeInput = 64 * kib

	// waitTime bounds how long a call waits for its caller's other ones.
	waitTime = 5 * time.Second
	// RetryAfter is when a refused caller may expect to succeed.
	RetryAfter = time.Second

	// What a user's calls may take of the node's time: so much a second of each processor,
	// workAtOnce after a rest. Of one call maxWork counts at most: it may have waited for a
	// database that is slow for everybody.
	workPerCore = 125 * time.Millisecond
	workAtOnce  = 2 * time.Second
	maxWork     = 250 * time.Millisecond
	// workTogether is how much they may take before their calls are served one at a time.
	workTogether = 250 * time.Millisecond
	// maxRest is the longest that a call waits for what the ones before have taken. No more is
	// owed, either, so that callers who have stopped are soon served normally again.
	maxRest = 2 * time.Second

	sendsPerSecond, sendsAtOnce   = 500, 100
	framesPerSecond, framesAtOnce = 2000, 4000
	wrongPerSecond, wrongAtOnce   = 100, 2000
	// sendUnit is how much of a message counts as one more, in bytes: long ones keep their
	// receivers busy for longer.
	sendUnit = 2 * kib
)

// Budget limits what each caller of one node may occupy. It is safe for concurrent use.
type Budget struct {
	calls, turns, bodies, answers, parsing, frames, handshakes, drains, transfers *Pool
	sends, framePace, work                                                        *Pace
	bodyPace, filePace                                                            [kinds]*Pace // bytes
	door                                                                          *door
	rates                                                                         *rates
	refused                                                                       func(share, who string)
}

// New returns a Budget for one node. refused, if set, is called for each refusal, with the
// share that was used up and the kind of caller.
func New(refused func(share, who string)) *Budget {
	if refused == nil {
		refused = func(string, string) {}
	}
	cores := int64(runtime.GOMAXPROCS(0))
	half := max(1, cores/2)
	return &Budget{
		calls: NewPool(maxCalls, map[Kind]Share{
			Backend: {Each: 512, All: 768, Waiting: 1024},
			Person:  {Each: 8, All: 768, Waiting: 32},
			Guest:   {Each: 32, All: 128, Waiting: 128},
		}),
		turns: NewPool(maxCalls, map[Kind]Share{Person: {Each: 1, All: maxCalls, Waiting: maxCalls}}),
		bodies: NewPool(maxBodyBytes, map[Kind]Share{
			Backend: {Each: 64 * mib, All: 160 * mib},
			Person:  {Each: 8 * mib, All: 96 * mib},
			Guest:   {Each: 8 * mib, All: 32 * mib},
		}),
		answers: NewPool(maxAnswerBytes, map[Kind]Share{
			Backend: {Each: 128 * mib, All: 320 * mib, Waiting: 256},
			Person:  {Each: 16 * mib, All: 256 * mib, Waiting: 32},
			Guest:   {Each: 4 * mib, All: 32 * mib, Waiting: 32},
		}),
		parsing: NewPool(half, map[Kind]Share{
			Backend: {Each: half, All: half, Waiting: 256},
			Person:  {Each: 1, All: half, Waiting: 64},
			Guest:   {Each: 1, All: 1, Waiting: 16},
		}),
		frames:     NewPool(maxFrameBytes, map[Kind]Share{Person: {Each: 8 * mib, All: maxFrameBytes}}),
		handshakes: NewPool(maxHandshakes, map[Kind]Share{Person: {Each: 4, All: maxHandshakes, Waiting: 64}}),
		drains:     NewPool(maxDrains, map[Kind]Share{Guest: {Each: 32, All: maxDrains}}),
		transfers: NewPool(maxTransfers, map[Kind]Share{
			Person: {Each: 8, All: 768, Waiting: 32},
			Guest:  {Each: 64, All: 768, Waiting: 128}, // several people may share an address
		}),
		sends:     NewPace(sendsPerSecond, sendsAtOnce),
		framePace: NewPace(framesPerSecond, framesAtOnce),
		work:      NewPace(int(cores*workPerCore.Microseconds()), int(workAtOnce.Microseconds())),
		bodyPace: [kinds]*Pace{
			Backend: NewPace(64*mib, 256*mib), Person: NewPace(4*mib, 16*mib), Guest: NewPace(mib, 8*mib),
		},
		// A file goes to the disk as it comes and holds no memory but its buffer.
		filePace: [kinds]*Pace{
			Backend: NewPace(128*mib, 512*mib), Person: NewPace(128*mib, 512*mib), Guest: NewPace(mib, 8*mib),
		},
		rates:   newRates(),
		door:    newDoor(NewPace(wrongPerSecond, wrongAtOnce)),
		refused: refused,
	}
}

// Call waits for a place to be served in, and returns the function that gives it up. When a
// user's calls have taken much time lately, they take turns, and after more they also rest
// before each.
func (b *Budget) Call(ctx context.Context, o Owner) (done func(), err error) {
	leave, err := b.place(ctx, o, places{
		b.calls, "calls", "too many calls under way at the same time; wait for answers before you call again",
	})
	if err != nil || o.kind != Person {
		return leave, err
	}
	pass := func() {}
	if b.work.taken(o) > int(workTogether.Microseconds()) {
		if pass, err = b.rest(ctx, o); err != nil {
			leave()
			return nil, err
		}
	}
	begun := time.Now()
	return func() {
		if b.work.debt(o) < maxRest {
			b.work.Next(o, int(min(time.Since(begun), maxWork).Microseconds()))
		}
		pass()
		leave()
	}, nil
}

// rest waits for o's turn, and then until the time that was taken before is made up for.
func (b *Budget) rest(ctx context.Context, o Owner) (pass func(), err error) {
	const why = "calls that take too much time; wait for answers before you call again"
	if err := b.turns.wait(ctx, o, 1); err != nil {
		return nil, b.refuse(b.turns.limit("turns", Concurrent, o), o, err, why)
	}
	select {
	case <-time.After(min(b.work.debt(o), maxRest)):
		return func() { b.turns.give(o, 1) }, nil
	case <-ctx.Done(): // before anything was done
		b.turns.give(o, 1)
		return nil, b.refuse(b.turns.limit("turns", Concurrent, o), o, errShare, why)
	}
}

// Parse waits for a place to read a large body or frame in.
func (b *Budget) Parse(ctx context.Context, o Owner) (done func(), err error) {
	return b.place(ctx, o, places{
		b.parsing, "parsing", "too many large bodies under way at the same time; send them one after the other",
	})
}

// Handshake waits for a place to open a socket in.
func (b *Budget) Handshake(ctx context.Context, o Owner) (done func(), err error) {
	return b.place(ctx, o, places{
		b.handshakes, "handshakes", "too many sockets that open at the same time; open them one after the other",
	})
}

// places is a Pool that is taken one by one, its name and what a refusal says.
type places struct {
	pool  *Pool
	share string
	why   string
}

// place waits for one of p.
func (b *Budget) place(ctx context.Context, o Owner, p places) (done func(), err error) {
	if err := p.pool.take(o, 1); err != nil { // few ever wait
		ctx, cancel := context.WithTimeout(ctx, waitTime)
		defer cancel()
		if err := p.pool.wait(ctx, o, 1); err != nil {
			return nil, b.refuse(p.pool.limit(p.share, Concurrent, o), o, err, p.why)
		}
	}
	return func() { p.pool.give(o, 1) }, nil
}

// Body takes n more bytes for a body whose bytes so far have arrived, and returns how long to
// wait before reading them.
func (b *Budget) Body(o Owner, n int64) (after time.Duration, err error) {
	const why = "too many bytes of bodies under way at the same time; send large ones one after the other"
	if err := b.bodies.take(o, n); err != nil {
		return 0, b.refuse(b.bodies.limit("bodies", Bytes, o), o, err, why)
	}
	after, ok := b.bodyPace[o.kind].try(o, int(n), waitTime)
	if !ok {
		b.bodies.give(o, n)
		return 0, b.refuse(b.bodyPace[o.kind].limit("bodies", Bytes, o, int(n)), o, errShare, why)
	}
	return after, nil
}

// BodyDone gives back what Body has taken.
func (b *Budget) BodyDone(o Owner, n int64) { b.bodies.give(o, n) }

// Frame takes n more bytes for a frame whose bytes so far have arrived.
func (b *Budget) Frame(o Owner, n int64) error {
	if err := b.frames.take(o, n); err != nil {
		return b.refuse(b.frames.limit("frames", Bytes, o), o, err, "too many large frames on the way at the same time")
	}
	return nil
}

// FrameDone gives back what Frame has taken.
func (b *Budget) FrameDone(o Owner, n int64) { b.frames.give(o, n) }

// Drain reports whether the rest of a refused body may be read for the caller's sake.
func (b *Budget) Drain(remote string) (done func(), ok bool) {
	o := Stranger(remote)
	if b.drains.take(o, 1) != nil {
		return nil, false
	}
	return func() { b.drains.give(o, 1) }, true
}

// SendAfter is how long a message or an edit of size bytes must wait, so that one user does not
// keep the others too busy.
func (b *Budget) SendAfter(o Owner, size int) time.Duration { return b.sends.Next(o, 1+size/sendUnit) }

// FrameAfter is how long the next frame must wait, whatever is in it.
func (b *Budget) FrameAfter(o Owner, size int) time.Duration {
	return b.framePace.Next(o, 1+size/sendUnit)
}

// Identify finds the caller by authenticate, unless the address has shown too many wrong
// credentials and these were never right before. shown is what authenticate looks at.
func (b *Budget) Identify(
	shown Credentials, remote string, authenticate func() (chat.Caller, error),
) (chat.Caller, error) {
	credentials := b.door.hash(shown)
	if !b.door.mayTry(remote, credentials) {
		return chat.Caller{}, b.refuse(b.door.wrong.limit("credentials", Requests, Stranger(remote), 1), Stranger(remote), errShare,
			"shown too many wrong keys or tokens; check them")
	}
	c, err := authenticate()
	if err != nil {
		b.Guessed(remote, err)
		return c, err
	}
	b.door.right(credentials)
	return c, nil
}

// Guessed counts a failure, if its cause is wrong credentials.
func (b *Budget) Guessed(remote string, err error) {
	if isGuess(err) {
		b.door.wrong.note(Stranger(remote))
	}
}

// refuse makes the error of a refusal.
func (b *Budget) refuse(l Limit, o Owner, err error, why string) error {
	b.refused(l.Share, o.kind.String())
	if errors.Is(err, errShare) {
		return refused{chat.Errorf(chat.CodeTooMany, "This %s has %s", o.kind.said(), why), l}
	}
	return refused{Overloaded(), l}
}

// Overloaded is the error of a call that was refused for what all callers do together.
func Overloaded() error {
	return chat.Errorf(chat.CodeUnavailable, "Too many requests are being served; try again")
}

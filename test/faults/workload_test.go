package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/powertalk/cipher"
)

const (
	watch   = "watch" // is in every room and never says a word, so all that shows is unread to them
	workers = 12
	guests  = 8   // users whom rooms are made with
	pool    = 300 // users who are put into rooms later
)

func senderXC(i int) string { return fmt.Sprint("sender", i) }
func guestXC(i int) string  { return fmt.Sprint("guest", i%guests) }
func poolXC(i int) string   { return fmt.Sprint("pool", i) }

// fate is what its caller knows of a write.
type fate int

const (
	unknown fate = iota // no answer came: all of it is there, or nothing of it
	acked               // it is stored for good
	refused             // the server said that nothing was stored
)

// write is one call of a workload. Repeating its call changes nothing once it is there.
type write struct {
	path string
	body fields
	fate fate

	room     string   // the customer's id of the room; "" for a personal one
	people   []string // whom it puts into the room, in order
	localIDs []string // the messages that it sends; none when Parlor chooses the ids
	shown    int64    // how many more messages watch has not read
	doubts   int64    // how often it was issued and its outcome is not known
}

// workload writes from many goroutines, records every write and holds a server to it.
type workload struct {
	acks     atomic.Int64
	refusals atomic.Int64

	mu      sync.Mutex
	writes  []*write
	lobbies []string // rooms that all write to
	echo    string   // a room for messages whose ids Parlor chooses, so that they can only be counted
	joined  int      // how many of the pool are in a room
	serial  int      // of rooms
}

// newWorkload writes what every load needs.
func newWorkload(t *testing.T, s *server) *workload {
	t.Helper()
	names := []string{watch}
	for i := range workers {
		names = append(names, senderXC(i))
	}
	for i := range guests {
		names = append(names, guestXC(i))
	}
	for i := range pool {
		names = append(names, poolXC(i))
	}
	inParallel(names, func(xc string) {
		if err := s.put(t.Context(), xc); err != nil {
			t.Error(err)
		}
	})
	w := &workload{}
	makeRoom := func() string {
		e := w.create()
		if err := w.issue(t.Context(), s, e); err != nil || e.fate != acked {
			t.Fatalf("a room cannot be made: %v", err)
		}
		return e.room
	}
	w.lobbies = []string{makeRoom(), makeRoom(), makeRoom()}
	w.echo = makeRoom()
	return w
}

// inParallel calls do for every item, several at a time.
func inParallel[T any](items []T, do func(T)) {
	var wg sync.WaitGroup
	next := make(chan T)
	for range workers {
		wg.Go(func() {
			for item := range next {
				do(item)
			}
		})
	}
	for _, item := range items {
		next <- item
	}
	close(next)
	wg.Wait()
}

// add records a write before it is sent, since its answer may never come.
func (w *workload) add(e *write) *write {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes = append(w.writes, e)
	return e
}

// create is a new room with watch and two others.
func (w *workload) create() *write {
	w.mu.Lock()
	n := w.serial
	w.serial++
	w.mu.Unlock()
	e := &write{
		path: "room/create_or_update", room: fmt.Sprint("room", n), shown: 1,
		people: []string{watch, guestXC(n), guestXC(n + 1)},
	}
	e.body = fields{"xcRoomID": e.room, "type": 2, "name": "room", "participantXCUserIDs": e.people}
	return w.add(e)
}

// join puts three users at once into a room who have joined none before; nil when
// everybody has.
func (w *workload) join(rng *rand.Rand) *write {
	w.mu.Lock()
	first := w.joined
	w.joined += 3
	w.mu.Unlock()
	if first+3 > pool {
		return nil
	}
	e := &write{
		path: "room/participants/add", room: w.lobbies[rng.IntN(len(w.lobbies))],
		people: []string{poolXC(first), poolXC(first + 1), poolXC(first + 2)},
		shown:  3, // the room tells of each
	}
	e.body = fields{"xcRoomID": e.room, "participantXCUserIDs": e.people}
	return w.add(e)
}

// send is a message to a room or to watch, shown or hidden, in one part or three.
func (w *workload) send(rng *rand.Rand, worker int) *write {
	localID, hidden := cipher.NewLocalID(), rng.IntN(4) == 0
	e := &write{path: "message/send/custom", localIDs: []string{localID}}
	e.body = fields{
		"senderXCUserID": senderXC(worker), "messageType": 1001, "body": "hello", "isHidden": hidden, "localID": localID,
	}
	if rng.IntN(2) == 0 {
		e.body["body"] = strings.Repeat("0123456789", 900)
		e.localIDs = []string{cipher.DeriveLocalID(localID, 0), cipher.DeriveLocalID(localID, 1), localID}
	}
	if rng.IntN(5) == 0 {
		e.body["recipientXCUserID"] = watch
		return w.add(e)
	}
	e.room = w.lobbies[rng.IntN(len(w.lobbies))]
	e.body["xcRoomID"] = e.room
	if !hidden {
		e.shown = int64(len(e.localIDs))
	}
	return w.add(e)
}

// shout is a message in three parts whose ids Parlor chooses.
func (w *workload) shout(worker int) *write {
	return w.add(&write{path: "message/send/custom", room: w.echo, shown: 3, body: fields{
		"senderXCUserID": senderXC(worker), "messageType": 1001, "body": strings.Repeat("0123456789", 900),
		"xcRoomID": w.echo,
	}})
}

func (w *workload) draw(rng *rand.Rand, worker int) *write {
	switch rng.IntN(10) {
	case 0, 1:
		return w.create()
	case 2, 3:
		if e := w.join(rng); e != nil {
			return e
		}
	case 4, 5:
		return w.shout(worker)
	}
	return w.send(rng, worker)
}

// issue makes the call of e and records its fate. The error is that of a call without an
// answer, or with one that must not be.
func (w *workload) issue(ctx context.Context, s *server, e *write) error {
	err := s.backend.Call(ctx, e.path, e.body, nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err == nil:
		e.fate = acked
		w.acks.Add(1)
	case isUnavailable(err):
		w.refusals.Add(1)
		if strings.Contains(refusal(err).Message, "nothing was stored") {
			e.fate = refused
		} else {
			e.doubts++
		}
	case refusal(err) == nil: // no answer
		e.doubts++
		return err
	default:
		return err
	}
	return nil
}

// load writes from many goroutines until stop is called, which returns when the last of
// them has ended. A call may only go without an answer when the server ends.
func (w *workload) load(t *testing.T, p *parlor, rng *rand.Rand) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for i := range workers {
		rng := rand.New(rand.NewPCG(rng.Uint64(), uint64(i)))
		wg.Go(func() {
			for ctx.Err() == nil {
				// Not with ctx: whoever stops the load still wants the answers.
				err := w.issue(context.Background(), p.server, w.draw(rng, i))
				if err == nil {
					continue
				}
				select {
				case <-p.Done():
				case <-time.After(patience):
					t.Errorf("under load: %v", err)
				}
				return
			}
		})
	}
	return func() {
		cancel()
		wg.Wait()
	}
}

// waitFor waits until so many more writes were acknowledged.
func (w *workload) waitFor(t *testing.T, more int64) {
	t.Helper()
	want := w.acks.Load() + more
	eventually(t, fmt.Sprintf("%d more writes are acknowledged", more), func() bool { return w.acks.Load() >= want })
}

// repeat issues once more all that was not acknowledged, which must work now.
func (w *workload) repeat(t *testing.T, s *server) {
	t.Helper()
	var open []*write
	for _, e := range w.writes {
		if e.fate != acked {
			open = append(open, e)
		}
	}
	inParallel(open, func(e *write) {
		if err := w.issue(t.Context(), s, e); err != nil || e.fate != acked {
			t.Errorf("a repeated %s: %v, fate %d", e.path, err, e.fate)
		}
	})
}

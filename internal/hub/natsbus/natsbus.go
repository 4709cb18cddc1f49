// Package natsbus carries short messages between the nodes of a cluster, over core NATS.
//
// The messages are hints: what they announce is in the database. So none is ever stored
// or sent again; instead, a node that may have missed some learns that it did, and since when,
// and reads what it lacks from the database. Four things reveal a loss:
//
//   - The node's own connection broke. It may have missed what was sent meanwhile.
//   - A node numbers what it publishes, also what it could not send. Others see the gap,
//     if not in the next message then in the beat that each node sends every second.
//   - The beats of a node stop: it may have died between a commit and its announcement.
//   - The node does not keep up with what arrives, and discards some of it.
package natsbus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	openTimeout  = 5 * time.Second
	drainTimeout = 2 * time.Second // how long Close waits for messages that wait
	closeTimeout = 5 * time.Second // how long Close waits for goroutines after that
	flushTimeout = 2 * time.Second // for an answer of the server
	beatInterval = time.Second
	deadAfter    = 5 * beatInterval // a node that is silent for so long may have died
	sickAfter    = 5 * time.Second  // without an answer the connection counts as down

	// margin is how much earlier messages may have been missed than the moment at which
	// everything was known to be well. A message can have waited that long in a publisher whose
	// connection stalled: NATS ends a stalled one after three pings, 8 s at most.
	margin = 10 * time.Second
)

// Reasons for which [Bus.Publish] does not send.
var (
	// ErrTooLarge means that the server does not take payloads of this size.
	ErrTooLarge = errors.New("natsbus: message is too large")
	// ErrDisconnected means that there is no connection to a server at present.
	ErrDisconnected = errors.New("natsbus: not connected to NATS")
	// ErrBacklog means that messages are published faster than the connection takes them.
	ErrBacklog = errors.New("natsbus: too many messages wait to be sent")
	// ErrClosed means that the Bus was closed.
	ErrClosed = errors.New("natsbus: closed")
)

// Options say which bus to open.
type Options struct {
	URL     string // nats://user:password@host:port, or several of them with commas
	Name    string // of this node, as it shows in NATS's monitoring
	Cluster string // what the nodes of one cluster have in common, and no other; any text
	Log     *slog.Logger

	limits limits // for tests; zero means default
}

// Bus is a connection to the other nodes. Its methods may be called from several
// goroutines.
type Bus struct {
	nc       *nats.Conn
	subject  string
	log      *slog.Logger
	stopDial context.CancelFunc

	// What Publish and Healthy look at without asking nats.go, whose lock is held while
	// it dials or writes to the network.
	connected  atomic.Bool
	fineAt     atomic.Pointer[time.Time] // see fine
	maxPayload atomic.Int64

	out   *outbox
	in    *inbox
	peers *peers

	subscribed atomic.Bool
	kick       chan struct{} // asks keep for a round now
	stop       chan struct{} // closed: keep and write end
	written    chan struct{} // closed: write has ended
	closed     chan struct{} // closed: nats.go is done with its callbacks
	closeOnce  sync.Once
	closeErr   error
	running    sync.WaitGroup // our goroutines
}

// Open connects to NATS, and fails if that takes longer than 5 s. Once it has succeeded,
// a lost connection is renewed for as long as it takes. The context bounds the opening
// only; [Bus.Close] ends the bus.
func Open(ctx context.Context, o Options) (*Bus, error) {
	if err := checkURLs(o.URL); err != nil {
		return nil, fmt.Errorf("natsbus: %w", err)
	}
	b := &Bus{
		subject: subject(o.Cluster),
		log:     o.Log,
		out:     newOutbox(o.limits.orDefault(outLimits)),
		in:      newInbox(o.limits.orDefault(inLimits)),
		peers:   newPeers(),
		kick:    make(chan struct{}, 1),
		stop:    make(chan struct{}),
		written: make(chan struct{}),
		closed:  make(chan struct{}),
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if err := b.connect(ctx, o); err != nil {
		return nil, fmt.Errorf("natsbus: cannot reach NATS at %s: %w", maskURLs(o.URL), err)
	}
	b.connected.Store(true)
	b.maxPayload.Store(b.nc.MaxPayload())
	b.running.Add(2)
	go b.write() // ends with Close
	go b.keep()  // ends with Close
	return b, nil
}

// subject is where a cluster's messages travel. Clusters with different databases may
// share a NATS server; hashed, any name makes a subject, and reveals nothing.
func subject(cluster string) string {
	sum := sha256.Sum256([]byte(cluster))
	return "parlor." + hex.EncodeToString(sum[:10])
}

// Publish sends one message to the other nodes. It copies the payload and never waits for
// the network. A nil error means that the message is on its way, no more. After an error,
// other than for a payload that is too large, the other nodes learn that they missed
// something as soon as they can be reached.
func (b *Bus) Publish(payload []byte) error {
	if size, limit := int64(headerSize+len(payload)), b.maxPayload.Load(); size > limit {
		return fmt.Errorf("%w: %d bytes of at most %d", ErrTooLarge, len(payload), max(0, limit-headerSize))
	}
	return b.out.add(payload, b.connected.Load())
}

// Subscribe starts to call deliver with every other node's messages, those of one node in
// the order in which it published them. A payload belongs to deliver.
//
// It calls lost when messages may have been missed that were published at since or
// later. The subscription is active by then, so a node that reads the database when lost is
// called misses nothing between that and the next message. Since is earlier than
// necessary rather than later, by some seconds; it is about when messages were published,
// and a message is committed before that. One mishap can cause
// several calls.
//
// Both are called by one goroutine, so never at the same time. While they do not return,
// messages queue up, and beyond a limit are discarded, which lost reports. Subscribe may
// be called once.
func (b *Bus) Subscribe(deliver func(payload []byte), lost func(since time.Time)) error {
	if b.subscribed.Swap(true) {
		return errors.New("natsbus: subscribed already")
	}
	b.peers.begin(time.Now())
	sub, err := b.nc.Subscribe(b.subject, b.receive)
	if err != nil {
		return fmt.Errorf("natsbus: subscribe: %w", err)
	}
	// A second net only: receive does nothing that takes time.
	if err := sub.SetPendingLimits(inLimits.messages, inLimits.bytes); err != nil {
		return fmt.Errorf("natsbus: subscribe: %w", err)
	}
	if err := allowed(b.nc); err != nil {
		return fmt.Errorf("natsbus: subscribe: %w", err)
	}
	b.running.Add(1)
	go func() { // ends with Close, once deliver or lost returns
		defer b.running.Done()
		b.in.run(deliver, lost)
	}()
	return nil
}

// allowed waits until the server has seen to what was sent, and says if it refused any.
func allowed(nc *nats.Conn) error {
	if err := nc.FlushTimeout(flushTimeout); err != nil {
		return err
	}
	if err := nc.LastError(); errors.Is(err, nats.ErrPermissionViolation) {
		return err
	}
	return nil
}

// Healthy says why the bus does not work, or nil if it does. The error has no secrets.
func (b *Bus) Healthy() error {
	if b.out.isClosed() {
		return ErrClosed
	}
	select {
	case <-b.closed:
		return errors.New("natsbus: NATS has refused the connection for good")
	default:
	}
	if !b.connected.Load() {
		return ErrDisconnected
	}
	if silence := time.Since(b.lastFine()); silence > sickAfter {
		return fmt.Errorf("natsbus: NATS has not answered for %s", silence.Round(time.Second))
	}
	return nil
}

// Checked returns a time up to which what has arrived was looked through: whatever it showed to
// be missing, lost has been called for. The zero time says that lost has yet to be called, or
// that nothing was looked through.
func (b *Bus) Checked() time.Time { return b.in.checkedAt() }

// Close sends what waits to be sent, says goodbye to the other nodes and ends the
// connection. Messages that wait to be delivered are discarded. It takes some seconds at
// most, and returns an error if deliver or lost has not returned by then.
func (b *Bus) Close() error {
	b.closeOnce.Do(func() { b.closeErr = b.close() })
	return b.closeErr
}

func (b *Bus) close() error {
	b.out.close()
	close(b.stop)
	select {
	case <-b.written:
	case <-time.After(drainTimeout):
	}
	b.stopDial() // nats.go cannot be closed while it dials
	b.nc.Close()
	b.in.close()

	done := make(chan struct{})
	go func() { // ends with the last of our goroutines
		b.running.Wait()
		<-b.closed
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-time.After(closeTimeout):
		return errors.New("natsbus: closed while a message is still being delivered")
	}
}

// fine notes that whatever the server had before t has arrived here.
func (b *Bus) fine(t time.Time) { b.fineAt.Store(&t) }

func (b *Bus) lastFine() time.Time { return *b.fineAt.Load() }

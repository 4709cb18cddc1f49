package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
)

// cluster is some nodes on one database, and the bus between them.
type cluster struct {
	db    *database
	nodes []*testNode

	mu sync.Mutex // guards nodes while they start
}

// testNode is a node, and its end of the bus.
type testNode struct {
	*Live
	cluster *cluster
	stop    func()

	mu      sync.Mutex
	deliver func([]byte)
	lost    func(time.Time)
	holding bool
	held    [][]byte
	gone    time.Time // since when what comes is lost; zero for not at all
	max     int       // bytes of what it publishes; 0 for any
	cut     bool      // what it publishes reaches nobody
	mute    string    // if set, events of this kind that it publishes reach nobody
}

// newCluster starts nodes, which stop with the test.
func newCluster(t *testing.T, nodes int, people ...chat.UserID) *cluster {
	t.Helper()
	c := &cluster{db: newDatabase(people...)}
	for range nodes {
		c.start(t, nodes > 1)
	}
	synctest.Wait()
	return c
}

func (c *cluster) start(t *testing.T, withBus bool) *testNode {
	t.Helper()
	n := &testNode{cluster: c}
	o := Options{Store: c.db, Log: slog.New(slog.DiscardHandler)}
	if withBus {
		o.Bus = busEnd{n}
	}
	var err error
	if n.Live, err = Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock() // nodes that run already publish
	c.nodes = append(c.nodes, n)
	c.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { // ends with ctx
		defer close(ended)
		_ = n.Run(ctx) // nil
	}()
	n.stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(n.stop)
	return n
}

// busRound is how long the bus takes to look through what has arrived.
const busRound = time.Second

// busEnd is the bus as a node sees it.
type busEnd struct{ *testNode }

// Publish brings a payload to the other nodes at once, unless they hold or lose it.
func (n busEnd) Publish(payload []byte) error {
	if n.max > 0 && len(payload) > n.max {
		return errors.New("too large")
	}
	n.mu.Lock()
	cut := n.cut || n.mute != "" && bytes.Contains(payload, []byte(n.mute))
	n.mu.Unlock()
	if cut {
		return nil
	}
	n.cluster.mu.Lock()
	nodes := slices.Clone(n.cluster.nodes)
	n.cluster.mu.Unlock()
	for _, other := range nodes {
		if other != n.testNode {
			other.incoming(payload)
		}
	}
	return nil
}

func (n *testNode) incoming(payload []byte) {
	n.mu.Lock()
	switch {
	case !n.gone.IsZero():
		n.mu.Unlock()
	case n.holding:
		n.held = append(n.held, payload)
		n.mu.Unlock()
	default:
		n.mu.Unlock()
		n.deliver(payload)
	}
}

func (n busEnd) Subscribe(deliver func([]byte), lost func(time.Time)) error {
	n.deliver, n.lost = deliver, lost
	return nil
}

func (n busEnd) Healthy() error { return nil }

// Checked: a loss shows once it has ended.
func (n busEnd) Checked() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.gone.IsZero() {
		return n.gone
	}
	return time.Now().Add(-busRound)
}

// hold keeps back what comes over the bus.
func (n *testNode) hold() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.holding = true
}

// release delivers what was kept back, in the given order: the first that came is 0.
func (n *testNode) release(order ...int) {
	n.mu.Lock()
	held := n.held
	n.held, n.holding = nil, false
	n.mu.Unlock()
	for _, i := range order {
		n.deliver(held[i])
	}
	synctest.Wait()
}

// lose begins to lose what comes over the bus, and find ends that and says so.
func (n *testNode) lose() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gone = time.Now()
}

func (n *testNode) find() {
	n.mu.Lock()
	since := n.gone
	n.gone = time.Time{}
	n.mu.Unlock()
	n.lost(since)
	synctest.Wait()
}

// tells has a node tell of what it has committed.
func (n *testNode) tells(events ...chat.Event) {
	n.Committed(events)
	synctest.Wait()
}

// phone is a session, and what it was sent: "m1" for a message with that localID, "edit m1"
// for a change of it, "1 on" and "1 off" for users who come and go.
type phone struct {
	session *hub.Session
	node    *testNode

	mu     sync.Mutex
	got    []string
	behind int
	closed hub.StopCode
	deaf   bool // it answers no ping
}

func (n *testNode) connect(t *testing.T, user chat.UserID) *phone {
	t.Helper()
	d := &phone{node: n}
	d.session = hub.NewSession(d, chat.Caller{
		App: chat.App{ID: testApp}, User: user, Login: chat.Login{ID: chat.LoginID(user), Device: "phone"},
	})
	if err := n.Hub().Join(t.Context(), d.session); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return d
}

func (d *phone) leave() {
	d.node.Hub().Leave(d.session)
	synctest.Wait()
}

func (d *phone) WriteFrames(frames []*hub.Frame) error {
	for _, f := range frames {
		if err := d.hear(f); err != nil {
			return err
		}
	}
	return nil
}

func (d *phone) hear(f *hub.Frame) error {
	var e struct {
		EventName string
		Data      struct {
			LocalID  string
			IsOnline bool
			User     struct{ UserID string }
		}
	}
	if err := json.Unmarshal(f.Data, &e); err != nil {
		return err
	}
	said := e.EventName
	switch e.EventName {
	case "chat/sendMessage":
		said = e.Data.LocalID
	case "chat/updateMessage":
		said = "edit " + e.Data.LocalID
	case "user/status":
		said = e.Data.User.UserID + map[bool]string{true: " on", false: " off"}[e.Data.IsOnline]
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.got = append(d.got, said)
	return nil
}

func (d *phone) Ping(number uint64) error {
	d.mu.Lock()
	deaf := d.deaf
	d.mu.Unlock()
	if !deaf {
		d.session.Answered(number)
	}
	return nil
}

func (d *phone) Behind() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.behind++
}

func (d *phone) Close(code hub.StopCode, _ string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = code
}

// ended is what the session was closed with, 0 for one that is open.
func (d *phone) ended() hub.StopCode {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// gets checks what a device was sent since the last check: of messages, or of users.
func (d *phone) gets(t *testing.T, what string, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.got, want) {
		t.Errorf("%s: sent %q, want %q", what, d.got, want)
	}
	d.got = nil
}

// sent is what was sent since the last gets or forget.
func (d *phone) sent() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.got)
}

// forget passes over what was sent so far.
func (d *phone) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.got = nil
}

// ids are m1, m2 ... up to a number.
func ids(from, to int) (list []string) {
	for i := from; i <= to; i++ {
		list = append(list, "m"+strconv.Itoa(i))
	}
	return list
}

// messages are those of a device's frames that are of messages.
func (d *phone) messages() (list []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, said := range d.got {
		if strings.Contains(said, "m") {
			list = append(list, said)
		}
	}
	return list
}

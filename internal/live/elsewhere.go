package live

import (
	"context"
	"slices"
	"sync"

	"parlor/internal/chat"
	"parlor/internal/device"
)

// A device calls any node, whichever its socket is or was on. What has reached it by that socket
// its node alone knows, until it stores that.

// deviceAsked asks nodes what has reached a device lately by its sessions there.
type deviceAsked struct {
	Node   string      `json:"node"` // which asks
	Ask    uint64      `json:"ask"`  // its number for this
	Nodes  []string    `json:"nodes"`
	App    chat.AppID  `json:"app"`
	User   chat.UserID `json:"user"`
	Device string      `json:"device"`
}

// Kind is "device.asked".
func (*deviceAsked) Kind() string { return "device.asked" }

// deviceHas answers deviceAsked and deviceReceived, also for a device that has no session.
type deviceHas struct {
	Node  string       `json:"node"` // which has asked
	Ask   uint64       `json:"ask"`
	Known device.Known `json:"known,omitempty"`
}

// Kind is "device.has".
func (*deviceHas) Kind() string { return "device.has" }

// deviceReceived says that a device has acted on messages on another node than its socket's. Nodes
// that are named answer with deviceHas, once they know.
type deviceReceived struct {
	Node   string      `json:"node,omitempty"` // which asks for answers
	Ask    uint64      `json:"ask,omitempty"`  // its number for them
	Nodes  []string    `json:"nodes,omitempty"`
	App    chat.AppID  `json:"app"`
	User   chat.UserID `json:"user"`
	Device string      `json:"device"`
	IDs    []int64     `json:"ids"`
}

// Kind is "device.received".
func (*deviceReceived) Kind() string { return "device.received" }

const (
	// answerWithin bounds how long a node waits for a device that another one asks about, so
	// that what it knows without the device's answer is there in time as well.
	answerWithin = device.AnswerTimeout * 3 / 4
	// answersAtOnce bounds the devices that are waited for at the same time for other nodes.
	answersAtOnce = 256
)

// asks is what this node has asked others, and what it is waiting to tell them.
type asks struct {
	answering chan struct{} // one for each answer under way

	mu   sync.Mutex
	last uint64
	open map[uint64]chan device.Known
}

func newAsks() *asks {
	return &asks{answering: make(chan struct{}, answersAtOnce), open: map[uint64]chan device.Known{}}
}

// begin numbers a question to some nodes. Each sends what it knows to answers.
func (a *asks) begin(nodes int) (number uint64, answers <-chan device.Known, end func()) {
	c := make(chan device.Known, nodes)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	number = a.last
	a.open[number] = c
	return number, c, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.open, number)
	}
}

// answered takes a node's answer. One too many, or too late, is passed over.
func (a *asks) answered(number uint64, known device.Known) {
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case a.open[number] <- known:
	default: // also where there is no such channel
	}
}

// Arrived returns what has reached a device lately, on whichever node its sessions are. It asks
// the device and the nodes, and waits for the answers until ctx ends. A session that is ending
// has stored what it knows when Arrived returns.
func (l *Live) Arrived(ctx context.Context, app chat.AppID, user chat.UserID, name string) device.Known {
	nodes := l.presence.nodesOf(user)
	if l.o.Bus == nil || name == "" || len(nodes) == 0 {
		return l.hub.Arrived(ctx, app, user, name)
	}
	number, answers, end := l.asks.begin(len(nodes))
	defer end()
	err := l.putOnBus(&deviceAsked{
		Node: l.presence.node, Ask: number, Nodes: nodes, App: app, User: user, Device: name,
	})
	known := l.hub.Arrived(ctx, app, user, name)
	if err == nil { // without the bus, whatever only another node knows comes again
		collect(ctx, answers, known)
	}
	return known
}

// collect adds the answers of all nodes to known, or those that come before ctx ends.
func collect(ctx context.Context, answers <-chan device.Known, known device.Known) {
	for range cap(answers) {
		select {
		case more := <-answers:
			known.Add(more)
		case <-ctx.Done():
			return
		}
	}
}

// heardQuestion answers another node.
func (l *Live) heardQuestion(e *deviceAsked) {
	if !slices.Contains(e.Nodes, l.presence.node) {
		return
	}
	answer := &deviceHas{Node: e.Node, Ask: e.Ask}
	select {
	case l.asks.answering <- struct{}{}:
	default:
		l.toNodes(answer)
		return
	}
	go func() { // ends with its time
		defer func() { <-l.asks.answering }()
		ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
		defer cancel()
		answer.Known = l.hub.Arrived(ctx, e.App, e.User, e.Device)
		l.toNodes(answer)
	}()
}

// Received says that a device has acted on messages: they have arrived. settled waits until the nodes
// that the device's sessions may be on know of it, at most until ctx ends or AnswerTimeout is over: a session
// that ends afterwards stores it. Of a node that does not answer, what the device has may come again.
func (l *Live) Received(app chat.AppID, user chat.UserID, name string, ids []int64) (settled func(ctx context.Context)) {
	if l.hub.Received(app, user, name, ids) || l.o.Bus == nil || name == "" || len(ids) == 0 {
		return func(context.Context) {}
	}
	nodes := l.presence.nodesOf(user)
	if len(nodes) == 0 {
		return func(context.Context) {}
	}
	number, answers, end := l.asks.begin(len(nodes))
	err := l.putOnBus(&deviceReceived{
		Node: l.presence.node, Ask: number, Nodes: nodes, App: app, User: user, Device: name, IDs: ids,
	})
	return func(ctx context.Context) {
		defer end()
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(ctx, device.AnswerTimeout)
		defer cancel()
		collect(ctx, answers, device.Known{})
	}
}

// heardReceived notes what another node was told, and answers it.
func (l *Live) heardReceived(e *deviceReceived) {
	l.hub.Received(e.App, e.User, e.Device, e.IDs)
	if slices.Contains(e.Nodes, l.presence.node) {
		l.toNodes(&deviceHas{Node: e.Node, Ask: e.Ask})
	}
}

package live

import (
	"context"
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

// deviceHas answers deviceAsked, also for a device that has no session.
type deviceHas struct {
	Node  string       `json:"node"` // which has asked
	Ask   uint64       `json:"ask"`
	Known device.Known `json:"known,omitempty"`
}

// Kind is "device.has".
func (*deviceHas) Kind() string { return "device.has" }

// deviceReceived says that a device has acted on messages on another node than its socket's.
type deviceReceived struct {
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
	if err != nil {
		return known // without the bus, whatever only another node knows comes again
	}
	for range nodes {
		select {
		case more := <-answers:
			known.Add(more)
		case <-ctx.Done():
			return known
		}
	}
	return known
}

// heardQuestion answers another node.
func (l *Live) heardQuestion(e *deviceAsked) {
	mine := false
	for _, n := range e.Nodes {
		mine = mine || n == l.presence.node
	}
	if !mine {
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

// Received says that a device has acted on messages: they have arrived.
func (l *Live) Received(app chat.AppID, user chat.UserID, name string, ids []int64) {
	here := l.hub.Received(app, user, name, ids)
	if !here && l.o.Bus != nil && name != "" && len(l.presence.nodesOf(user)) > 0 {
		l.toNodes(&deviceReceived{App: app, User: user, Device: name, IDs: ids})
	}
}

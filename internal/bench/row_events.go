package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// manyTargets is the larger number of webhooks.
const manyTargets = 100

// measureEvents is what it costs to record what happens, and how fast webhooks are told of it.
func measureEvents(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("events: durable sends with and without, and %s messages told to one webhook, to %d, and to a reader of the feed",
		thousands(int64(g.sizes.told)), manyTargets)}
	var loads []load
	for _, s := range []struct {
		name, title string
		settings    []string
	}{
		{"off", "sends, no events recorded", []string{"PARLOR_EVENTS_KEEP=0"}},
		{"on", "sends, events recorded", nil},
	} {
		t, err := g.eventServer(ctx, s.name, s.settings...)
		if err != nil {
			return row, err
		}
		l, err := g.readySends(ctx, t)
		if err != nil {
			return row, err
		}
		l.name = s.title
		loads = append(loads, l)
	}
	for _, targets := range []int{1, manyTargets} {
		l, err := g.calledLoad(ctx, targets)
		if err != nil {
			return row, err
		}
		loads = append(loads, l)
	}
	l, err := g.readLoad(ctx)
	if err != nil {
		return row, err
	}
	loads = append(loads, l)
	m, err := g.interleave(ctx, loads...)
	if row.Measurements = m; err != nil {
		return row, err
	}
	row.Goals = []Goal{atLeast(85, "% of the rate without events", "durable sends", percentOf(m[1], m[0]))}
	if cost := timesTheCost(m[1], m[0]); cost != nil {
		row.Values = append(row.Values, newValue("processor time of a send", "x that without events", "of the server, round by round", cost...))
	}
	row.Values = append(row.Values, newValue("calls of webhooks", "a second",
		fmt.Sprintf("to %d targets together, from the first message to the last call; round by round", manyTargets),
		m[3].each(func(r Round) float64 { return r.PerSecond * manyTargets })...))
	return row, nil
}

func (g *rig) eventServer(ctx context.Context, name string, settings ...string) (target, error) {
	db, err := g.newDatabase(ctx, name)
	if err != nil {
		return target{}, err
	}
	return g.serveBy(ctx, g.o.Executable, db, settings...)
}

// calledLoad is told with as many webhooks.
func (g *rig) calledLoad(ctx context.Context, targets int) (load, error) {
	t, heard, err := g.toldServer(ctx, fmt.Sprint("told", targets), targets, "PARLOR_WEBHOOK_PRIVATE_NETWORK=true")
	if err != nil {
		return load{}, err
	}
	server := httptest.NewServer(heard)
	g.closers = append(g.closers, func() error { server.Close(); return nil })
	err = g.postAll(ctx, t.call("webhook/create"), "webhooks", targets, func(i int) map[string]any {
		return map[string]any{"url": server.URL + "/" + strconv.Itoa(i), "types": toldTypes}
	})
	return g.told(fmt.Sprintf("told to %d", targets), "each webhook is called about it by itself", t, heard), err
}

// toldTypes are the events that are listened for.
var toldTypes = []string{"message.created"}

// toldServer starts a server whose rooms are ready, and what hears its events.
func (g *rig) toldServer(ctx context.Context, name string, targets int, settings ...string) (target, *hearing, error) {
	t, err := g.eventServer(ctx, name, settings...)
	if err == nil {
		_, err = g.readySends(ctx, t)
	}
	return t, &hearing{targets: targets}, err
}

// told is a round of messages, in many rooms, that ends when all of them were heard everywhere. Its
// times are those from a call until the last has heard of its message.
func (g *rig) told(name, how string, t target, heard *hearing) load {
	return load{
		name: name, workers: pushSenders, cpu: t.cpu,
		what: "each message is stored, and " + how + "; the times are from the call until the last has it",
		whole: func(ctx context.Context) (time.Duration, []time.Duration, error) {
			n := g.sizes.told / heard.targets
			heard.expect(n)
			start := time.Now()
			w := work{label: "send", what: "messages", n: n, connections: pushSenders}
			err := g.callAll(ctx, t.call("message/send/custom"), w, func(c *conn, i int) error {
				heard.sent(strconv.Itoa(i))
				_, err := c.post(g.toldMessage(i))
				return err
			})
			if err != nil {
				return 0, nil, err
			}
			tooks, err := heard.wait(ctx)
			return time.Since(start), tooks, err
		},
	}
}

// toldMessage is the call that sends the ith message.
func (g *rig) toldMessage(i int) []byte {
	return jsonBody(nil, map[string]any{
		"messageType": 3001, "body": plainBody(), "data": "{}", "filterID": strconv.Itoa(i),
		"senderXCUserID": g.xc("sender", i%g.sizes.senders), "xcRoomID": g.xc("room", i%g.sizes.sendRooms),
	})
}

// hearing is those who are told of messages, and take everything. A message is known by its filterID.
type hearing struct {
	targets int

	mu    sync.Mutex
	open  map[string]*pushed
	n     int
	tooks []time.Duration
	all   chan struct{} // closed when all were told of all
}

func (h *hearing) expect(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open, h.n, h.tooks, h.all = make(map[string]*pushed, n), n, nil, make(chan struct{})
}

func (h *hearing) sent(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open[id] = &pushed{since: time.Now()}
}

// sentAll is sent of the messages 0 to n-1, at once.
func (h *hearing) sentAll(n int) {
	for i := range n {
		h.sent(strconv.Itoa(i))
	}
}

// state says how far a round is.
func (h *hearing) state() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprintf("%s of %s told", thousands(int64(len(h.tooks))), thousands(int64(h.n)))
}

// toldEvent is what is read of an event.
type toldEvent struct {
	Data struct {
		Message struct {
			FilterID string `json:"filterID"`
		} `json:"message"`
	} `json:"data"`
}

// ServeHTTP takes an event.
func (h *hearing) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var call struct {
		toldEvent
		Events []toldEvent `json:"events"` // of a call about several
	}
	if err != nil || json.Unmarshal(body, &call) != nil {
		return // it is missed, and the round says so
	}
	h.hear(call.toldEvent)
	for _, e := range call.Events {
		h.hear(e)
	}
}

func (h *hearing) hear(event toldEvent) {
	id := event.Data.Message.FilterID
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.open[id]
	if m == nil {
		return // of the rooms, or told again
	}
	if m.taken++; m.taken < h.targets {
		return
	}
	delete(h.open, id)
	h.tooks = append(h.tooks, time.Since(m.since))
	if len(h.tooks) == h.n {
		close(h.all)
	}
}

// wait returns when all were told of all, with the time of each message.
func (h *hearing) wait(ctx context.Context) ([]time.Duration, error) {
	late := time.NewTimer(pushLate)
	defer late.Stop()
	var err error
	select {
	case <-h.all:
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-late.C:
		err = errLate
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		err = fmt.Errorf("of %d messages %d were told everywhere: %w", h.n, len(h.tooks), err)
	}
	return h.tooks, err
}

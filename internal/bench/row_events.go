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
	row := Row{Title: fmt.Sprintf("events: durable sends with and without, and %s messages told to one webhook and to %d",
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
		l, err := g.toldLoad(ctx, targets)
		if err != nil {
			return row, err
		}
		loads = append(loads, l)
	}
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

// toldLoad is a round of messages, in many rooms, that ends when all webhooks were told of all. Its
// times are those from a call until the last webhook was told of its message.
func (g *rig) toldLoad(ctx context.Context, targets int) (load, error) {
	var l load
	t, err := g.eventServer(ctx, fmt.Sprint("told", targets), "PARLOR_WEBHOOK_PRIVATE_NETWORK=true")
	if err != nil {
		return l, err
	}
	if _, err := g.readySends(ctx, t); err != nil {
		return l, err
	}
	heard := &hearing{targets: targets}
	server := httptest.NewServer(heard)
	g.closers = append(g.closers, func() error { server.Close(); return nil })
	err = g.postAll(ctx, t.call("webhook/create"), "webhooks", targets, func(i int) map[string]any {
		return map[string]any{"url": server.URL + "/" + strconv.Itoa(i), "types": []string{"message.created"}}
	})
	return load{
		name: fmt.Sprintf("told to %d", targets), workers: pushSenders, cpu: t.cpu,
		what: "each message is stored, and each webhook called about it by itself; the times are those until the last has taken it",
		whole: func(ctx context.Context) (time.Duration, []time.Duration, error) {
			n := g.sizes.told / targets
			heard.expect(n)
			start := time.Now()
			w := work{label: "send", what: "messages", n: n, connections: pushSenders}
			err := g.callAll(ctx, t.call("message/send/custom"), w, func(c *conn, i int) error {
				id := strconv.Itoa(i)
				heard.sent(id)
				_, err := c.post(jsonBody(nil, map[string]any{
					"messageType": 3001, "body": plainBody(), "data": "{}", "filterID": id,
					"senderXCUserID": g.xc("sender", i%g.sizes.senders), "xcRoomID": g.xc("room", i%g.sizes.sendRooms),
				}))
				return err
			})
			if err != nil {
				return 0, nil, err
			}
			tooks, err := heard.wait(ctx)
			return time.Since(start), tooks, err
		},
	}, err
}

// hearing is the targets of webhooks, which take everything. A message is known by its filterID.
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

// ServeHTTP takes an event.
func (h *hearing) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var event struct {
		Data struct {
			Message struct {
				FilterID string `json:"filterID"`
			} `json:"message"`
		} `json:"data"`
	}
	if err != nil || json.Unmarshal(body, &event) != nil {
		return // it is missed, and the round says so
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.open[event.Data.Message.FilterID]
	if m == nil {
		return // of the rooms, or told again
	}
	if m.taken++; m.taken < h.targets {
		return
	}
	delete(h.open, event.Data.Message.FilterID)
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

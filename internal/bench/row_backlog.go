package bench

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"
)

const (
	// backlogMost bounds the events of a backlog.
	backlogMost = 10_000_000
	// backlogBatch is how many events its webhook takes in a call.
	backlogBatch = 100
	// weighEvery is how often a server at work is weighed.
	weighEvery = 50 * time.Millisecond
)

// measureBacklog is a webhook that comes back after many events, and what its server grows by
// meanwhile.
func measureBacklog(ctx context.Context, g *rig) (Row, error) {
	n := g.sizes.backlog
	row := Row{Title: fmt.Sprintf("backlog: a webhook is told of %s messages at once, %d a call", thousands(int64(n)), backlogBatch)}
	t, heard, err := g.toldServer(ctx, "backlog", 1, "PARLOR_WEBHOOK_PRIVATE_NETWORK=true")
	if err != nil {
		return row, err
	}
	server := httptest.NewServer(heard)
	g.closers = append(g.closers, func() error { server.Close(); return nil })
	answer, err := once(ctx, t.call("webhook/create"), map[string]any{
		"url": server.URL, "types": toldTypes, "batch": backlogBatch, "paused": true,
	})
	if err != nil {
		return row, err
	}
	var made struct{ Webhook struct{ WebhookID string } }
	if err := decodeData(answer, &made); err != nil {
		return row, err
	}
	heard.expect(n)
	err = g.callAll(ctx, t.call("message/send/custom"), setUpWork("messages", n), func(c *conn, i int) error {
		_, err := c.post(g.toldMessage(i))
		return err
	})
	if err != nil {
		return row, err
	}
	before, err := g.residentAfterRest(ctx, t)
	if err != nil {
		return row, err
	}
	var most float64
	work := load{
		name: "parlor", what: "from when the webhook is no longer paused until it has taken all", workers: 1, cpu: t.cpu,
		state: heard.state,
		whole: func(ctx context.Context) (time.Duration, []time.Duration, error) {
			heard.sentAll(n)
			start := time.Now()
			_, err := once(ctx, t.call("webhook/update"), map[string]any{"webhookID": made.Webhook.WebhookID, "paused": false})
			if err != nil {
				return 0, nil, err
			}
			weighed := heaviest(ctx, t, heard.all)
			tooks, err := heard.wait(ctx)
			most = <-weighed
			return time.Since(start), tooks, err
		},
	}
	round, err := g.measure(ctx, work, g.row+", told")
	if err != nil {
		return row, err
	}
	row.Measurements = []Measurement{{Name: work.name, What: work.what, Workers: 1, Rounds: []Round{round}, Median: round}}
	row.Values = []Value{
		newValue("memory", "MB", "VmRSS at most while the backlog is told", most),
		newValue("memory before", "MB", fmt.Sprintf("VmRSS %v after the messages were stored", g.sizes.settle), before),
	}
	row.Goals = []Goal{below(64, "MB more than before", thousands(int64(n))+" events told", []float64{most - before})}
	return row, nil
}

// heaviest weighs a server until done, or ctx ends, and says how many MB it had at most.
func heaviest(ctx context.Context, t target, done <-chan struct{}) <-chan float64 {
	out := make(chan float64, 1)
	go func() { // ends with done or ctx
		tick := time.NewTicker(weighEvery)
		defer tick.Stop()
		most := 0.0
		for {
			select {
			case <-done:
				out <- most
				return
			case <-ctx.Done():
				out <- most
				return
			case <-tick.C:
			}
			if n, err := residentBytes(t.own.cmd.Process.Pid); err == nil {
				most = max(most, float64(n)/megabyte)
			}
		}
	}()
	return out
}

package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"parlor/internal/store"
	"parlor/test/env/pgtest"
)

// orders is a backend that makes rooms and writes into them, and keeps which messages were
// acknowledged.
type orders struct {
	name string

	mu    sync.Mutex
	acked map[string]bool // localIDs
}

// work does so until the server is gone, or n messages are acknowledged.
func (o *orders) work(ctx context.Context, p *parlor, round, n int) error {
	user, room := "user of "+o.name, fmt.Sprintf("order %d of %s", round, o.name)
	call := func(path string, body fields, out any) error { return p.backend.Call(ctx, path, body, out) }
	if err := call("user/update", fields{"xcUserID": user, "fullName": user}, nil); err != nil {
		return err
	}
	if err := call("room/create_or_update", fields{
		"xcRoomID": room, "type": 2, "name": room, "participantXCUserIDs": []string{user},
	}, nil); err != nil {
		return err
	}
	for i := range n {
		var sent struct{ LocalID string }
		err := call("message/send/custom", fields{
			"messageType": 1001, "body": fmt.Sprint("message ", i), "senderXCUserID": user, "xcRoomID": room,
		}, &sent)
		if err != nil {
			return err
		}
		o.mu.Lock()
		o.acked[sent.LocalID] = true
		o.mu.Unlock()
		if i%10 == 9 {
			lock := []string{"room/lock", "room/unlock"}[i/10%2]
			if err := call(lock, fields{"xcRoomID": room, "xcUserID": user}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func count(all []*orders) (n int) {
	for _, o := range all {
		o.mu.Lock()
		n += len(o.acked)
		o.mu.Unlock()
	}
	return n
}

// feed reads all events of the App, a small page at a time.
func feed(t *testing.T, p *parlor) (list []told) {
	t.Helper()
	cursor := ""
	for {
		var page struct {
			Events  []told
			Cursor  string
			HasMore bool
		}
		eventually(t, "a page of the feed is read", func() bool { // PostgreSQL may have been restarted just now
			err := p.backend.Call(t.Context(), "events/list", fields{"cursor": cursor, "limit": 37}, &page)
			if err != nil && !isUnavailable(err) {
				t.Fatal(err)
			}
			return err == nil
		})
		list = append(list, page.Events...)
		if cursor = page.Cursor; !page.HasMore {
			return list
		}
	}
}

// allTold waits until a webhook was told all that the feed holds, and checks that the feed holds all
// that was acknowledged, once, and that the webhook was told each room's events in their order.
func allTold(t *testing.T, p *parlor, to *target, all []*orders) {
	t.Helper()
	var events []told
	eventually(t, "the webhook is told everything", func() bool {
		events = feed(t, p)
		return len(to.missing(events)) == 0
	})
	created := map[string]int{}
	for _, e := range events {
		if e.Type == "message.created" {
			created[e.Data.Message.LocalID]++
		}
	}
	for _, o := range all {
		for id := range o.acked {
			if created[id] != 1 {
				t.Errorf("message %s of %s is in the feed %d times", id, o.name, created[id])
			}
		}
	}
	to.check(t, events)
}

// createWebhook has the server call a target.
func createWebhook(t *testing.T, p *parlor, to *target, more fields) {
	t.Helper()
	var made struct{ Webhook struct{ Secret string } }
	body := fields{"url": to.URL}
	maps.Copy(body, more)
	if err := p.backend.Call(t.Context(), "webhook/create", body, &made); err != nil {
		t.Fatal(err)
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	to.secret = made.Webhook.Secret
}

// TestKilledUnderWebhooks ends the program, again and again, while it tells a target of events that
// fails, hangs up and is slow. Everything is told, in the order of each room, and the feed says the
// same.
func TestKilledUnderWebhooks(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]fields{"one by one": nil, "batches": {"batch": 20}} {
		t.Run(name, func(t *testing.T) {
			eachEngine(t, func(t *testing.T, o store.Options) {
				rng := newRand(t)
				to := newTarget(t, rng.Uint64())
				p := start(t, o, "--webhook-private-network", "true")
				createWebhook(t, p, to, more)
				var all []*orders
				for i := range 4 {
					all = append(all, &orders{name: fmt.Sprint(i), acked: map[string]bool{}})
				}
				for round := range 4 {
					before, enough := count(all), 1+rng.IntN(150)
					busy := work(t, p, all, round, 60)
					eventually(t, "some are acknowledged", func() bool { return count(all) >= before+min(enough, 200) })
					p.Kill()
					busy.Wait()
					p = start(t, o, "--webhook-private-network", "true")
				}
				allTold(t, p, to, all)
			})
		})
	}
}

// work has all backends work on a server until it is gone.
func work(t *testing.T, p *parlor, all []*orders, round, n int) *sync.WaitGroup {
	t.Helper()
	var busy sync.WaitGroup
	for _, o := range all {
		busy.Go(func() {
			err := o.work(t.Context(), p, round, n)
			if err != nil && refusal(err) != nil && !isUnavailable(err) {
				t.Error(err)
			}
		})
	}
	return &busy
}

// TestNodesShareWebhooks: two nodes tell targets of events, and each is killed, and PostgreSQL restarts.
// The other one takes over.
func TestNodesShareWebhooks(t *testing.T) {
	t.Parallel()
	rng := newRand(t)
	pg, o := ownPostgres(t)
	cl := &cluster{pg: pg, bus: nil, store: o}
	node := func() *parlor { return start(t, o, "--webhook-private-network", "true") }
	cl.nodes = []*parlor{node(), node()}
	var targets []*target
	for range 3 {
		to := newTarget(t, rng.Uint64())
		createWebhook(t, cl.nodes[0], to, nil)
		targets = append(targets, to)
	}
	var all []*orders
	for i := range 4 {
		all = append(all, &orders{name: fmt.Sprint(i), acked: map[string]bool{}})
	}
	for round := range 3 {
		var busy sync.WaitGroup
		before := count(all)
		for i, by := range all {
			busy.Go(func() {
				err := by.work(t.Context(), cl.nodes[i%2], round, 60)
				if err != nil && refusal(err) != nil && !isUnavailable(err) {
					t.Error(err)
				}
			})
		}
		eventually(t, "some are acknowledged", func() bool { return count(all) >= before+20 })
		if round == 2 {
			restart(t, pg)
			busy.Wait()
			continue
		}
		cl.nodes[round].Kill()
		busy.Wait()
		cl.nodes[round] = node()
	}
	for _, to := range targets {
		allTold(t, cl.nodes[0], to, all)
	}
}

func restart(t *testing.T, pg *pgtest.Server) {
	t.Helper()
	pg.Kill()
	if err := pg.StartAgain(); err != nil {
		t.Fatal(err)
	}
}

// TestDeadTargetDelaysNobody: a webhook whose target does not answer keeps none from another one, and
// when it is there again, it is told what has happened meanwhile.
func TestDeadTargetDelaysNobody(t *testing.T) {
	t.Parallel()
	p := start(t, sqliteIn(t.TempDir()), "--webhook-private-network", "true")
	dead, alive := newTarget(t, rand.Uint64()), newTarget(t, rand.Uint64())
	dead.behave(refuses)
	alive.behave(takes)
	createWebhook(t, p, dead, nil)
	createWebhook(t, p, alive, nil)
	all := []*orders{{name: "one", acked: map[string]bool{}}, {name: "two", acked: map[string]bool{}}}
	for _, o := range all {
		if err := o.work(t.Context(), p, 0, 100); err != nil && !errors.Is(err, context.Canceled) {
			// The room is locked after ten messages, and the backend writes all the same.
			t.Fatal(err)
		}
	}
	allTold(t, p, alive, all)
	if n := len(dead.missing(feed(t, p))); n < 200 {
		t.Errorf("the dead target was told all but %d events", n)
	}
	dead.behave(takes)
	allTold(t, p, dead, all)
	if slices.ContainsFunc(dead.accepted(), func(e told) bool { return e.ID == "" }) {
		t.Error("an event has no id")
	}
}

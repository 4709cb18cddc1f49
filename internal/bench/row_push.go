package bench

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"parlor/internal/powertalk/cipher"
)

// pushSenders is how many callers send messages of which others get notifications.
const pushSenders = 8

// measurePush is messages to people who are away, with notifications to them and without. What
// takes the notifications answers at once, so that the server's own part shows.
func measurePush(ctx context.Context, g *rig) (Row, error) {
	n, people := g.sizes.pushed, g.sizes.offline
	row := Row{Title: fmt.Sprintf("%s messages to a room of %d people, all of them offline, with push notifications and without",
		thousands(int64(n)), people)}
	counts := &pushes{people: people}
	v, err := g.startVendor(ctx, counts.taken)
	if err != nil {
		return row, fmt.Errorf("start the vendor's stand-in: %w", err)
	}
	with, err := g.offlineRoom(ctx, "with", v.settings...)
	if err != nil {
		return row, err
	}
	without, err := g.offlineRoom(ctx, "without")
	if err != nil {
		return row, err
	}
	m, err := g.interleave(ctx,
		g.pushLoad("parlor, with push", "each message is stored, and each of the people is sent a notification of it, "+
			"which the vendor takes; the times are those until the last one is taken, most of them the second that "+
			"the server waits on purpose", with, counts),
		g.pushLoad("parlor, without", "the same messages at a server that has no vendor; the times are those of the calls", without, nil))
	if row.Measurements = m; err != nil {
		return row, err
	}
	notified := func(r Round) float64 { return r.PerSecond * float64(people) }
	row.Values = []Value{newValue("notifications", "a second", "that the vendor took, from the first message to the last notification; round by round",
		m[0].each(notified)...)}
	if added := addedCost(m[0], m[1]); added != nil {
		each := make([]float64, len(added))
		for i := range each {
			each[i] = added[i] * 1000 / float64(people)
		}
		row.Values = append(row.Values,
			newValue("added processor time", fmt.Sprintf("ms of the server for a message to %d people", people),
				"with push less without, round by round", added...),
			newValue("added processor time of one", "µs of the server for each notification", "the same", each...))
	}
	row.Goals = []Goal{atLeast(1000, "a second", "notifications", m[0].each(notified))}
	return row, nil
}

// addedCost is by how many ms of processor time a message of m costs more than one of base, round
// by round; nil when that is not known.
func addedCost(m, base Measurement) []float64 {
	all, less := m.costs(1), base.costs(1) // seconds for 1,000 are ms for one
	if all == nil || less == nil {
		return nil
	}
	for i := range all {
		all[i] -= less[i]
	}
	return all
}

// offlineRoom starts a server with settings and makes a room of a sender and of people who have
// registered for notifications and are not connected.
func (g *rig) offlineRoom(ctx context.Context, name string, settings ...string) (target, error) {
	db, err := g.newDatabase(ctx, name)
	if err != nil {
		return target{}, err
	}
	t, err := g.serveBy(ctx, g.o.Executable, db, settings...)
	if err != nil {
		return t, err
	}
	devices, err := g.signIn(ctx, t, "member", g.sizes.offline)
	if err != nil {
		return t, err
	}
	people := []string{g.xc("sender", 0)}
	for i := range devices {
		people = append(people, g.xc("member", i))
	}
	if err := g.putUsers(ctx, t, "sender", 1); err != nil {
		return t, err
	}
	if err := g.putRooms(ctx, t, "room", 1, func(int) []string { return people }); err != nil {
		return t, err
	}
	return t, g.callAll(ctx, t, setUpWork("registrations", len(devices)), func(c *conn, i int) error {
		c.address("/v1/client/push_notification/update", bearer(devices[i].access))
		_, err := c.post(jsonBody(nil, map[string]any{"fcmToken": "device-" + strconv.Itoa(i)}))
		return err
	})
}

// pushLoad is a round of messages. With counts it ends when everybody has been notified of all,
// else when all are stored.
func (g *rig) pushLoad(name, what string, t target, counts *pushes) load {
	return load{
		name: name, what: what, workers: pushSenders, cpu: t.cpu,
		whole: func(ctx context.Context) (time.Duration, []time.Duration, error) {
			n := g.sizes.pushed
			tooks := make([]time.Duration, n)
			if counts != nil {
				counts.expect(n)
			}
			start := time.Now()
			w := work{label: "send", what: "messages", n: n, connections: pushSenders}
			err := g.callAll(ctx, t.call("message/send/custom"), w, func(c *conn, i int) error {
				localID := cipher.NewLocalID()
				if counts != nil {
					counts.sent(localID)
				}
				begun := time.Now()
				_, err := c.post(jsonBody(nil, map[string]any{
					"messageType": 1001, "body": plainBody(), "senderXCUserID": g.xc("sender", 0), "xcRoomID": g.xc("room", 0),
					"localID": localID,
				}))
				tooks[i] = time.Since(begun)
				return err
			})
			if err == nil && counts != nil {
				tooks, err = counts.wait(ctx)
			}
			return time.Since(start), tooks, err
		},
	}
}

// pushes counts notifications.
type pushes struct {
	people int

	mu    sync.Mutex
	open  map[string]*pushed // by localID, of what not everybody has been notified of
	n     int                // messages of the round
	tooks []time.Duration
	all   chan struct{} // closed when everybody has been notified of all
	err   error         // of what came too often
}

// pushed is a message, and of how many notifications it is known that they were taken.
type pushed struct {
	since time.Time
	taken int
}

func (p *pushes) expect(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open, p.n, p.tooks, p.all = make(map[string]*pushed, n), n, nil, make(chan struct{})
}

func (p *pushes) sent(localID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[localID] = &pushed{since: time.Now()}
}

// taken is told of a notification that the vendor has.
func (p *pushes) taken(localID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.open[localID]
	if m == nil {
		p.err = fmt.Errorf("a notification of message %q came that nobody waits for", localID)
		return
	}
	if m.taken++; m.taken < p.people {
		return
	}
	delete(p.open, localID)
	p.tooks = append(p.tooks, time.Since(m.since))
	if len(p.tooks) == p.n {
		close(p.all)
	}
}

// pushLate is how long after the last message its last notification is waited for.
const pushLate = 5 * time.Minute

// wait returns when everybody has been notified of all, with the time of each message.
func (p *pushes) wait(ctx context.Context) ([]time.Duration, error) {
	late := time.NewTimer(pushLate)
	defer late.Stop()
	var err error
	select {
	case <-p.all:
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-late.C:
		err = errLate
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return nil, p.err
	}
	if err != nil {
		err = fmt.Errorf("everybody was notified of %d of %d messages: %w", len(p.tooks), p.n, err)
	}
	return p.tooks, err
}

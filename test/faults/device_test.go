package faults

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/client"
	"parlor/internal/powertalk/cipher"
)

// retry is how long a device waits before it tries again what failed at once.
const retry = 20 * time.Millisecond

// device is one device of a user: it sends, listens, and keeps what it gets.
type device struct {
	*crowd
	user, xc, name string
	tokens         client.Tokens
	rng            *rand.Rand
	writable       []string // the rooms that it may write to
	statuses       chan status
	doing          atomic.Value

	// Of run alone.
	conn     *connection     // the newest socket
	own      []string        // its own stored messages that it may still change
	fixed    map[string]bool // those of them that it may not edit any more
	doubtful []string        // those whose deletion has an unknown outcome

	mu      sync.Mutex
	known   map[string]message
	fetched map[string]bool  // by localID: what the answers of calls held
	updated map[string]int64 // when an update of a message came last
	conns   []*connection
	log     []string      // of sockets and catching up, printed on a failure
	changed chan struct{} // closed when something has come
}

func (d *device) signIn(t *testing.T, p *parlor) {
	t.Helper()
	ticket, err := p.backend.RequestTicket(t.Context(), client.Profile{XCID: d.xc, Fullname: d.xc})
	if err != nil {
		t.Fatal(err)
	}
	app, err := d.app(p.url)
	if err != nil {
		t.Fatal(err)
	}
	in, err := app.SignIn(t.Context(), ticket.Text, d.options())
	if err != nil {
		t.Fatal(err)
	}
	d.user, d.tokens = string(in.UserID()), in.Tokens()
	// Its first contact, from which on the server knows how far it is.
	if _, err := in.RoomsAndUnread(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (d *device) options() client.DeviceOptions { return client.DeviceOptions{ID: "device " + d.name} }

// app is the app by way of a node. Calls are made once: see server.
func (d *device) app(url string) (*client.App, error) {
	return client.NewApp(client.Config{URL: url, Key: appKey, HTTP: d.http, Attempts: 1})
}

// at is the device as it calls a server.
func (d *device) at(t *testing.T, p *parlor) *client.Device {
	t.Helper()
	app, err := d.app(p.url)
	if err != nil {
		t.Fatal(err)
	}
	return app.Resume(d.tokens, d.options())
}

// call makes a call of the client API to a node, which is "" if none is up.
func (d *device) call(ctx context.Context, url, path string, body, out any) error {
	app, err := d.app(url)
	if err != nil {
		return err
	}
	return app.Resume(d.tokens, d.options()).Call(ctx, path, body, out)
}

// ask makes a call until it is answered with success, over any node.
func (d *device) ask(ctx context.Context, path string, body, out any) (ok bool) {
	for d.wait(ctx) {
		err := d.call(ctx, d.nodes.any(d.rng), path, body, out)
		if d.well(err, path) {
			return true
		}
		if refusal(err) != nil && !isUnavailable(err) {
			return false // and noted
		}
		d.pause(ctx)
	}
	return false
}

// pause keeps what fails at once from being tried again at once.
func (d *device) pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(retry):
	}
}

// wait returns once a node is up, or false at the end of ctx.
func (d *device) wait(ctx context.Context) bool {
	for ctx.Err() == nil {
		if d.nodes.any(d.rng) != "" {
			return true
		}
		d.pause(ctx)
	}
	return false
}

// learn keeps a message as it now looks. asked is when the device asked for it; of what
// came by itself it is 0. An update replaces what was there. It stays when an answer comes
// that was asked for before it, and of two others the newer one stays: answers and frames
// may overtake each other.
func (d *device) learn(m message, update bool, asked int64) {
	plain, err := cipher.Decrypt(m.Body, m.LocalID)
	if err != nil {
		d.note("%s cannot read %s: %v", d.name, m.LocalID, err)
	}
	m.Body = plain
	if m.IsRead && m.User.UserID == d.user {
		d.checkRead(m)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if update {
		d.updated[m.LocalID] = d.now()
	}
	if asked > 0 && d.updated[m.LocalID] > asked {
		return
	}
	if have, ok := d.known[m.LocalID]; !ok || update || m.Updated >= have.Updated {
		d.known[m.LocalID] = m
		close(d.changed)
		d.changed = make(chan struct{})
	}
}

// checkRead holds a device's own message that shows as read against what was done.
func (d *device) checkRead(m message) {
	h := d.history
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, other := range d.rooms[m.Room.RoomID] {
		if other != d.user && h.readBy(other, m.LocalID) {
			return
		}
	}
	h.strange = append(h.strange, fmt.Sprintf("%s sees its message %s as read, which nobody has done", d.name, m.LocalID))
}

// await waits until cond holds of what the device has; false means that the socket ended
// before, or that it takes too long.
func (d *device) await(ctx context.Context, conn *connection, cond func() bool) bool {
	timeout := time.NewTimer(again)
	defer timeout.Stop()
	for {
		d.mu.Lock()
		ok, changed := cond(), d.changed
		d.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-timeout.C:
			return false
		case <-conn.done:
			d.mu.Lock()
			defer d.mu.Unlock()
			return cond()
		case <-ctx.Done():
			return false
		}
	}
}

// ending is what the device has got.
func (d *device) ending() deviceEnd {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := deviceEnd{user: d.user, name: d.name, known: maps.Clone(d.known), fetched: maps.Clone(d.fetched)}
	for _, conn := range d.conns {
		log := conn.log
		log.came, log.again = map[string][]string{}, maps.Clone(conn.log.again)
		for room, ids := range conn.log.came {
			log.came[room] = slices.Clone(ids)
		}
		e.sockets = append(e.sockets, log)
	}
	return e
}

// logf adds to the log of what happens to the device.
func (d *device) logf(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, time.Now().Format("05.000 ")+fmt.Sprintf(format, args...))
}

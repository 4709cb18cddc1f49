package sdkmodel

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// sdk is whose behaviour a device has.
type sdk int

const (
	web sdk = iota
	android
	ios
)

func (k sdk) String() string { return [...]string{"web", "android", "ios"}[k] }

// source is how a message object came to a device.
type source int

const (
	byNewFrame     source = iota // chat/sendMessage
	byChangedFrame               // chat/updateMessage
	byCatchUp                    // room_list_and_unread, new_and_updated
	byPage                       // list_by_room
)

func (s source) String() string { return [...]string{"sent", "updated", "catch-up", "page"}[s] }

// device is one device of a user, with what its SDK and its app keep.
type device struct {
	run    *run
	owner  *user
	kind   sdk
	name   string
	access string

	// Of the run's own goroutine, or of the one that was given the device.
	socket  *socket   // nil while it is away
	listed  bool      // it has had its first list of rooms
	whole   bool      // it held what its user read, and its socket has been open since
	sockets int       // that it has had
	silent  []*socket // left without a word

	mu   sync.Mutex
	held map[string]message // by localID
	// old are messages as they were when the device had its first list, or when its user
	// came into their room: as long as they stay so nobody tells the device of them.
	old     map[string]message
	trail   map[string][]string // by localID: how it came
	came    []string            // ids of others' messages that it is to say have arrived
	said    map[string]bool     // ids of those of which it has said so
	repeats []string            // unread messages that came once more as new ones
	doubled []string            // those of them that had not changed, and of which it has said that they have arrived
	changed chan struct{}       // closed when something has come
}

func (d *device) headers() http.Header {
	return http.Header{
		"App-Key":           {base64.StdEncoding.EncodeToString([]byte(appKey))},
		"Authorization":     {"Bearer " + d.access},
		"Device-Identifier": {d.name},
		"Device-Platform":   {d.kind.String()},
	}
}

// learn takes what a message object says. Android and iOS keep the newest of what they are
// given, and none of their flags goes back. Web replaces what it has by what comes over the
// socket; an answer that was overtaken by a frame is no server's fault, so that the model
// does not let it win.
func (d *device) learn(m message, by source) {
	d.mu.Lock()
	defer d.mu.Unlock()
	me := d.owner.id
	have, known := d.held[m.LocalID]
	if known && d.kind == web && (by == byNewFrame || by == byCatchUp) && m.unread(me) && have.unread(me) &&
		m.Updated <= have.Updated {
		d.repeats = append(d.repeats, m.LocalID)
		if m.Updated == m.Created && d.said[m.MessageID] {
			d.doubled = append(d.doubled, m.LocalID)
		}
	}
	if m.User.UserID != me && by != byChangedFrame && (d.kind == web || !m.IsSending && !m.IsDelivered && !m.IsRead) {
		d.came = append(d.came, m.MessageID)
	}
	d.trail[m.LocalID] = append(d.trail[m.LocalID], fmt.Sprintf("%.3f %s %+d %s", time.Since(d.run.began).Seconds(), by,
		m.Updated-m.Created, m.flags()))
	frame := by == byNewFrame || by == byChangedFrame
	if known && m.Updated < have.Updated && (d.kind != web || !frame) {
		return
	}
	if known && d.kind != web {
		m = merged(have, m)
	}
	d.held[m.LocalID] = m
	close(d.changed)
	d.changed = make(chan struct{})
}

// hear takes what comes over a socket.
func (d *device) hear(s *socket, event string, m message) {
	by := byNewFrame
	if event == updateMessage {
		by = byChangedFrame
	}
	d.mu.Lock()
	_, known := d.held[m.LocalID]
	d.mu.Unlock()
	s.mu.Lock()
	if s.deaf {
		s.mu.Unlock()
		return
	}
	s.take(event, m, !known)
	s.mu.Unlock()
	d.learn(m, by)
}

// holding is what it has got now.
func (d *device) holding() holding {
	d.mu.Lock()
	defer d.mu.Unlock()
	return holding{user: d.owner.id, held: maps.Clone(d.held), old: maps.Clone(d.old)}
}

// remember notes messages as they are now: nobody has to tell the device of them.
func (d *device) remember(paged []pagedRoom) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range paged {
		for _, m := range c.messages {
			d.old[m.LocalID] = m
		}
	}
}

// await waits until cond holds of what the device has; false means that its socket has
// ended before, or that it takes too long.
func (d *device) await(cond func(held map[string]message) bool, within time.Duration) bool {
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	for {
		d.mu.Lock()
		ok, changed := cond(d.held), d.changed
		d.mu.Unlock()
		if ok || d.socket == nil {
			return ok
		}
		select {
		case <-changed:
		case <-timeout.C:
			return false
		case <-d.socket.done:
			d.mu.Lock()
			defer d.mu.Unlock()
			return cond(d.held)
		}
	}
}

// connected reports whether the device has a socket that is open, as far as it knows.
func (d *device) connected() bool {
	if d.socket != nil && d.socket.ended() {
		d.settleSocket(d.socket)
		d.socket, d.whole = nil, false
	}
	return d.socket != nil
}

// leave ends the device's socket in one of the ways.
func (d *device) leave(how parting) {
	if !d.connected() {
		return
	}
	if d.run.calm {
		d.acknowledge()
	}
	d.run.note("%s %s", d.name, how)
	s := d.socket
	s.end(how)
	if how == silencing {
		d.silent = append(d.silent, s)
	}
	d.settleSocket(s)
	d.socket, d.whole = nil, false
	if d.run.calm {
		// Else, for all that the server knows, the last of it has not arrived.
		d.acknowledge()
	}
}

// settleSocket looks at what has come over a socket that is over.
func (d *device) settleSocket(s *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.check() {
		d.run.wrong("%s: %s%s", s.name, f.text, d.trailOf(f.localID))
	}
	s.arrivals = newArrivals()
}

// trailOf is how a message came to the device.
func (d *device) trailOf(localID string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.trail[localID] == nil {
		return ""
	}
	return "; it came as " + strings.Join(d.trail[localID], ", ")
}

// some returns messages that the device holds and that fit, in a random order, at most n.
func (d *device) some(rng *rand.Rand, n int, fits func(m message) bool) []message {
	list := d.holding().sorted()
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	var out []message
	for _, m := range list {
		if len(out) < n && fits(m) {
			out = append(out, m)
		}
	}
	return out
}

func newDevice(r *run, u *user, kind sdk) *device {
	return &device{
		run: r, owner: u, kind: kind, name: fmt.Sprintf("%s-%s%d", u.xc, kind, len(u.devices)),
		held: map[string]message{}, old: map[string]message{}, trail: map[string][]string{}, said: map[string]bool{},
		changed: make(chan struct{}),
	}
}

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"parlor/client"
)

const (
	// maxSent bounds the messages of one room: a device that was away gets 500 in one answer.
	maxSent = 300
	// crowdTime bounds all that a crowd does, so that a hang is a failure with a reason.
	crowdTime = 6 * time.Minute
	// settling is how long events may take to reach everybody, once all is well.
	settling = time.Minute
)

// crowd is users with devices who write to each other, and the history of it.
type crowd struct {
	*history
	nodes   *nodes
	http    *http.Client
	pace    *rate.Limiter // of what all of them do
	devices []*device
	rooms   map[string][]string // who is in which room, by Parlor's ids
	done    atomic.Int64        // acknowledged actions

	mu   sync.Mutex
	sent map[string]int // by room

	leave chan struct{} // closed: nothing new is begun
	end   context.CancelFunc
	busy  sync.WaitGroup
}

// gather signs in six users, four of them with two devices, who share three groups and a
// personal room, and has them begin.
func gather(t *testing.T, p *parlor, where *nodes, rng *rand.Rand, perSecond float64) *crowd {
	t.Helper()
	c := &crowd{
		history: newHistory(), nodes: where, pace: rate.NewLimiter(rate.Limit(perSecond), 10),
		http:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 20}, Timeout: 20 * time.Second},
		rooms: map[string][]string{}, sent: map[string]int{}, leave: make(chan struct{}),
	}
	names := []string{"ann", "bob", "cat", "dan", "eve", "fay"}
	ids := map[string]string{}
	for i, xc := range names {
		for k := range 2 - i/4 {
			d := &device{crowd: c, xc: xc, name: fmt.Sprint(xc, k), rng: rand.New(rand.NewPCG(rng.Uint64(), uint64(i)))}
			d.changed, d.known, d.updated, d.fixed = make(chan struct{}), map[string]message{}, map[string]int64{},
				map[string]bool{}
			d.signIn(t, p)
			ids[xc] = d.user
			c.devices = append(c.devices, d)
		}
	}
	for i, in := range [][]string{names, names[:4], {"ann", "dan", "eve", "fay"}} {
		made, err := p.backend.PutRoom(t.Context(), client.RoomSettings{
			XCID: fmt.Sprint("group", i), Type: client.Group, Name: "Group", Participants: in,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, xc := range in {
			room := string(made.Room.ID)
			c.rooms[room] = append(c.rooms[room], ids[xc])
		}
	}
	c.rooms[ids["ann"]+"-"+ids["bob"]] = []string{ids["ann"], ids["bob"]}

	ctx, cancel := context.WithTimeout(context.Background(), crowdTime)
	c.end = cancel
	for _, d := range c.devices {
		d.writable = c.roomsOf(d.user)
		c.busy.Go(func() { d.run(ctx) }) // ends when the crowd leaves, or its time is over
	}
	t.Cleanup(func() {
		cancel()
		c.busy.Wait()
		c.http.CloseIdleConnections()
		for _, d := range c.devices {
			d.hangUp()
		}
	})
	return c
}

// roomsOf are the rooms in which a user is, in order.
func (c *crowd) roomsOf(user string) (list []string) {
	e := ending{rooms: c.rooms}
	e.eachRoom(func(room string) {
		for _, in := range c.rooms[room] {
			if in == user {
				list = append(list, room)
			}
		}
	})
	return list
}

// waitFor waits until so many more actions were acknowledged.
func (c *crowd) waitFor(t *testing.T, more int64) {
	t.Helper()
	want := c.done.Load() + more
	deadline := time.Now().Add(patience)
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for c.done.Load() < want {
		<-poll.C
		if time.Now().After(deadline) {
			t.Fatalf("of %d more actions %d were acknowledged within %s\n%s", more, c.done.Load()-want+more, patience, c.state())
		}
	}
}

// state says what each device is doing, for a failure's message.
func (c *crowd) state() string {
	var lines []string
	for _, d := range c.devices {
		doing, _ := d.doing.Load().(string)
		lines = append(lines, d.name+": "+doing)
	}
	return strings.Join(lines, "\n")
}

// reserve takes a place for one more message in one of the rooms; ok is false when it is
// full.
func (c *crowd) reserve(rooms []string, rng *rand.Rand) (room string, ok bool) {
	room = rooms[rng.IntN(len(rooms))]
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sent[room] >= maxSent {
		return "", false
	}
	c.sent[room]++
	return room, true
}

// rest has everybody finish, do again what has an unknown outcome, and stay connected. The
// nodes must be up.
func (c *crowd) rest(t *testing.T) {
	t.Helper()
	close(c.leave)
	finished := make(chan struct{})
	go func() { // ends with the devices, whose time is bounded
		c.busy.Wait()
		close(finished)
	}()
	select {
	case <-finished:
	case <-time.After(patience):
		t.Fatalf("devices do not come to rest\n%s", c.state())
	}
}

// verify waits until every device has got everything, and then holds what there is against
// the history. node returns the server to ask for a user.
func (c *crowd) verify(t *testing.T, node func(i int) *parlor) {
	t.Helper()
	e := c.read(t, node)
	var f findings
	deadline := time.Now().Add(settling)
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for { // events may still be under way; what has not come by the deadline is a finding
		e.devices = nil
		for _, d := range c.devices {
			e.devices = append(e.devices, d.ending())
		}
		f = findings{}
		c.checkDevices(e, &f)
		c.checkSockets(e, &f)
		if len(f.lines) == 0 || time.Now().After(deadline) {
			break
		}
		<-poll.C
	}
	wrong := strings.Join(c.violations(e), "\n")
	if wrong != "" {
		t.Errorf("findings:\n%s", wrong)
	}
	for _, d := range c.devices {
		if strings.Contains(wrong, d.name) {
			t.Logf("the log of %s:\n%s", d.name, strings.Join(d.log, "\n"))
		}
	}
	messages, sockets := 0, 0
	for room := range e.rooms {
		messages += len(e.list(room))
	}
	for _, d := range e.devices {
		sockets += len(d.sockets)
	}
	t.Logf("%d actions, %d messages, %d edited, %d deleted, %d flags, %d sockets",
		c.done.Load(), messages, len(c.edits), len(c.erased), len(c.flags), sockets)
}

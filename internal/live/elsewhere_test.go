package live

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
)

// arrived asks a node what has reached bo's phone, and returns the localIDs' numbers and how long
// that took.
func (n *testNode) arrived(t *testing.T) (known device.Known, took time.Duration) {
	t.Helper()
	begun := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), device.AnswerTimeout)
	defer cancel()
	return n.Arrived(ctx, testApp, bo, "phone"), time.Since(begun)
}

// TestArrivedElsewhere: a node learns what has reached a device whose socket is on another one.
func TestArrivedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 3, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		d := a.connect(t, bo)
		a.tells(c.db.append(ana, "m1"))
		known, took := b.arrived(t)
		if len(known) != 1 || took > 0 {
			t.Errorf("of a device that answers %v is known after %v", known, took)
		}

		d.mu.Lock()
		d.deaf = true
		d.mu.Unlock()
		a.tells(c.db.append(ana, "m2"))
		a.tells(c.db.append(ana, "m3"))
		b.Received(testApp, bo, "phone", []int64{3})(t.Context())
		known, took = b.arrived(t)
		if _, ok := known[3]; !ok || len(known) != 2 || took >= device.AnswerTimeout {
			t.Errorf("of a device that has named a message %v is known after %v", known, took)
		}
	})
}

// TestReceivedSettles: once a call that names messages is answered, the node of the device's socket knows of
// them, however long the bus takes, so that it stores them should the socket end.
func TestReceivedSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 3, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		d := a.connect(t, bo)
		d.deaf = true
		a.tells(c.db.append(ana, "m1"))

		const late = 100 * time.Millisecond
		a.hold()
		time.AfterFunc(late, func() { a.release(0) })
		begun := time.Now()
		b.Received(testApp, bo, "phone", []int64{1})(t.Context())
		if took := time.Since(begun); took != late {
			t.Errorf("it took %v", took)
		}
		if known, _ := d.session.Arrived(time.Time{}); len(known) != 1 {
			t.Errorf("the session knows of %v", known)
		}

		a.lose()
		begun = time.Now()
		b.Received(testApp, bo, "phone", []int64{1})(t.Context())
		if took := time.Since(begun); took != device.AnswerTimeout || len(b.asks.open) > 0 {
			t.Errorf("without an answer it took %v, and %d questions are open", took, len(b.asks.open))
		}
		a.find()
	})
}

// TestArrivedWaitsForTheEnd: a session that is ending has stored what it knows before another
// node hears that there is nothing.
func TestArrivedWaitsForTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		d := a.connect(t, bo)
		d.deaf = true
		a.tells(c.db.append(ana, "m1"))
		const storing = 100 * time.Millisecond
		time.AfterFunc(50*time.Millisecond, func() { d.session.Stop(0, "") }) // while it is being asked
		time.AfterFunc(50*time.Millisecond+storing, func() { a.Hub().Leave(d.session) })
		if _, took := b.arrived(t); took != 50*time.Millisecond+storing {
			t.Errorf("the answer came after %v", took)
		}
		if _, took := b.arrived(t); took > 0 {
			t.Errorf("when it has left, the answer comes after %v", took)
		}
	})
}

// TestArrivedWithoutAnswers: a node that does not answer is not waited for longer than the
// caller wants, and one that has nothing to say is not asked.
func TestArrivedWithoutAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		a.lose()
		if _, took := b.arrived(t); took > 0 {
			t.Errorf("of a user who is nowhere: %v", took)
		}
		a.find()
		a.connect(t, bo)
		a.lose()
		if known, took := b.arrived(t); len(known) > 0 || took != device.AnswerTimeout {
			t.Errorf("%v is known after %v", known, took)
		}
		a.find()
		if _, took := b.arrived(t); took > 0 || len(b.asks.open) > 0 {
			t.Errorf("afterwards it took %v, and %d questions are open", took, len(b.asks.open))
		}
	})
}

var rewrite = flag.Bool("update", false, "write the golden files anew")

// TestNodesForm holds what nodes say to each other to files: they may be of two versions.
func TestNodesForm(t *testing.T) {
	for _, e := range []chat.Event{
		&nodeFrontier{Node: "a", Number: 77},
		&nodeAlive{Node: "a", First: true, Ask: true, App: 1, Users: []chat.UserID{5, 6}},
		&deviceAsked{Node: "a", Ask: 3, Nodes: []string{"b"}, App: 1, User: 5, Device: "phone"},
		&deviceHas{Node: "a", Ask: 3, Known: device.Known{7: {State: 8, Number: 9}}},
		&deviceReceived{Node: "a", Ask: 3, Nodes: []string{"b"}, App: 1, User: 5, Device: "phone", IDs: []int64{7}},
	} {
		t.Run(e.Kind(), func(t *testing.T) {
			got, err := chat.EncodeEvent(e)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "nodes", e.Kind()+".json")
			if *rewrite {
				if err := os.WriteFile(file, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if want = bytes.TrimSpace(want); !bytes.Equal(got, want) {
				t.Errorf("packed as\n%s\nwant\n%s", got, want)
			}
			back, err := chat.DecodeEvent(want, betweenNodes...)
			if err != nil || !reflect.DeepEqual(back, e) {
				t.Errorf("%s came back as %+v: %v", want, back, err)
			}
		})
	}
}

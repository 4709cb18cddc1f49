package live

import (
	"context"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func (d *database) Beat(_ context.Context, node string) error {
	if err := d.read(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.nodes == nil {
		d.nodes = map[string]int64{}
	}
	if !d.crashed[node] {
		d.nodes[node]++
	}
	return nil
}

func (d *database) Nodes(context.Context) (map[string]int64, error) {
	err := d.read()
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.nodes), err
}

func (d *database) ForgetNode(_ context.Context, node string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.crashed[node] {
		delete(d.nodes, node)
	}
	return nil
}

func (d *database) PruneNodes(context.Context, time.Time) error { return d.read() }

func (d *database) rangesRead() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ranges
}

// crash ends a node without a word.
func (n *testNode) crash() {
	n.cluster.db.mu.Lock()
	n.cluster.db.crashed = map[string]bool{n.presence.node: true}
	n.cluster.db.mu.Unlock()
	n.disconnect()
	n.stop()
}

// disconnect has a node send nothing over the bus from now on.
func (n *testNode) disconnect() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut = true
}

// TestCutOff: a node that is cut off from the bus goes on committing. The frontier of the others
// stays below what has not been delivered there, for as long as that takes, and it is delivered.
func TestCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		d := b.connect(t, bo)
		time.Sleep(10 * time.Second)
		a.disconnect()
		for _, text := range []string{"m1", "m2", "m3", "m4"} {
			e := c.db.append(ana, text)
			a.tells(e)
			for range 60 {
				time.Sleep(time.Second)
				if f := b.Hub().Frontier(); f > e.Number && len(d.sent()) == 0 {
					t.Fatalf("the frontier is at %d, and %s, which is %d, was not delivered", f, text, e.Number)
				}
			}
			d.gets(t, text, text)
			if f := b.Hub().Frontier(); f <= e.Number {
				t.Errorf("the frontier stays at %d", f)
			}
		}
	})
}

// TestCrashed: what a node has committed and told nobody is delivered when it is gone, and from
// then on nobody waits for it.
func TestCrashed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		d := b.connect(t, bo)
		time.Sleep(10 * time.Second)
		a.disconnect()
		a.tells(c.db.append(ana, "m1"))
		a.crash()
		time.Sleep(2 * time.Minute)
		d.gets(t, "what it has told nobody", "m1")
		reads := c.db.rangesRead()
		time.Sleep(time.Minute)
		if more := c.db.rangesRead() - reads; more > 0 {
			t.Errorf("%d times it is still read what the node may have committed", more)
		}
		b.tells(c.db.append(ana, "m2"))
		time.Sleep(2 * time.Second)
		if f := b.Hub().Frontier(); f <= 2 {
			t.Errorf("the frontier stays at %d", f)
		}
	})
}

// TestStrangerCutOff: a node that never was heard over the bus is found in the database.
func TestStrangerCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		c.nodes[0].stop()
		c.nodes = nil
		a := c.start(t, true)
		a.disconnect()
		b := c.start(t, true)
		d := b.connect(t, bo)
		a.tells(c.db.append(ana, "m1"))
		time.Sleep(10 * time.Second)
		d.gets(t, "a stranger's message", "m1")
	})
}

// TestPeopleOfACutOffNode: what is read of it goes to those who are in the room by then.
func TestPeopleOfACutOffNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		left, came := b.connect(t, bo), b.connect(t, cy)
		a.tells(c.db.append(ana, "m1"))
		time.Sleep(10 * time.Second)
		left.forget()
		came.forget()
		a.disconnect()
		a.tells(c.db.remove(bo, "m2")...)
		a.tells(c.db.add(cy, "m3"), c.db.append(ana, "m4"))
		time.Sleep(time.Minute)
		for _, said := range left.sent() {
			if said == "m4" {
				t.Error("who was removed gets what was said afterwards")
			}
		}
		if got := came.sent(); !slices.Contains(got, "m4") {
			t.Errorf("who was added gets %q", got)
		}
	})
}

// TestCutOffAndStopped: what a node has committed after it was cut off, and before it stopped in
// good order, is delivered.
func TestCutOffAndStopped(t *testing.T) {
	for _, after := range []time.Duration{time.Second, 10 * time.Second, 19 * time.Second, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			c := newCluster(t, 2, ana, bo)
			a, b := c.nodes[0], c.nodes[1]
			d := b.connect(t, bo)
			time.Sleep(10 * time.Second)
			a.disconnect()
			time.Sleep(after)
			e := c.db.append(ana, "m1")
			a.tells(e)
			a.stop()
			for range 60 {
				time.Sleep(time.Second)
				if f := b.Hub().Frontier(); f > e.Number && len(d.sent()) == 0 {
					t.Fatalf("stopped after %v: the frontier is at %d, and the message, which is %d, was not delivered",
						after, f, e.Number)
				}
			}
			d.gets(t, after.String(), "m1")
			b.tells(c.db.append(ana, "m2"))
			time.Sleep(2 * time.Second)
			if f := b.Hub().Frontier(); f <= e.Number+1 {
				t.Errorf("stopped after %v: the frontier stays at %d", after, f)
			}
		})
	}
}

// TestHeldHorizon: while a transaction holds the horizon, what silent nodes commit is read again
// and again, and delivered once.
func TestHeldHorizon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		d := b.connect(t, bo)
		time.Sleep(10 * time.Second)
		a.disconnect()
		c.db.mu.Lock()
		c.db.number++
		c.db.underWay = c.db.number
		c.db.mu.Unlock()
		a.tells(c.db.append(ana, "m1"), c.db.edit("m1"))
		time.Sleep(2 * time.Minute)
		d.gets(t, "while the horizon is held", "m1", "edit m1")
		c.db.mu.Lock()
		c.db.underWay = 0
		c.db.mu.Unlock()
		a.tells(c.db.append(ana, "m2"))
		time.Sleep(time.Minute)
		d.gets(t, "afterwards", "m2")
	})
}

// TestNodeThatReportsNothing: a node whose events come, and never its frontier, does not hold
// that of the others for ever.
func TestNodeThatReportsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		d := b.connect(t, bo)
		time.Sleep(10 * time.Second)
		a.mu.Lock()
		a.mute = (&nodeFrontier{}).Kind()
		a.mu.Unlock()
		time.Sleep(time.Minute)
		e := c.db.append(ana, "m1")
		a.tells(e)
		time.Sleep(10 * time.Second)
		d.gets(t, "its events", "m1")
		if f := b.Hub().Frontier(); f <= e.Number {
			t.Errorf("the frontier stays at %d", f)
		}
	})
}

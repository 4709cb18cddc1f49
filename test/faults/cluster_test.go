package faults

import (
	"math/rand/v2"
	"net/http"
	"testing"

	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/natstest"
	"parlor/test/env/pgtest"
)

// cluster is nodes over one PostgreSQL and one NATS, all of which can be taken away.
type cluster struct {
	pg    *pgtest.Server
	bus   *natstest.Server
	store store.Options
	nodes []*parlor
	where *nodes
}

func newCluster(t *testing.T, size int) *cluster {
	t.Helper()
	pg, o := ownPostgres(t)
	cl := &cluster{pg: pg, bus: natstest.Run(t), store: o}
	for range size {
		cl.nodes = append(cl.nodes, cl.node(t))
	}
	cl.where = newNodes(cl.nodes...)
	return cl
}

func (cl *cluster) node(t *testing.T) *parlor {
	t.Helper()
	return start(t, cl.store, "--nats", cl.bus.URL())
}

// outage is what of a cluster is away.
type outage struct{ node, bus, database bool }

// suffer takes away what is named, at once, until the crowd has gone on without it, as far
// as it can.
func (cl *cluster) suffer(t *testing.T, c *crowd, rng *rand.Rand, o outage) {
	t.Helper()
	i := rng.IntN(len(cl.nodes))
	if o.bus {
		cl.bus.Kill()
	}
	if o.node {
		cl.nodes[i].Kill()
		cl.where.set(i, "")
	}
	switch long := rng.IntN(2) == 0; {
	case !o.database:
		c.waitFor(t, rng.Int64N(60))
	case long:
		cl.pg.Kill()
		for _, p := range cl.nodes {
			eventually(t, "a node without its database is not ready", func() bool {
				return !p.Running() || p.status("/readyz") == http.StatusServiceUnavailable
			})
		}
	default:
		cl.pg.Kill()
	}

	// A node starts only where all is there.
	if err := cl.pg.StartAgain(); err != nil {
		t.Fatal(err)
	}
	if err := cl.bus.StartAgain(); err != nil {
		t.Fatal(err)
	}
	if o.node {
		// A node that starts while others have yet to find NATS again does not learn what
		// happened on them since.
		for k, p := range cl.nodes {
			eventually(t, "the others are ready", func() bool { return k == i || p.status("/readyz") == http.StatusOK })
		}
		cl.nodes[i] = cl.node(t)
		cl.where.set(i, cl.nodes[i].url)
	}
}

// TestCrowdSurvivesOutages takes nodes, NATS and PostgreSQL away, again and again in a
// random order and two at a time, from a crowd that is spread over the nodes. Devices go
// where a node is up.
func TestCrowdSurvivesOutages(t *testing.T) {
	t.Parallel()
	rng := newRand(t)
	cl := newCluster(t, 3)
	c := gather(t, cl.nodes[0], cl.where, rng, 150)
	outages := []outage{
		{node: true},
		{node: true},
		{node: true},
		{bus: true},
		{bus: true},
		{bus: true},
		{database: true},
		{database: true},
		{node: true, bus: true},
		{node: true, database: true},
		{bus: true, database: true},
	}
	rng.Shuffle(len(outages), func(i, j int) { outages[i], outages[j] = outages[j], outages[i] })
	for _, o := range outages {
		c.waitFor(t, 5+rng.Int64N(60))
		cl.suffer(t, c, rng, o)
	}
	c.waitFor(t, 30)
	for _, p := range cl.nodes {
		eventually(t, "every node is ready again", func() bool { return p.status("/readyz") == http.StatusOK })
	}
	c.rest(t)
	c.verify(t, func(i int) *parlor { return cl.nodes[i%len(cl.nodes)] })
	storetest.Audit(t, cl.store)
}

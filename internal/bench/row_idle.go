package bench

import (
	"context"
	"os"
	"time"
)

const (
	kibibyte = 1 << 10 // bytes
	// restMost bounds how long a process may take to come to rest.
	restMost = time.Minute
	// restful is how much of its memory may come or go in the meantime, as a part of it.
	restful = 0.01
)

// measureIdle is the memory that sessions take which do nothing, beside that of the bare
// WebSocket server.
func measureIdle(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: "resident memory of the server's process for each idle session, one user each"}
	if _, err := residentBytes(os.Getpid()); err != nil {
		g.leaveOut("%v", err)
		return row, nil
	}
	db, err := g.newDatabase(ctx, "data")
	if err != nil {
		return row, err
	}
	t, err := g.serve(ctx, db)
	if err != nil {
		return row, err
	}
	devices, err := g.signIn(ctx, t, "user", g.sizes.idle[len(g.sizes.idle)-1])
	if err != nil {
		return row, err
	}
	if err := t.own.stop(); err != nil {
		return row, err
	}
	servers := []func() (target, error){
		func() (target, error) { return g.serve(ctx, db) },
		func() (target, error) { return g.bareSockets(ctx) },
	}
	for _, n := range g.sizes.idle {
		if err := g.enoughFiles(n); err != nil {
			g.leaveOut("%d sessions: %v", n, err)
			continue
		}
		each := make([][]float64, len(servers))
		for round := range g.o.Rounds {
			for i, start := range servers {
				kib, err := g.weighSessions(ctx, start, devices[:n])
				if err != nil {
					return row, err
				}
				each[i] = append(each[i], kib)
				g.show.say("%s, round %d of %d: %s KiB for each of %d", g.row, round+1, g.o.Rounds, number(kib), n)
			}
		}
		work := thousands(int64(n)) + " idle sessions"
		row.Values = append(row.Values,
			newValue(work, "KiB each",
				"VmRSS with them at rest, less VmRSS right after the start, by their number; without the kernel's buffers",
				each[0]...),
			newValue("ceiling: "+work, "KiB each", "the same of a bare WebSocket server with the same library and buffers",
				each[1]...))
		row.Goals = append(row.Goals, atMost(16, "KiB each", work, each[0]))
	}
	return row, nil
}

// weighSessions starts a server, for others before have left their traces, and returns how
// much its memory grows by a session, in KiB.
func (g *rig) weighSessions(ctx context.Context, start func() (target, error), devices []device) (float64, error) {
	t, err := start()
	if err != nil {
		return 0, err
	}
	before, err := g.atRest(ctx, t)
	if err != nil {
		return 0, err
	}
	// The crowd answers pings, as devices do.
	c, err := g.gather(ctx, t, devices)
	if err != nil {
		return 0, err
	}
	after, err := g.atRest(ctx, t)
	if err == nil {
		err = c.failure()
	}
	c.disperse()
	if err != nil {
		return 0, t.fate(err)
	}
	return float64(after-before) / kibibyte / float64(len(devices)), t.own.stop()
}

// atRest is a process' resident memory in bytes, once it does not change any more: the
// runtime gives back what it needs no longer, but not at once.
func (g *rig) atRest(ctx context.Context, t target) (int64, error) {
	pid := t.own.cmd.Process.Pid
	var last int64
	for end := time.Now().Add(restMost); ; {
		now, err := residentBytes(pid)
		if err != nil {
			return 0, err
		}
		if changed := float64(max(now, last) - min(now, last)); changed < restful*float64(now) || time.Now().After(end) {
			return now, nil
		}
		last = now
		select {
		case <-time.After(g.sizes.settle):
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

package bench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

const (
	kibibyte = 1 << 10 // bytes
	gibibyte = 1 << 30 // bytes
	// idleFew sessions say what each takes, but not whether many fit.
	idleFew = 20_000
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
	most := max(g.o.Sockets, slices.Max(g.sizes.idle))
	if err := g.enoughFiles(most); err != nil {
		most = slices.Max(g.sizes.idle) // what is more is left out below
	}
	devices, err := g.signIn(ctx, t, "user", most)
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
	sessions := g.sizes.idle
	if g.o.Sockets > 0 {
		sessions = append(slices.Clone(sessions), g.o.Sockets)
	}
	for _, n := range sessions {
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
		if n > idleFew {
			var whole []float64
			for _, kib := range each[0] {
				whole = append(whole, kib*kibibyte*float64(n)/gibibyte)
			}
			row.Goals = append(row.Goals, atMost(1, "GiB in all", work, whole))
		}
		row.Goals = append(row.Goals, atMost(12, "KiB each", work, each[0]))
	}
	return row, g.weighSignIns(ctx, db, &row)
}

// weighSignIns weighs sessions with all that their users' coming leaves behind: each signs in
// with a ticket and opens a socket, on a server that knows nothing of them.
func (g *rig) weighSignIns(ctx context.Context, db database, row *Row) error {
	n := g.sizes.idle[0]
	if g.enoughFiles(n) != nil {
		return nil // it is said already
	}
	var each []float64
	for round := range g.o.Rounds {
		kib, err := g.weighComing(ctx, db, "newcomer-"+strconv.Itoa(round), n)
		if err != nil {
			return err
		}
		each = append(each, kib)
		g.show.say("%s, round %d of %d: %s KiB for each of %d who have just signed in", g.row, round+1, g.o.Rounds,
			number(kib), n)
	}
	work := thousands(int64(n)) + " who have just signed in"
	row.Values = append(row.Values, newValue(work, "KiB each", fmt.Sprintf("VmRSS %v after %s users have asked for a ticket, "+
		"exchanged it and opened a socket, less VmRSS right after the start, by their number",
		g.sizes.linger, thousands(int64(n))), each...))
	row.Goals = append(row.Goals, atMost(12, "KiB each", work, each))
	return nil
}

// weighComing starts a server and returns how much its memory has grown by each of n users
// who signed in and opened a socket, in KiB.
func (g *rig) weighComing(ctx context.Context, db database, kind string, n int) (float64, error) {
	t, err := g.serve(ctx, db)
	if err != nil {
		return 0, err
	}
	before, err := g.atRest(ctx, t)
	if err != nil {
		return 0, err
	}
	devices, err := g.signIn(ctx, t, kind, n)
	if err != nil {
		return 0, err
	}
	c, err := g.gather(ctx, t, devices)
	if err != nil {
		return 0, err
	}
	defer c.disperse()
	if !rested(ctx, g.sizes.linger) {
		return 0, context.Cause(ctx)
	}
	after, err := residentBytes(t.own.cmd.Process.Pid)
	if err == nil {
		err = c.failure()
	}
	if err != nil {
		return 0, t.fate(err)
	}
	c.disperse()
	return float64(after-before) / kibibyte / float64(n), t.own.stop()
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

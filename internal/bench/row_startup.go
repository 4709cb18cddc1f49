package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

const megabyte = 1e6 // bytes

// measureStartup is how fast a server on an existing small database is ready, how much
// memory it takes, and how large its file is.
func measureStartup(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("start on an existing database of %s rooms, idle memory, size",
		thousands(int64(g.sizes.rooms)))}
	db, err := g.newDatabase(ctx, "data")
	if err != nil {
		return row, err
	}
	t, err := g.serve(ctx, db)
	if err != nil {
		return row, err
	}
	if err := g.setUpRooms(ctx, t); err != nil {
		return row, err
	}
	var ready, bare []float64
	for i := range g.sizes.starts {
		if err := t.own.stop(); err != nil {
			return row, err
		}
		d, err := g.timeVersion(ctx)
		if err != nil {
			return row, err
		}
		bare = append(bare, milliseconds(d))
		if t, err = g.serve(ctx, db); err != nil {
			return row, err
		}
		ready = append(ready, milliseconds(t.own.ready))
		g.show.say("%s, start %d of %d: ready in %.1f ms", g.row, i+1, g.sizes.starts, ready[i])
	}
	row.Values = []Value{
		newValue("start to ready", "ms", "from the start of the process to the first 200 of /readyz", ready...),
		newValue("ceiling: parlor version", "ms", "the same program does nothing and ends", bare...),
	}
	row.Goals = []Goal{below(100, "ms", "start to ready", ready)}
	if err := g.weigh(ctx, t, &row); err != nil {
		return row, err
	}
	file, err := os.Stat(g.o.Executable)
	if err != nil {
		return row, err
	}
	size := float64(file.Size()) / megabyte
	row.Values = append(row.Values,
		newValue("program file", "MB", "as it runs here; a release is linked without debug information", size))
	row.Goals = append(row.Goals, below(40, "MB", "program file", []float64{size}))
	return row, nil
}

// timeVersion is how long the program takes to start and end.
func (g *rig) timeVersion(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	if out, err := exec.CommandContext(ctx, g.o.Executable, "version").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("version: %w: %s", err, out)
	}
	return time.Since(start), nil
}

// weigh reads the memory of a server that has just started, and after some work.
func (g *rig) weigh(ctx context.Context, t target, row *Row) error {
	idle, err := g.residentAfterRest(ctx, t)
	if err != nil {
		row.Notes = append(row.Notes, "memory was not measured: "+err.Error())
		return ctx.Err()
	}
	if _, err := g.measure(ctx, g.roomGets("room/get", t), g.row+", room/get for the memory after it"); err != nil {
		return err
	}
	after, err := g.residentAfterRest(ctx, t)
	if err != nil {
		return err
	}
	row.Values = append(row.Values,
		newValue("idle memory", "MB", fmt.Sprintf("VmRSS %v after the start", g.sizes.settle), idle),
		newValue("memory after room/get", "MB", fmt.Sprintf("VmRSS %v after %v of %d connections; for information",
			g.sizes.settle, g.o.Duration, getConnections), after))
	row.Goals = append(row.Goals, below(40, "MB", "idle memory", []float64{idle}))
	return nil
}

func (g *rig) residentAfterRest(ctx context.Context, t target) (float64, error) {
	select {
	case <-time.After(g.sizes.settle):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	n, err := residentBytes(t.own.cmd.Process.Pid)
	return float64(n) / megabyte, err
}

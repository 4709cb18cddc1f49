package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// measureOld is sends into an old database beside sends into one that is as it was at first,
// with the same people and rooms: what a message costs is not to depend on how many there
// were before. It also starts a server on the old one, and backs it up.
func measureOld(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: "a database of many messages beside one of none: sends, a start, a backup"}
	old, err := g.oldDatabase(ctx)
	if err != nil {
		return row, err
	}
	empty, err := g.aged(ctx, "empty", 0)
	if err != nil {
		return row, err
	}
	size, err := messagesIn(ctx, old)
	if err != nil {
		return row, fmt.Errorf("the old database: %w", err)
	}
	g.names = oldNames
	pair := [2]database{empty, old}
	var targets [2]target
	for i, db := range pair {
		if targets[i], err = g.serve(ctx, db); err != nil {
			return row, err
		}
	}
	row.Title = fmt.Sprintf("a database of %s messages beside one of none: sends, a start, a backup", thousands(size))
	var sends [2][]load // of each database
	for i, t := range targets {
		if sends[i], err = g.sendsIntoOld(ctx, t, [2]string{"empty", "old"}[i]); err != nil {
			return row, err
		}
	}
	if err := g.sendsWarmAndCold(ctx, sends, &row); err != nil {
		return row, err
	}
	if err := g.backUpOld(ctx, old, sends[1][0], &row); err != nil {
		return row, err
	}
	return row, g.startOnOld(ctx, pair, targets, &row)
}

// sendsWarmAndCold measures the sends as they are, and after the system has forgotten what it
// knew of files.
func (g *rig) sendsWarmAndCold(ctx context.Context, sends [2][]load, row *Row) error {
	for _, state := range []struct {
		name   string
		share  float64
		before func() error
	}{{"", 95, nil}, {", cold", 80, dropCaches}} {
		if state.before != nil {
			if err := g.mayDropCaches(); err != nil {
				g.leaveOut("sends after a drop of the page cache: %v", err)
				continue
			}
		}
		var loads []load
		for i := range sends[0] {
			for _, of := range sends {
				l := of[i]
				l.name, l.before = l.name+state.name, state.before
				if state.before != nil {
					l.what += "; right after the system's page cache was dropped, without a warm-up"
				}
				loads = append(loads, l)
			}
		}
		m, err := g.interleave(ctx, loads...)
		row.Measurements = append(row.Measurements, m...)
		if err != nil {
			return err
		}
		for i := 0; i < len(m); i += 2 {
			row.Goals = append(row.Goals, atLeast(state.share, "% of the rate in the empty one", m[i+1].Name,
				percentOf(m[i+1], m[i])))
		}
	}
	return nil
}

// oldDatabase is the one that was named, or else one that is made now.
func (g *rig) oldDatabase(ctx context.Context) (database, error) {
	if g.o.Old == "" {
		if !g.o.Quick {
			g.leaveOut("%s messages: name a database with --old that parlor-bench fill has filled; "+
				"this is one of %s", thousands(10_000_000), thousands(int64(g.sizes.old)))
		}
		return g.aged(ctx, "old", g.sizes.old)
	}
	old, err := OpenOld(ctx, g.o.Old)
	if err != nil {
		return database{}, err
	}
	if old.DSN == "" {
		if _, err := os.Stat(old.File()); err != nil {
			return database{}, fmt.Errorf("old: %w", err)
		}
	}
	return old.database(), nil
}

// aged makes a database of so many messages, which goes with the rig.
func (g *rig) aged(ctx context.Context, name string, messages int) (database, error) {
	db, err := g.newDatabase(ctx, name)
	if err != nil {
		return db, err
	}
	args := []string{"fill", "--messages", strconv.Itoa(messages), "--rooms", strconv.Itoa(g.sizes.oldRooms)}
	env := []string{"PARLOR_BENCH_DATABASE=" + db.dsn} // a flag would show the password
	if db.dsn == "" {
		args, env = append(args, "--data", db.folder), nil
	}
	done := g.show.task(g.row+", fill "+name, func() string { return thousands(int64(messages)) + " messages" })
	err = g.runOnce(ctx, g.o.Self, env, args...)
	done("")
	if err != nil {
		return db, fmt.Errorf("fill %s: %w", name, err)
	}
	return db, nil
}

// runOnce runs a program to its end. It is asked to end when ctx does.
func (g *rig) runOnce(ctx context.Context, exe string, env []string, args ...string) error {
	p, err := startProcess(ctx, exe, env, args...)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), p.stop())
	}
	if s := p.cmd.ProcessState; s == nil || !s.Success() {
		return fmt.Errorf("%s: %s: %s", args[0], s, p.said.String())
	}
	return nil
}

// messagesIn counts those of a database on which no server runs.
func messagesIn(ctx context.Context, db database) (n int64, err error) {
	lanes, closeLanes, _, err := openLanes(ctx, db)
	if err != nil {
		return 0, err
	}
	err = lanes[0].commit(ctx, []write{{{query: "SELECT CAST(COALESCE(SUM(last_seq), 0) AS BIGINT) FROM rooms", dest: []any{&n}}}})
	return n, errors.Join(err, closeLanes())
}

// sendsIntoOld signs the senders in, and lets them send over HTTP and over sockets, each into
// the rooms that they are in.
func (g *rig) sendsIntoOld(ctx context.Context, t target, name string) ([]load, error) {
	devices, err := g.signIn(ctx, t, "user", g.sizes.senders)
	if err != nil {
		return nil, err
	}
	rooms, err := g.roomsOfDevices(ctx, t, "room", g.sizes.oldRooms, func(int) []string { return nil }) // they are there
	if err != nil {
		return nil, err
	}
	own, theirs := make([][]string, len(devices)), make([][]int, len(devices))
	for i := range devices {
		theirs[i] = oldRoomsOf(i, g.sizes.oldRooms)
		for _, room := range theirs[i] {
			own[i] = append(own[i], rooms[room])
		}
	}
	byCall := g.sends(name+": message/send/custom", t, "user", g.sizes.senders, func(worker int) func() int {
		mine, next := theirs[worker%len(theirs)], worker
		return func() int {
			next++
			return mine[next%len(mine)]
		}
	})
	return []load{byCall, socketSends(name+": chat/sendMessage, localIDs of the devices", t, devices, own)}, nil
}

// startOnOld starts the servers again and again, on the empty database and on the old one in
// turn.
func (g *rig) startOnOld(ctx context.Context, pair [2]database, targets [2]target, row *Row) error {
	for _, t := range targets {
		if err := t.own.stop(); err != nil {
			return err
		}
	}
	var ready [2][]float64
	for i := range g.sizes.starts {
		for k, db := range pair {
			t, err := g.serve(ctx, db)
			if err != nil {
				return err
			}
			ready[k] = append(ready[k], milliseconds(t.own.ready))
			if err := t.own.stop(); err != nil {
				return err
			}
		}
		g.show.say("%s, start %d of %d: ready in %.1f ms, empty in %.1f ms", g.row, i+1, g.sizes.starts,
			ready[1][i], ready[0][i])
	}
	row.Values = append(row.Values,
		newValue("start to ready", "ms", "from the start of the process on the old database to the first 200 of /readyz",
			ready[1]...),
		newValue("start to ready, empty", "ms", "the same on the empty one", ready[0]...))
	row.Goals = append(row.Goals, below(100, "ms", "start to ready", ready[1]))
	return nil
}

// backUpOld times a backup beside a copy of the file, and sends beside backups.
func (g *rig) backUpOld(ctx context.Context, db database, sends load, row *Row) error {
	if db.dsn != "" {
		g.leaveOut("a backup: PostgreSQL has programs of its own for that")
		return nil
	}
	copied, backedUp := g.folder("copy.db"), g.folder("backup.db")
	whole := func(do func(ctx context.Context) error) func(context.Context) (time.Duration, []time.Duration, error) {
		return func(ctx context.Context) (time.Duration, []time.Duration, error) {
			start := time.Now()
			if err := do(ctx); err != nil {
				return 0, nil, err
			}
			took := time.Since(start)
			return took, []time.Duration{took}, nil
		}
	}
	backup := func(ctx context.Context) error { return g.backUp(ctx, db, backedUp) }
	m, err := g.interleave(ctx,
		load{
			name: "parlor backup", workers: 1, whole: whole(backup),
			what: "the whole old database, while its server runs and has nothing to do",
		},
		load{
			name: "cp and fsync", workers: 1, what: "a copy of the database's file, up to where it is on the disk",
			whole: whole(func(context.Context) error { return copyFile(db.file(), copied) }),
		})
	row.Measurements = append(row.Measurements, m...)
	if err != nil {
		return err
	}
	row.Goals = append(row.Goals, atLeast(60, "% of cp's rate", "a backup", percentOf(m[0], m[1])))
	failed := make(chan error, 1) // an attack may fail, but a backup that does slows nobody down
	busy := attack{
		name: "old: message/send/custom beside a backup", connections: 1,
		once: func(ctx context.Context) error {
			err := backup(ctx)
			if err != nil && ctx.Err() == nil {
				select {
				case failed <- err:
				default: // the first failure says enough
				}
			}
			return err
		},
		what: "the same while one backup after the other is made",
	}
	alone := sends
	alone.name += ", no backup"
	if m, err = g.interleave(ctx, alone, beside(sends, busy)); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return fmt.Errorf("a backup beside sends: %w", err)
	default:
	}
	row.Measurements = append(row.Measurements, m...)
	row.Goals = append(row.Goals, atLeast(90, "% of the rate without", "sends during a backup", percentOf(m[1], m[0])))
	return nil
}

// backUp makes a backup and removes it.
func (g *rig) backUp(ctx context.Context, db database, file string) error {
	err := g.runOnce(ctx, g.o.Executable, []string{"PARLOR_DATA=" + db.folder}, "backup", file)
	if removed := os.Remove(file); err == nil {
		err = removed
	}
	return err
}

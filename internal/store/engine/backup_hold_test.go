package engine_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parlor/internal/store/engine"
)

// meddler does something to the database whenever it is asked whether the snapshot is held:
// after the log was copied, and after the file was.
type meddler struct {
	engine.Held
	meddle func()
}

func (m meddler) Check(ctx context.Context) error {
	m.meddle()
	return m.Held.Check(ctx)
}

// counted is a database in which every transaction gives all things the next number.
type counted struct {
	t     *testing.T
	eng   engine.Engine
	lanes *engine.Lanes[*job]
	path  string
	last  int
}

func newCounted(t *testing.T) *counted { return fill(t, sqlite(t)) }

func fill(t *testing.T, c engine.Config) *counted {
	t.Helper()
	n := &counted{t: t, eng: open(t, c), path: c.Path}
	n.lanes = start(t, n.eng, engine.Options[*job]{})
	n.write(`INSERT INTO things (name, number) VALUES ('first', 0)`) // a short log, with its commit, to mistake for a whole one
	n.write(`INSERT INTO things (name, number) WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 1199)
		SELECT i || ' ' || hex(zeroblob(500)), 0 FROM k`)
	n.next()
	return n
}

func (n *counted) write(query string) {
	n.t.Helper()
	write(n.t, n.lanes, &job{run: func(ctx context.Context, tx engine.Tx) error {
		_, err := tx.Exec(ctx, query)
		return err
	}})
}

func (n *counted) next() {
	n.t.Helper()
	n.last++
	n.write(fmt.Sprintf(`UPDATE things SET number = %d`, n.last))
}

// fold asks SQLite to fold the log back, as far as it can.
func (n *counted) fold(mode string) {
	n.t.Helper()
	if err := engine.Checkpoint(n.t.Context(), n.path, mode); err != nil {
		n.t.Fatal(err)
	}
}

// TestBackupIsOneState copies a database that is written to, and whose log is folded back and
// begins anew, at the worst moments. The copy is the state after one of its transactions, none
// that was over when the copying began is missing, and no page is damaged.
func TestBackupIsOneState(t *testing.T) {
	for _, before := range []string{"nothing", "PASSIVE", "TRUNCATE"} {
		for _, meanwhile := range []string{"nothing", "PASSIVE", "TRUNCATE"} {
			t.Run(before+", then "+meanwhile, func(t *testing.T) {
				n := newCounted(t)
				if before != "nothing" {
					n.fold(before)
				}
				file := filepath.Join(t.TempDir(), "copy")
				acknowledged, chunks := n.last, 0
				err := engine.Backup(t.Context(), n.path, file, engine.BackupOptions{
					Check: true, Compact: meanwhile == "nothing", Hold: n.holdAndMeddle(func() {
						if chunks++; chunks > 4 {
							return
						}
						n.next()
						if meanwhile != "nothing" {
							n.fold(meanwhile)
						}
					}),
				})
				if err != nil {
					t.Fatal(err)
				}
				n.wantCopy(file, acknowledged)
			})
		}
	}
}

func (n *counted) holdAndMeddle(meddle func()) func(context.Context, string) (engine.Held, error) {
	return func(ctx context.Context, path string) (engine.Held, error) {
		held, err := engine.HoldHere(ctx, path)
		return meddler{held, meddle}, err
	}
}

func (n *counted) wantCopy(file string, atLeast int) {
	n.t.Helper()
	c := engine.Config{Path: file, Migrations: things(), Numbered: "SELECT MAX(number) FROM things"}
	var count, lowest, highest int
	err := open(n.t, c).Row(n.t.Context(), `SELECT COUNT(*), MIN(number), MAX(number) FROM things`).Scan(&count, &lowest, &highest)
	if err != nil {
		n.t.Fatal(err)
	}
	if count != 1200 || lowest != highest || lowest < atLeast {
		n.t.Errorf("%d things with numbers from %d to %d, want 1200 with one number from %d on", count, lowest, highest, atLeast)
	}
}

// TestBackupOfShrinking copies a database of which most is given back meanwhile.
func TestBackupOfShrinking(t *testing.T) {
	n := newCounted(t)
	file := filepath.Join(t.TempDir(), "copy")
	if err := engine.Backup(t.Context(), n.path, file, engine.BackupOptions{Check: true, Hold: n.holdAndMeddle(func() {
		n.write(`DELETE FROM things WHERE id > 100`)
		n.fold("PASSIVE")
	})}); err != nil {
		t.Fatal(err)
	}
	c := engine.Config{Path: file, Migrations: things(), Numbered: "SELECT MAX(number) FROM things"}
	var count int
	if err := open(t, c).Row(t.Context(), `SELECT COUNT(*) FROM things`).Scan(&count); err != nil || count != 1200 && count != 100 {
		t.Errorf("%d things are in the copy (%v)", count, err)
	}
}

// letGo is a snapshot that was lost.
type letGo struct{ engine.Held }

func (letGo) Check(context.Context) error { return errors.New("it was let go") }

// TestBackupLosesItsSnapshot: what was copied is worth nothing then, and is gone.
func TestBackupLosesItsSnapshot(t *testing.T) {
	n := newCounted(t)
	dir := t.TempDir()
	err := engine.Backup(t.Context(), n.path, filepath.Join(dir, "copy"), engine.BackupOptions{
		Hold: func(ctx context.Context, path string) (engine.Held, error) {
			held, err := engine.HoldHere(ctx, path)
			return letGo{held}, err
		},
	})
	if err == nil || !strings.Contains(err.Error(), "it was let go") {
		t.Errorf("the copy is said to be good: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	n.fold("TRUNCATE")
	if info, err := os.Stat(n.path + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("the snapshot is still held: the log has %v (%v)", info, err)
	}
}

// TestHold: a snapshot is held as long as somebody asks for it, and not longer.
func TestHold(t *testing.T) {
	for _, tt := range []struct {
		name    string
		silence time.Duration
		log     int64
		asks    int // how often somebody asks; then it is silent, or its input ends
		ends    bool
		why     string
	}{
		{"its input ends", time.Minute, 1 << 40, 3, true, ""},
		{"nobody asks", 10 * time.Millisecond, 1 << 40, 0, false, "stood still"},
		{"nobody asks any more", 100 * time.Millisecond, 1 << 40, 2, false, "stood still"},
		{"the log grows", time.Minute, 1, 1000, false, "has grown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := newCounted(t)
			n.fold("TRUNCATE") // so that the file is larger than the log
			in, ask := io.Pipe()
			answers, out := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				ended <- engine.HoldWithin(t.Context(), n.path, in, out, tt.silence, tt.log)
				_ = out.Close()
				_ = in.Close()
			}()
			lines := bufio.NewScanner(answers)
			var last string
			for asked := 0; lines.Scan(); asked++ {
				if last = lines.Text(); last != "held" {
					break
				}
				if asked < tt.asks {
					n.next()
					_, _ = io.WriteString(ask, "?\n") // it may have ended
				} else if tt.ends {
					_ = ask.Close()
				}
			}
			err := <-ended
			if (err != nil) != (tt.why != "") || !strings.Contains(last, tt.why) {
				t.Errorf("it ended with %v and said %q", err, last)
			}
			n.next()
			n.fold("TRUNCATE")
			if info, err := os.Stat(n.path + "-wal"); err != nil || info.Size() != 0 {
				t.Errorf("the snapshot is still held: the log has %v (%v)", info, err)
			}
		})
	}
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// ballast makes a backup take a while, in MB.
const ballast = 192

// laden is a server on a folder with much in its database.
type laden struct {
	*process
	dir, key string
	acked    int // rooms whose making was answered
}

func startLaden(t *testing.T) *laden {
	t.Helper()
	l := &laden{dir: t.TempDir()}
	l.process = start(t, nil, "--data", l.dir)
	l.key = bannerKey(t, l.process, "server")
	storetest.Exec(t, l.options(), fmt.Sprintf(`CREATE TABLE ballast AS WITH RECURSIVE k (i) AS
		(SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < %d) SELECT zeroblob(1048576) FROM k`, ballast))
	return l
}

func (l *laden) options() store.Options {
	return store.Options{Path: filepath.Join(l.dir, "parlor.db")}
}

// makeRooms makes n rooms, one after the other.
func (l *laden) makeRooms(t *testing.T, n int) {
	t.Helper()
	for range n {
		l.call(t, l.key, "room/create_or_update", fmt.Sprintf(`{"xcRoomID":"r%d","type":2,"name":"Room"}`, l.acked))
		l.acked++
	}
}

// backup starts a backup and returns when it has begun to write the file.
func (l *laden) backup(t *testing.T, file string) *process {
	t.Helper()
	p := &process{stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	p.cmd = exec.Command(binary, "backup", "--check", "--data", l.dir, file)
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = environment(nil), p.stdout, p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the process
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
	until(t, "the copying begins", func() bool {
		_, err := os.Stat(file + ".part")
		return err == nil
	})
	return p
}

// wantCopy serves nothing from the copy, but looks through all of it.
func (l *laden) wantCopy(t *testing.T, file string, atLeast int) {
	t.Helper()
	kept := store.Options{Path: file}
	storetest.Audit(t, kept)
	got := map[string]bool{}
	for _, id := range storetest.Query(t, kept, "SELECT xc_room_id FROM rooms") {
		got[id] = true
	}
	for i := range atLeast {
		if !got[fmt.Sprint("r", i)] {
			t.Fatalf("room %d was there before the copying began, and is not in the copy", i)
		}
	}
}

// wantFreeLog: nobody holds a snapshot, so the log can be emptied.
func (l *laden) wantFreeLog(t *testing.T) {
	t.Helper()
	until(t, "the log is let go", func() bool {
		storetest.Exec(t, l.options(), "PRAGMA wal_checkpoint(TRUNCATE)")
		info, err := os.Stat(l.options().Path + "-wal")
		return err == nil && info.Size() == 0
	})
}

// TestBackupIsKilled: what it leaves does not look like a copy, and is in nobody's way.
func TestBackupIsKilled(t *testing.T) {
	l := startLaden(t)
	l.makeRooms(t, 20)
	file := filepath.Join(t.TempDir(), "copy.db")
	b := l.backup(t, file)
	if err := b.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	b.wait(t)
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a copy that was not finished has its name: %v", err)
	}
	l.wantFreeLog(t)
	l.makeRooms(t, 20)
	for _, how := range []string{"--check", "--compact"} {
		succeed(t, "backup", how, "--data", l.dir, file)
		l.wantCopy(t, file, l.acked)
		if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
			t.Errorf("beside the copy there are %v (%v)", left, err)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBackupIsInterrupted: it says so in one line and leaves nothing.
func TestBackupIsInterrupted(t *testing.T) {
	l := startLaden(t)
	file := filepath.Join(t.TempDir(), "copy.db")
	b := l.backup(t, file)
	if code := b.stop(t, syscall.SIGINT); code != 1 {
		t.Errorf("exit code %d\n%s%s", code, b.stdout, b.stderr)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	l.wantFreeLog(t)
}

// TestBackupOfKilledServer: the server is killed and started again in the middle.
func TestBackupOfKilledServer(t *testing.T) {
	l := startLaden(t)
	l.makeRooms(t, 20)
	file := filepath.Join(t.TempDir(), "copy.db")
	acked := l.acked
	b := l.backup(t, file)
	l.stop(t, syscall.SIGKILL)
	l.process = start(t, nil, "--data", l.dir)
	l.makeRooms(t, 20)
	if code := b.wait(t); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, b.stdout, b.stderr)
	}
	l.wantCopy(t, file, acked)
	storetest.Audit(t, l.options())
	l.wantFreeLog(t)
}

// TestBackupIsStopped: one that goes on after it was stopped for a while is as good as any.
func TestBackupIsStopped(t *testing.T) {
	l := startLaden(t)
	file := filepath.Join(t.TempDir(), "copy.db")
	b := l.backup(t, file)
	if err := b.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	l.makeRooms(t, 20)
	if code := b.stop(t, syscall.SIGCONT); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, b.stdout, b.stderr)
	}
	l.wantCopy(t, file, 0)
}

// TestBackupToFullDisk: the copy does not fit.
func TestBackupToFullDisk(t *testing.T) {
	l := startLaden(t)
	dir := smallDisk(t)
	got := run(t, nil, "backup", "--data", l.dir, filepath.Join(dir, "copy.db"))
	if got.code != 1 || !strings.Contains(got.stderr, "no space left") {
		t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	l.wantFreeLog(t)
}

package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// victim is set in the environment of the process that
// TestServerDiesWithTheTest kills.
const victim = "PGTEST_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(victim) != "" {
		beVictim()
	}
	Main(m)
}

func TestDataSurvives(t *testing.T) {
	s := start(t)
	ctx := t.Context()

	first, err := s.Database(ctx)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Database(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if first == second {
		t.Fatalf("both databases are %s", first)
	}
	for _, dsn := range []string{first, second} {
		// The same name in both: the databases do not see each other.
		exec1(t, dsn, "CREATE TABLE note (body text)")
		exec1(t, dsn, "INSERT INTO note VALUES (current_database())")
	}

	outages := []struct {
		name string
		run  func() error
	}{
		{"restart", s.Restart},
		{"kill", func() error {
			s.Kill()
			if _, err := pgx.Connect(ctx, first); err == nil {
				t.Error("a killed server accepts connections")
			}
			return s.StartAgain()
		}},
		{"start although running", s.StartAgain},
	}
	for _, outage := range outages {
		if err := outage.run(); err != nil {
			t.Fatalf("%s: %v", outage.name, err)
		}
		for _, dsn := range []string{first, second} {
			if got := query1(t, dsn, "SELECT body FROM note"); !strings.Contains(dsn, got) {
				t.Errorf("after %s: %q in %s", outage.name, got, dsn)
			}
		}
	}
}

func TestKillBreaksConnections(t *testing.T) {
	s := start(t)
	conn := connect(t, s.DSN("postgres"))
	failed := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), "SELECT pg_sleep(600)")
		failed <- err
	}()
	// Kill only once the statement runs.
	watcher := connect(t, s.DSN("postgres"))
	for deadline := time.Now().Add(30 * time.Second); ; {
		var n int
		err := watcher.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND state = 'active'").Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the statement never started")
		}
	}
	s.Kill()
	if err := <-failed; err == nil {
		t.Error("a statement outlived the server")
	}
}

func TestSettings(t *testing.T) {
	dsn := Shared(t).DSN("postgres")
	for name, want := range map[string]string{
		"fsync":                   "on",
		"synchronous_commit":      "on",
		"full_page_writes":        "on",
		"max_connections":         "200",
		"listen_addresses":        "127.0.0.1",
		"unix_socket_directories": "",
		"server_encoding":         "UTF8",
	} {
		if got := query1(t, dsn, "SHOW "+name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestShared(t *testing.T) {
	if first, second := Shared(t), Shared(t); first != second {
		t.Error("there are two shared servers")
	}
}

func TestPortTaken(t *testing.T) {
	s := start(t)
	s.Kill()
	squatter, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := squatter.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	if err := s.StartAgain(); !errors.Is(err, errPortTaken) {
		t.Errorf("StartAgain on a port that is taken: %v", err)
	}
	if err := squatter.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.StartAgain(); err != nil {
		t.Error(err)
	}
}

func TestStartAgainAfterCrash(t *testing.T) {
	s := start(t)
	if err := s.proc.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	<-s.proc.Done()
	if err := s.StartAgain(); err != nil {
		t.Fatal(err)
	}
	connect(t, s.DSN("postgres"))
}

func TestStop(t *testing.T) {
	s := start(t)
	dir := s.dir
	s.Stop()
	s.Stop()
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if s.StartAgain() == nil || s.Restart() == nil {
		t.Error("a stopped server came back")
	}
}

func TestServerDiesWithTheTest(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victim+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the victim said %q: %v", said, err)
	}
	var pid int
	var dir string
	if _, err := fmt.Sscan(said, &pid, &dir); err != nil {
		t.Fatalf("the victim said %q: %v", said, err)
	}
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("its server does not run: %v", err)
	}

	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for deadline := time.Now().Add(30 * time.Second); syscall.Kill(pid, 0) == nil && !zombie(pid); {
		if time.Now().After(deadline) {
			t.Fatalf("server %d outlives its test", pid)
		}
		time.Sleep(pollInterval)
	}

	// The folder is left behind, until it is old enough to be swept.
	sweep(filepath.Dir(dir))
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("a new folder was swept: %v", err)
	}
	hourAgo := time.Now().Add(-time.Hour)
	if err := os.Chtimes(dir, hourAgo, hourAgo); err != nil {
		t.Fatal(err)
	}
	sweep(filepath.Dir(dir))
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an orphaned folder was not swept: %v", err)
	}
}

func TestSweepSparesLockedFolders(t *testing.T) {
	dir := Shared(t).dir
	hourAgo := time.Now().Add(-time.Hour)
	if err := os.Chtimes(dir, hourAgo, hourAgo); err != nil {
		t.Fatal(err)
	}
	sweep(filepath.Dir(dir))
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}

func TestTraversable(t *testing.T) {
	dir := t.TempDir()
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if traversable(inner) || traversable(filepath.Join(dir, "absent")) {
		t.Error("a closed folder counts as open")
	}
	if !traversable("/") {
		t.Error("the root folder counts as closed")
	}
}

func TestTail(t *testing.T) {
	long := strings.Repeat("early\n", 50) + strings.Repeat("late\n", 20)
	for in, want := range map[string]string{
		"":          "",
		"one line":  "one line",
		"two\nof\n": "two\nof",
		long:        strings.TrimSpace(strings.Repeat("late\n", 20)),
	} {
		if got := string(tail([]byte(in))); got != want {
			t.Errorf("tail(%q) is %q", in, got)
		}
	}
}

// beVictim starts a server, says where it is and waits to be killed.
func beVictim() {
	s, err := Start(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.proc.PID(), s.dir)
	select {}
}

// zombie tells whether the process has ended but was not yet collected, which
// takes a while where nothing adopts orphans.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(stat), ") Z ")
}

// start starts a server from a thread that ends right afterwards, which must
// not be taken for the end of the test.
func start(t *testing.T) *Server {
	t.Helper()
	var s *Server
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: Go ends the thread
		s, err = Start(t.Context())
	}()
	<-done
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func exec1(t *testing.T, dsn, sql string) {
	t.Helper()
	if _, err := connect(t, dsn).Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func query1(t *testing.T, dsn, sql string) string {
	t.Helper()
	var s string
	if err := connect(t, dsn).QueryRow(t.Context(), sql).Scan(&s); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return s
}

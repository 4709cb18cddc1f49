package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parlor/test/env/process"
)

// Bouncer is pgbouncer in front of servers, in transaction mode. It ends with its test.
type Bouncer struct {
	port  int
	dir   string
	owner *syscall.Credential
	proc  *process.Process
}

// StartBouncer starts a pgbouncer that leads to s. The test fails if there is none to start.
func StartBouncer(t testing.TB, s *Server) *Bouncer {
	t.Helper()
	b := &Bouncer{owner: s.owner}
	path, err := exec.LookPath("pgbouncer")
	if err != nil {
		path = "/usr/sbin/pgbouncer" // which Debian leaves out of a user's PATH
	}
	if b.dir, err = os.MkdirTemp(s.dir, "bouncer-"); err == nil && b.owner != nil {
		err = os.Chown(b.dir, int(b.owner.Uid), int(b.owner.Gid))
	}
	for range process.PortAttempts {
		if err != nil {
			break
		}
		if b.port, err = process.FreePort(t.Context()); err == nil {
			err = b.start(path, s)
		}
		if err == nil {
			t.Cleanup(b.stop)
			return b
		}
		if !errors.Is(err, errPortTaken) {
			break
		}
		err = nil
	}
	t.Fatalf("pgtest: pgbouncer (`make setup` installs it): %v", err)
	return nil
}

// DSN returns the connection string of a database, through the pooler.
func (b *Bouncer) DSN(db string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable&default_query_exec_mode=cache_describe",
		superuser, b.port, db)
}

// Through turns the connection string of a server's database into that of the same one
// through the pooler.
func (b *Bouncer) Through(t testing.TB, dsn string) string {
	t.Helper()
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return b.DSN(c.Database)
}

// Lead has the pooler lead to another server: connections to the one before are closed.
func (b *Bouncer) Lead(t testing.TB, s *Server) {
	t.Helper()
	err := b.configure(s)
	var admin *pgx.Conn
	if err == nil {
		admin, err = pgx.Connect(t.Context(), b.DSN("pgbouncer")+"&default_query_exec_mode=simple_protocol")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(context.WithoutCancel(t.Context())) }()
	if _, err := admin.Exec(t.Context(), "RELOAD", pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec(t.Context(), "RECONNECT", pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
}

func (b *Bouncer) file(name string) string { return filepath.Join(b.dir, name) }

func (b *Bouncer) configure(s *Server) error {
	settings := []string{
		"[databases]",
		fmt.Sprintf("* = host=127.0.0.1 port=%d", s.port),
		"[pgbouncer]",
		"listen_addr = 127.0.0.1",
		"listen_port = " + strconv.Itoa(b.port),
		"unix_socket_dir =",
		"auth_type = any",
		"admin_users = " + superuser,
		"pool_mode = transaction",
		"default_pool_size = 20",
		"max_client_conn = 500",
		"server_round_robin = 1", // another connection each time, so that nothing is found again by luck
		"server_login_retry = 1",
		"logfile = " + b.file("log"),
	}
	// auth_type any logs in as the database's own user.
	settings[1] += " user=" + superuser
	return os.WriteFile(b.file("pgbouncer.ini"), []byte(strings.Join(settings, "\n")+"\n"), 0o644) //nolint:gosec // its user reads it
}

func (b *Bouncer) start(path string, s *Server) error {
	if err := b.configure(s); err != nil {
		return err
	}
	cmd := exec.Command(path, "-q", b.file("pgbouncer.ini")) //nolint:noctx // it ends with stop
	cmd.Dir = b.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: b.owner, Setpgid: true}
	var err error
	if b.proc, err = process.Start(cmd, syscall.SIGKILL); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		conn, last := pgx.Connect(ctx, b.DSN("postgres"))
		if last == nil {
			return conn.Close(ctx)
		}
		select {
		case <-b.proc.Done():
			out, _ := os.ReadFile(b.file("log"))
			if strings.Contains(string(out), "already in use") || strings.Contains(string(out), "could not bind") {
				return errPortTaken
			}
			return fmt.Errorf("it ended: %s\n%s", b.proc.Fate(), tail(out))
		case <-ctx.Done():
			b.stop()
			return fmt.Errorf("%w; the last attempt: %w", ctx.Err(), last)
		case <-poll.C:
		}
	}
}

func (b *Bouncer) stop() {
	b.proc.Kill()
	<-b.proc.Done()
}

package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"parlor/test/env/process"
)

const (
	superuser = "postgres" // owner of every database, and the account tests log in with

	startTimeout = 60 * time.Second // crash recovery included
)

// Server is one PostgreSQL server with a data folder of its own. Its methods
// may be called from several goroutines.
type Server struct {
	bin   string              // folder of initdb and postgres
	dir   string              // temporary folder: data, log
	lock  *os.File            // dir, locked for as long as this process lives
	owner *syscall.Credential // nil: run as the current user
	port  int

	mu   sync.Mutex       // serialises starting and stopping
	proc *process.Process // nil while the server is down

	filling  sync.Mutex // held while the template is filled
	template string     // what Copy copies, "" before its first call
}

// Start creates a new, empty server and returns once it accepts connections.
// The context bounds the start only; the server runs until [Server.Stop] or the
// end of the test process, however that comes about.
func Start(ctx context.Context) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()

	return launch(ctx, func(s *Server) error { return s.prepare(ctx, s.initdb) })
}

// launch starts a new server on a port of its own once prepare has made its data.
func launch(ctx context.Context, prepare func(*Server) error) (*Server, error) {
	s := &Server{}
	err := prepare(s)
	if err != nil {
		s.remove()
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	for range process.PortAttempts {
		if s.port, err = process.FreePort(ctx); err != nil {
			break
		}
		if err = s.start(ctx); !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		s.remove()
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	return s, nil
}

// DSN returns the connection string of a database of this server.
func (s *Server) DSN(db string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", superuser, s.port, db)
}

// Database creates an empty database under a random name and returns its
// connection string. The databases go away with the server.
func (s *Server) Database(ctx context.Context) (string, error) {
	// template0, because nobody can be connected to it: a template in use
	// cannot be copied.
	return s.create(ctx, "template0")
}

// Copy is Database for one that fill has filled. It is called once: what it
// makes is copied for all, which is faster by far than to make it each time.
func (s *Server) Copy(ctx context.Context, fill func(ctx context.Context, dsn string) error) (string, error) {
	template, err := s.filled(ctx, fill)
	if err != nil {
		return "", err
	}
	return s.create(ctx, template)
}

func (s *Server) filled(ctx context.Context, fill func(ctx context.Context, dsn string) error) (name string, err error) {
	s.filling.Lock()
	defer s.filling.Unlock()
	if s.template != "" {
		return s.template, nil
	}
	dsn, err := s.Database(ctx)
	if err != nil {
		return "", err
	}
	c, err := pgx.ParseConfig(dsn)
	if err == nil {
		err = fill(ctx, dsn)
	}
	if err != nil {
		return "", fmt.Errorf("pgtest: %w", err)
	}
	s.template = c.Database
	return s.template, nil
}

func (s *Server) create(ctx context.Context, template string) (string, error) {
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return "", fmt.Errorf("pgtest: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))

	name := "parlor_" + strings.ToLower(rand.Text())
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		return "", fmt.Errorf("pgtest: %w", err)
	}
	return s.DSN(name), nil
}

// Stop shuts the server down, closing open connections, and removes its folder.
// The server cannot be used afterwards; stopping it again does nothing.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(syscall.SIGINT)
	s.remove()
}

// Kill takes the server away the hard way: connections break at once, nothing
// is flushed or checkpointed, and the next start begins with crash recovery. It
// returns when the last of the server's processes is gone. [Server.StartAgain]
// brings the server back.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	// PostgreSQL's "immediate shutdown" rather than SIGKILL: killing only the
	// main process leaves its children alone for a moment, in which they may
	// still finish, even commit, what they are at.
	s.end(syscall.SIGQUIT)
}

// StartAgain starts a killed server on the same port with the same data and
// returns once it accepts connections. It does nothing if the server is up.
func (s *Server) StartAgain() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.startAgain()
}

// Restart shuts the server down in an orderly way, closing open connections,
// and starts it again on the same port with the same data.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(syscall.SIGINT)
	return s.startAgain()
}

func (s *Server) startAgain() error {
	if s.dir == "" {
		return errors.New("pgtest: the server was stopped for good")
	}
	if s.proc != nil {
		select {
		case <-s.proc.Done(): // ended by itself, or by somebody else
			s.proc = nil
		default:
			return nil
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if err := s.start(ctx); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}

// prepare finds the programs, makes the temporary folder and has fill make the data in it.
func (s *Server) prepare(ctx context.Context, fill func(context.Context) error) (err error) {
	if s.bin, err = findBinaries(); err != nil {
		return err
	}
	if os.Geteuid() == 0 { // as which PostgreSQL refuses to run
		if s.owner, err = lookupOwner(); err != nil {
			return err
		}
	}
	if err := s.makeDir(); err != nil {
		return err
	}
	return fill(ctx)
}

func (s *Server) initdb(ctx context.Context) error {
	initdb := s.command(ctx, "initdb",
		"--pgdata="+s.data(), "--username="+superuser,
		"--encoding=UTF8", "--locale=C", "--auth=trust",
		"--no-sync") // an empty folder needs no protection; what tests write later does
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, tail(out))
	}
	hba := filepath.Join(s.data(), "pg_hba.conf")
	if err := os.WriteFile(hba, []byte("host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n"), 0o600); err != nil {
		return err
	}
	return nil
}

package store

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
	"parlor/test/env/pgtest"
)

// spy is an engine that tells of every statement.
type spy struct {
	engine.Engine
	noCache bool // say that others write too, so that the store keeps nothing

	mu     sync.Mutex
	told   []statement
	onRead func() // called when a read outside a transaction has its result, which it may not have fetched
}

type statement struct {
	query string
	args  []any
}

func (s *spy) note(query string, args []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, statement{query, args})
}

// reset forgets what was told so far and returns it.
func (s *spy) reset() []statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := s.told
	s.told = nil
	return told
}

func (s *spy) SoleWriter() bool { return !s.noCache && s.Engine.SoleWriter() }

func (s *spy) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	s.note(query, args)
	return s.Engine.Exec(ctx, query, args...)
}

func (s *spy) Row(ctx context.Context, query string, args ...any) engine.Row {
	s.note(query, args)
	r := s.Engine.Row(ctx, query, args...)
	if s.onRead != nil {
		s.onRead()
	}
	return r
}

func (s *spy) Rows(ctx context.Context, query string, args ...any) (engine.Rows, error) {
	s.note(query, args)
	r, err := s.Engine.Rows(ctx, query, args...)
	if s.onRead != nil {
		s.onRead()
	}
	return r, err
}

func (s *spy) Begin(ctx context.Context) (engine.Tx, error) {
	tx, err := s.Engine.Begin(ctx)
	return spyTx{tx, s}, err
}

type spyTx struct {
	engine.Tx
	spy *spy
}

func (t spyTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	t.spy.note(query, args)
	return t.Tx.Exec(ctx, query, args...)
}

func (t spyTx) Insert(ctx context.Context, query string, args ...any) (int64, error) {
	t.spy.note(query, args)
	return t.Tx.Insert(ctx, query, args...)
}

func (t spyTx) Row(ctx context.Context, query string, args ...any) engine.Row {
	t.spy.note(query, args)
	return t.Tx.Row(ctx, query, args...)
}

func (t spyTx) Rows(ctx context.Context, query string, args ...any) (engine.Rows, error) {
	t.spy.note(query, args)
	return t.Tx.Rows(ctx, query, args...)
}

func (t spyTx) Pipeline(ctx context.Context, list []engine.Statement) error {
	for _, s := range list {
		t.spy.note(s.Query, s.Args)
	}
	return t.Tx.Pipeline(ctx, list)
}

// openSpied is Open with a spy between the store and its engine.
func openSpied(t *testing.T, o Options, noCache bool) (*Store, *spy) {
	t.Helper()
	if err := Migrate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	eng, err := engine.Open(t.Context(), o.engine())
	if err != nil {
		t.Fatal(err)
	}
	sp := &spy{Engine: eng, noCache: noCache}
	st := newStore(sp, o)
	st.heavy = make(chan struct{}, 1)
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st, sp
}

// eachEngine is storetest's EachOptions, which tests inside the package cannot import.
func eachEngine(t *testing.T, test func(t *testing.T, o Options)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		test(t, Options{Path: filepath.Join(t.TempDir(), "parlor.db")})
	})
	t.Run("postgres", func(t *testing.T) { test(t, postgresOptions(t)) })
}

// postgresOptions is storetest's Postgres.
func postgresOptions(t *testing.T) Options {
	t.Helper()
	dsn, err := pgtest.Shared(t).Copy(t.Context(), func(ctx context.Context, dsn string) error {
		return Migrate(ctx, Options{DSN: dsn})
	})
	if err != nil {
		t.Fatal(err)
	}
	return Options{DSN: dsn}
}

func mustWrite(t *testing.T, st *Store, fn func(context.Context, *Tx) error) {
	t.Helper()
	if err := st.Write(t.Context(), 0, fn); err != nil {
		t.Fatal(err)
	}
}

func mustApp(t *testing.T, st *Store) chat.App {
	t.Helper()
	app, err := st.CreateApp(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// Apart is what PostgreSQL's engine has besides.
func (s *spy) Apart(ctx context.Context, do func(engine.Conn) error) error {
	return s.Engine.(engine.Aside).Apart(ctx, do)
}

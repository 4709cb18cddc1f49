package store

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/test/env/pgtest"
)

// spy is an engine that tells of every statement.
type spy struct {
	engine
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

func (s *spy) soleWriter() bool { return !s.noCache && s.engine.soleWriter() }

func (s *spy) exec(ctx context.Context, query string, args ...any) (int64, error) {
	s.note(query, args)
	return s.engine.exec(ctx, query, args...)
}

func (s *spy) row(ctx context.Context, query string, args ...any) scanner {
	s.note(query, args)
	r := s.engine.row(ctx, query, args...)
	if s.onRead != nil {
		s.onRead()
	}
	return r
}

func (s *spy) rows(ctx context.Context, query string, args ...any) (rows, error) {
	s.note(query, args)
	r, err := s.engine.rows(ctx, query, args...)
	if s.onRead != nil {
		s.onRead()
	}
	return r, err
}

func (s *spy) begin(ctx context.Context) (writeTx, error) {
	tx, err := s.engine.begin(ctx)
	return spyTx{tx, s}, err
}

type spyTx struct {
	writeTx
	spy *spy
}

func (t spyTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	t.spy.note(query, args)
	return t.writeTx.exec(ctx, query, args...)
}

func (t spyTx) row(ctx context.Context, query string, args ...any) scanner {
	t.spy.note(query, args)
	return t.writeTx.row(ctx, query, args...)
}

func (t spyTx) rows(ctx context.Context, query string, args ...any) (rows, error) {
	t.spy.note(query, args)
	return t.writeTx.rows(ctx, query, args...)
}

// openSpied is Open with a spy between the store and its engine.
func openSpied(t *testing.T, o Options, noCache bool) (*Store, *spy) {
	t.Helper()
	if err := Migrate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	eng, err := newEngine(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	sp := &spy{engine: eng, noCache: noCache}
	st := &Store{eng: sp, now: time.Now, statements: newStatements(sp), heavy: make(chan struct{}, 1)}
	st.cache = newCache(sp.soleWriter())
	st.writer = startWriter(st, o)
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
	t.Run("postgres", func(t *testing.T) {
		dsn, err := pgtest.Shared(t).Database(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		test(t, Options{DSN: dsn})
	})
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

// Package store keeps Apps, users, rooms and messages in SQLite or PostgreSQL. It is
// the only package that speaks SQL. Every query names its App, or a row that was
// already found under it, so that no App ever sees another's data.
//
// Reads go straight to the database. Writes queue up and are committed together
// (see Store.Write); a write has returned only when it is on the disk.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parlor/internal/chat"
)

// Options says where the data is and how much the store may use.
type Options struct {
	// Path is the SQLite file; it is made, with its folder, when missing.
	Path string
	// DSN, when set, is a postgres:// address, and Path is ignored.
	DSN string
	// Queue bounds the writes that wait, in all. 0 means 4096.
	Queue int
	// Batch bounds the writes of one commit. 0 means 256.
	Batch int
	// Warm opens the connections to PostgreSQL before they are needed.
	Warm bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Observe, if set, is told of every commit: how many writes it held and how long
	// it took.
	Observe func(writes int, took time.Duration)
	// Committed, if set, is told of events after the commit they belong to and before its
	// callers are, each room's messages in the order of their numbers. It must not block.
	Committed func([]chat.Event)
	// Unsure, if set, is told of the events of a commit of which nobody knows whether it took
	// place, since the connection was lost in it. It must not block.
	Unsure func([]chat.Event)
	// Keep has events written down, too, for other nodes that could not hear of them.
	Keep bool
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	eng    engine
	writer *writer
	now    func() time.Time
	keep   bool
	cache  *cache        // holds nothing where other processes write too
	heavy  chan struct{} // holds one entry for each long read under way

	statements statements
}

// Open connects to the database, brings its schema up to date and starts writing.
// It fails on a database that a newer Parlor has migrated.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := Migrate(ctx, o); err != nil {
		return nil, err
	}
	return open(ctx, o)
}

func open(ctx context.Context, o Options) (*Store, error) {
	eng, err := newEngine(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Store{eng: eng, now: o.Now, keep: o.Keep, statements: newStatements(eng)}
	if s.now == nil {
		s.now = time.Now
	}
	s.cache = newCache(eng.soleWriter())
	s.heavy = make(chan struct{}, eng.lanes())
	s.writer = startWriter(s, o)
	return s, nil
}

// Close finishes the writes that wait, then lets go of the database.
func (s *Store) Close() error {
	s.writer.stop()
	return s.eng.close()
}

// Now is the clock in Unix milliseconds.
func (tx *Tx) Now() int64 { return tx.store.nowMS() }

// nowMS is the clock in Unix milliseconds.
func (s *Store) nowMS() int64 { return s.now().UnixMilli() }

// engine is what SQLite and PostgreSQL do differently. Statements are the same text
// for both: $1 placeholders, RETURNING, ON CONFLICT, times in integer milliseconds.
type engine interface {
	conn                                        // reads, each on its own
	begin(ctx context.Context) (writeTx, error) // a write transaction
	maintain(ctx context.Context)               // what is to be done now and then, between two transactions
	lanes() int                                 // how many write transactions may be open at once
	soleWriter() bool                           // no other process writes rooms or users
	inList(column, param string) string         // SQL for "the text column is in the list"
	idInList(column, param string) string       // the same for a column of numbers
	listArg(list []string) any                  // the list that inList's parameter stands for
	idListArg(ids []int64) any                  // the same for idInList
	ordered(param string) string                // SQL for a table (value, place) of a list of ids, places from 1
	rowsOf(param string, columns int) string    // SQL for a table (a, b, ...) of the lists of numbers in a JSON text
	forEach(rows, table, on string) string      // SQL for a FROM: with each of rows k, by an index, those rows of table m for which on holds
	forUpdate(table string) string              // SQL at the end of a SELECT whose row of table is about to change
	number(param string) string                 // SQL for the transaction's change number, from writeTx.base
	greatest(a, b string) string                // SQL for the larger of two numbers
	newLogin() string                           // SQL for the id of a new login, which none has ever had
	horizon(ctx context.Context) (int64, error) // see Store.Horizon
	locks(how, table string) string             // the same for a lock of another strength: KEY SHARE, SHARE or UPDATE
	skipLocked(table string) string             // SQL at the end of a SELECT that passes over rows that others hold
	appendAtOnce() bool                         // a message is appended in one statement instead of three
	inPlace() error                             // says whether what is written still lands in the database's files
	away(err error) bool                        // err says that the database cannot be reached or cannot write
	unsure(err error) bool                      // err, of a commit, leaves open whether it took place
	retryable(err error) bool                   // err is the engine's wish that the write be run again
	explain(query string) string                // the statement that shows a query's plan
	close() error
}

// conn runs statements, inside a transaction or outside.
type conn interface {
	exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	row(ctx context.Context, query string, args ...any) scanner
	rows(ctx context.Context, query string, args ...any) (rows, error)
}

// scanner is one row, or the error that kept it away.
type scanner interface{ Scan(dest ...any) error }

// rows is a result to walk through. Close may be called more than once.
type rows interface {
	scanner
	Next() bool
	Err() error
	Close()
}

// writeTx is a transaction that holds several writes.
type writeTx interface {
	conn
	nextSavepoint(ctx context.Context) error // keep what was done since the savepoint "one" and set it anew
	aborted() bool                           // a statement has failed, and only a rollback is left
	base() int64                             // what engine.number's parameter stands for
	commit(ctx context.Context) error
	rollback()
}

// each calls scan for every row of the query.
func each(ctx context.Context, c conn, scan func(scanner) error, query string, args ...any) error {
	rs, err := c.rows(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rs.Close()
	for rs.Next() {
		if err := scan(rs); err != nil {
			return err
		}
	}
	return rs.Err()
}

// noRows reports whether a query that wants one row found none.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// explain turns what the engine says of a read into what callers see.
func (s *Store) explain(err error) error {
	return s.unavailable(err, "The database is not available; try again")
}

// explainWrite does the same for a write.
func (s *Store) explainWrite(err error) error {
	if errors.Is(err, errCommit) && s.eng.unsure(err) {
		return s.unavailable(err, "The database was lost while it stored this; it may or may not have taken effect")
	}
	return s.unavailable(err, "The database is not available, nothing was stored; try again")
}

func (s *Store) unavailable(err error, message string) error {
	var known *chat.Error
	if err == nil || errors.As(err, &known) || !s.eng.away(err) {
		return err
	}
	return fmt.Errorf("%w: %w", chat.Errorf(chat.CodeUnavailable, "%s", message), err)
}

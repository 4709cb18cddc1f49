// Package store keeps Apps, users, rooms and messages in SQLite or PostgreSQL. It is
// the only package that speaks SQL of them. Every query names its App, or a row that was
// already found under it, so that no App ever sees another's data.
//
// Reads go straight to the database. Writes queue up and are committed together
// (see Store.Write); a write has returned only when it is on the disk. How the databases
// are run is package engine's part.
package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
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
	// Keep has events written down, too, for other nodes that could not hear of them.
	Keep bool
	// Feed has what happens in an App recorded for its backends: see Tx.Record.
	Feed bool
	// Push has each message that notifies people committed together with a job that does so.
	Push bool
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	eng    engine.Engine
	lanes  *engine.Lanes[*write]
	now    func() time.Time
	keep   bool
	push   bool
	feed   bool
	cache  *cache        // holds nothing where other processes write too
	heavy  chan struct{} // holds one entry for each long read under way
	follow Follower      // nil for nobody
	locals localIDs

	// Nil for nobody. Writes may be under way when they are set.
	followJobs atomic.Pointer[func(chat.JobKind, int64)]
	followFeed atomic.Pointer[func([]chat.AppID)]

	statements statements
}

// Follower learns what was committed. It must not block.
type Follower interface {
	// Committed is given the events of a commit after it and before its callers are
	// answered, each room's messages in the order of their numbers.
	Committed([]chat.Event)
	// Unsure is given the events of a commit of which nobody knows whether it took place,
	// since the connection was lost in it.
	Unsure([]chat.Event)
}

// Follow has f learn what is committed from now on. It is to be called once, before anything
// is written that f should learn of.
func (s *Store) Follow(f Follower) { s.follow = f }

// Open connects to the database, brings its schema up to date and starts writing.
// It fails on a database that a newer Parlor has migrated.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := Migrate(ctx, o); err != nil {
		return nil, err
	}
	eng, err := engine.Open(ctx, o.engine())
	if err != nil {
		return nil, err
	}
	s := newStore(eng, o)
	if err := s.openLocalIDs(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// newStore starts writing to an open engine.
func newStore(eng engine.Engine, o Options) *Store {
	s := &Store{
		eng: eng, now: o.Now, keep: o.Keep, push: o.Push, feed: o.Feed, statements: newStatements(eng, o),
		cache: newCache(eng.SoleWriter()), heavy: make(chan struct{}, eng.Lanes()),
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.locals.least = minGeneration
	s.locals.known.Store(&knownLocalIDs{}) // all generations are looked for in the database
	s.lanes = engine.NewLanes(eng, engine.Options[*write]{
		Queue: o.Queue, Batch: o.Batch, Now: s.now,
		Together: s.plainTogether, Settled: s.settled, Observe: o.Observe,
	})
	return s
}

// Close finishes the writes that wait, then lets go of the database.
func (s *Store) Close() error {
	s.lanes.Close()
	return s.eng.Close()
}

// nowMS is the clock in Unix milliseconds.
func (s *Store) nowMS() int64 { return s.now().UnixMilli() }

// statements are those texts that are made once for an engine.
type statements struct {
	roomChange string
	raise      string
	// The following are different while messages have an index of localIDs.
	raiseGuarded, raiseIndexed string
	append, appendIndexed      string
	open                       string
	feed, numberRoom           string // record an event
	inOpen                     string // finds a message by the hash of its localID
	messages                   string // begins a list of messages, for a messageScan
	rooms                      string // begins a list of rooms, for a roomScan
}

func newStatements(eng engine.Engine, o Options) statements {
	return statements{
		roomChange: roomChangeStatement(eng), raise: raiseStatement(eng),
		raiseGuarded: raiseGuarded(eng, false), raiseIndexed: raiseGuarded(eng, true),
		append: appendStatement(eng, false, o), appendIndexed: appendStatement(eng, true, o),
		open: openStatement(eng, o), feed: feedInsert(eng), numberRoom: numberRoomStatement(eng), inOpen: `SELECT m.message_id` + inOpen(eng, "$1", "$2") + ` LIMIT 1`,
		messages: `SELECT ` + sparse(eng, messageColumns, emptyInMessages()) + ` `,
		rooms:    `SELECT ` + sparse(eng, roomColumns, emptyInRooms()) + ` FROM rooms r `,
	}
}

// idsOf is a list of ids for engine.SQL.IDListArg.
func idsOf[ID ~int64](list []ID) []int64 {
	ids := make([]int64, len(list))
	for i, id := range list {
		ids[i] = int64(id)
	}
	return ids
}

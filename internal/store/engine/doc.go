// Package engine runs the database, SQLite or PostgreSQL, and knows nothing of what is kept
// in it. It opens and migrates it, reads, commits writes, and says whether all is well.
// Package store, above, has the tables and their SQL.
//
// # Two engines
//
// An [Engine] runs statements of one text for both databases; what they cannot say alike is
// a piece of SQL that [SQL] gives. The tests of this package are an exercise that every
// engine has to pass, and the only place where two of them are compared without a chat on
// top.
//
// SQLite is one file beside the program, in WAL mode. One connection writes; a few others
// read beside it and never wait for it. [Config] names the file; PostgreSQL is an address, a
// pool of connections that read, and one of connections that write, one for each lane, so
// that a crowd of readers keeps no commit waiting.
//
// The schema belongs to the caller, who hands over migrations for both. Two of its tables
// the engine uses itself: heartbeat (id, at, pad), one row that [Lanes.CheckWrite] rewrites,
// and change_counter (id, n, cluster), one row from which changes are numbered.
//
// # Lanes and group commit
//
// An fsync costs as much for 256 writes as for one, so writes share it. [Lanes] are the
// goroutines that write: one on SQLite, which has one writer, and four on PostgreSQL, so that
// the server always has a commit to work on. A [Work] comes with a shard, which chooses its
// lane: works that would lock the same rows have the same shard, and so never wait for each
// other's locks within a process.
//
//	Write ──▶ queue ──▶ lane: BEGIN, work, work, work, COMMIT ──▶ Settled ──▶ answers
//	          bounded         each in a savepoint         fsync
//
// A lane takes what has queued up while it was committing, at most 256 works, and sorts it by
// shard, so that two processes lock rows in one order. Nobody waits for company: a lone
// work is a batch of one, and needs no savepoint. In a larger batch every work has one, and
// its failure or panic is its own.
//
// Where a statement costs a round trip, the begin and the savepoints wait for the statement
// behind them and go out with it. Plain works therefore make a batch of their own, which Options.Together sends in one
// [Tx.Pipeline], one round trip for all. They share one fate: if something goes wrong, the batch is rolled back and
// each of its works runs again by itself.
//
// Works are also run again, up to five times in all, when the engine asks for it: it has
// broken a deadlock, or another process has just inserted the same row.
//
// # What is durable when
//
// The order is always the same. The commit returns after the fsync (synchronous=FULL on
// SQLite, synchronous_commit=on on PostgreSQL, whatever the server's default). Then
// Options.Settled gets the works, in the order in which they ran, which is that of their
// commits. Only then is any caller answered. So a success is on the disk, and nobody who has
// been answered can be ahead of what was handed on.
//
// A work that fails leaves nothing behind. A commit that fails leaves nothing behind either,
// for any of its works, with one exception: when the connection breaks, or the disk fails,
// while it is under way, nobody knows. Then the error is [ErrUnsure] and so is the outcome
// that Settled gets.
//
// A caller who leaves (whose context ends) before the work has begun takes it along. After
// that the work has its own context, and Write waits for the outcome: what it sets must not
// change behind the caller's back. A queue that is full refuses at once, with [ErrQueueFull].
// Close refuses what comes from then on, and does what waits.
//
// # Numbers
//
// Each transaction has a change number ([SQL.Number]): on SQLite that of the commit,
// which rise in the order of commits; on PostgreSQL its transaction id, counted from a base,
// which may commit in another order. [Engine.Horizon] is the number below which everything is
// committed. A database that moves to another cluster gets a new base, above all numbers that
// rows carry (Config.Numbered).
package engine

package store

import (
	"context"

	"parlor/internal/chat"
)

// Every commit that changes what people see in rooms has a change number: on SQLite the
// number of the commit, on PostgreSQL that of the transaction. What a commit appends, edits,
// marks or hides is stored with it. Numbers, not times, say what a device has not been given
// yet, so clocks may jump.
//
//   - Numbers of one room never fall in the order of its commits: each is taken under the
//     lock of the room's row, and is at least the room's last.
//   - Across rooms PostgreSQL commits in another order than it numbers. So a number is a
//     horizon only if no transaction with a lower one is still under way: see Horizon.
//   - A cursor is a row of the same database, written after what it covers. So a database
//     that falls back to an earlier state, by a failover or from a backup, takes its cursors
//     along.
//
// What was stored before there were numbers has its time (Unix ms) instead, which is lower
// than every number.

// Horizon returns a number below which there are only changes that every later read sees:
// what is committed from now on has this number or a higher one.
func (s *Store) Horizon(ctx context.Context) (int64, error) {
	n, err := s.eng.horizon(ctx)
	return n, s.explain(err)
}

// Announced is Horizon once this process has handed all its own changes below that number
// to Options.Committed or Options.Unsure.
func (s *Store) Announced(ctx context.Context) (int64, error) {
	n, err := s.Horizon(ctx)
	if err != nil {
		return 0, err
	}
	for _, telling := range s.writer.telling {
		telling.wait() // whoever committed before has been heard then
	}
	return n, nil
}

// roomChange locks the room's row and returns the time (Unix ms) and the number of what
// changes in it now. at is later than that of every earlier change of the room, whatever
// the clock does: devices ask for what has changed since the latest time that they know.
func (tx *Tx) roomChange(ctx context.Context, room chat.RoomID) (at, number int64, err error) {
	err = tx.row(ctx, tx.store.statements.roomChange, tx.store.nowMS(), tx.base, room).Scan(&at, &number)
	tx.number = number
	return at, number, err
}

func roomChangeStatement(eng engine) string {
	return `UPDATE rooms SET changed_at = CASE WHEN changed_at >= $1 THEN changed_at + 1 ELSE $1 END,
		changed = ` + eng.greatest("changed", eng.number("$2")) + ` WHERE id = $3 RETURNING changed_at, changed`
}

// statements are those texts that are made once for an engine.
type statements struct {
	roomChange   string
	raise        string
	raiseGuarded string
	appendAtOnce string
}

func newStatements(eng engine) statements {
	raise, guarded := raiseStatements(eng)
	return statements{roomChange: roomChangeStatement(eng), raise: raise, raiseGuarded: guarded, appendAtOnce: appendStatement(eng)}
}

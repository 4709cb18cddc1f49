package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Every commit that changes what people see in rooms has a change number: on SQLite the
// number of the commit, on PostgreSQL that of the transaction. What a commit appends, edits,
// acknowledges or hides is stored with it. Numbers, not times, say what a device has not been
// given yet, so clocks may jump.
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
	n, _, err := s.Reach(ctx)
	return n, err
}

// Reach returns the horizon and a number above those of all that was committed by then. What has
// a number between the two may be there as well, and changes with lower ones may follow.
func (s *Store) Reach(ctx context.Context) (horizon, next int64, err error) {
	horizon, next, err = s.eng.Horizon(ctx)
	return horizon, next, s.explain(err)
}

// Announced is Horizon once this process has handed all its own changes below that number
// to its Follower.
func (s *Store) Announced(ctx context.Context) (int64, error) {
	n, err := s.Horizon(ctx)
	if err != nil {
		return 0, err
	}
	s.lanes.Wait() // what was committed before has been handed on then
	return n, nil
}

// roomChange locks the room's row and returns the time (Unix ms) and the number of what
// changes in it now. at is later than that of every earlier change of the room, whatever
// the clock does: devices ask for what has changed since the latest time that they know.
func (tx *Tx) roomChange(ctx context.Context, room chat.RoomID) (at, number int64, err error) {
	err = tx.conn.Row(ctx, tx.store.statements.roomChange, tx.store.nowMS(), tx.base, room).Scan(&at, &number)
	tx.number = number
	return at, number, err
}

func roomChangeStatement(eng engine.Engine) string {
	return `UPDATE rooms SET changed_at = CASE WHEN changed_at >= $1 THEN changed_at + 1 ELSE $1 END,
		changed = ` + eng.Greatest("changed", eng.Number("$2")) + ` WHERE id = $3 RETURNING changed_at, changed`
}

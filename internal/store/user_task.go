package store

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// UserTask is what is due in a user's personal rooms since the user was changed. It is
// stored with the change, and goes when all is done, or when a later one takes its place.
//
// Its steps, one a room, are transactions of their own, so that many run at a time. Each
// holds the task (FOR SHARE), so that no step of an old task comes after a new one, and
// marks its room, so that it is not done twice, whoever else is at work on it.
type UserTask struct {
	App     chat.AppID
	User    chat.UserID
	Account bool // all rooms, to be closed or opened; or else the latest used, to be told of a profile
	// Version tells the task from those before and after it.
	Version  int64
	Position chat.RoomID // rooms up to this id are done
}

const (
	accountTask = "account"
	profileTask = "profile"
	// taskLease is how long somebody who is at work on a task has it for themselves, from
	// the last page of rooms on.
	taskLease = 10 * time.Second
)

const userTaskColumns = `app_id, user_id, kind, version, position`

func scanUserTask(r engine.Row) (t UserTask, err error) {
	var kind string
	err = r.Scan(&t.App, &t.User, &kind, &t.Version, &t.Position)
	t.Account = kind == accountTask
	return t, err
}

func (s *Store) leaseEnd() int64 { return s.nowMS() + taskLease.Milliseconds() }

// setUserTask makes a task for a user who was just changed, and takes the lease. Rooms
// that an earlier one has not closed or opened are still to be.
func (tx *Tx) setUserTask(ctx context.Context, u chat.User, account bool) (UserTask, error) {
	kind := profileTask
	if account {
		kind = accountTask
	}
	t, err := scanUserTask(tx.conn.Row(ctx, `INSERT INTO user_tasks (user_id, app_id, kind, version, leased_until)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (user_id) DO UPDATE SET version = excluded.version, position = 0, leased_until = excluded.leased_until,
			kind = CASE WHEN user_tasks.kind = 'account' THEN user_tasks.kind ELSE excluded.kind END
		RETURNING `+userTaskColumns, u.ID, u.App, kind, u.UpdatedAt, tx.store.leaseEnd()))
	if err != nil {
		return t, err
	}
	_, err = tx.conn.Exec(ctx, `DELETE FROM user_task_rooms WHERE user_id = $1`, u.ID)
	return t, err
}

// UserTask finds what is due for a user. ok is false when nothing is.
func (s *Store) UserTask(ctx context.Context, user chat.UserID) (t UserTask, ok bool, err error) {
	t, err = scanUserTask(s.eng.Row(ctx, `SELECT `+userTaskColumns+` FROM user_tasks WHERE user_id = $1`, user))
	if engine.NoRows(err) {
		return t, false, nil
	}
	return t, err == nil, s.explain(err)
}

// ClaimUserTask takes the lease of a task that nobody is at work on. ok is false when there
// is none.
func (s *Store) ClaimUserTask(ctx context.Context) (t UserTask, ok bool, err error) {
	now := s.nowMS()
	err = s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM user_tasks WHERE leased_until < $1)`, now).Scan(&ok)
	if err != nil || !ok {
		return t, false, s.explain(err)
	}
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) (err error) {
		t, err = scanUserTask(tx.conn.Row(ctx, `UPDATE user_tasks SET leased_until = $2 WHERE user_id = (
				SELECT t.user_id FROM user_tasks t WHERE t.leased_until < $1
					ORDER BY t.leased_until LIMIT 1`+s.eng.SkipLocked("t")+`)
			RETURNING `+userTaskColumns, now, s.leaseEnd()))
		ok = err == nil
		return ignoreNoRows(err) // another node was faster
	})
	return t, ok && err == nil, err
}

// ReleaseUserTasks ends the leases of a process that has died, where there can be no other.
func (s *Store) ReleaseUserTasks(ctx context.Context) error {
	if !s.eng.SoleWriter() {
		return nil // they end by themselves
	}
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `UPDATE user_tasks SET leased_until = 0 WHERE leased_until > 0`)
		return err
	})
}

// BeginUserStep marks a room as done by the transaction. ok is false where it was done
// before, or where the task is no more.
func (tx *Tx) BeginUserStep(ctx context.Context, t UserTask, room chat.RoomID) (ok bool, err error) {
	var user chat.UserID
	err = tx.conn.Row(ctx, `SELECT t.user_id FROM user_tasks t
		WHERE t.user_id = $1 AND t.version = $2 AND t.position < $3`+tx.store.eng.Locks("SHARE", "t"),
		t.User, t.Version, room).Scan(&user)
	if err != nil {
		return false, ignoreNoRows(err)
	}
	n, err := tx.conn.Exec(ctx, `INSERT INTO user_task_rooms (user_id, room_id) VALUES ($1, $2)
		ON CONFLICT (user_id, room_id) DO NOTHING`, t.User, room)
	return n > 0, err
}

// AdvanceUserTask notes that all rooms up to t.Position are done, and renews the lease, or
// ends it. It does nothing where the task is no more.
func (s *Store) AdvanceUserTask(ctx context.Context, t UserTask, renew bool) error {
	until := s.nowMS() // it is the last in the row then
	if renew {
		until = s.leaseEnd()
	}
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `UPDATE user_tasks SET
			position = CASE WHEN position > $3 THEN position ELSE $3 END, leased_until = $4
			WHERE user_id = $1 AND version = $2`, t.User, t.Version, t.Position, until)
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.conn.Exec(ctx, `DELETE FROM user_task_rooms WHERE user_id = $1 AND room_id <= $2`, t.User, t.Position)
		return err
	})
}

// EndUserTask forgets a task that is done.
func (s *Store) EndUserTask(ctx context.Context, t UserTask) error {
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `DELETE FROM user_tasks WHERE user_id = $1 AND version = $2`, t.User, t.Version)
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.conn.Exec(ctx, `DELETE FROM user_task_rooms WHERE user_id = $1`, t.User)
		return err
	})
}

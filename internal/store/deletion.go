package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// AddDeletion stores a deletion, and the job that works it off. added is false where there is one of this id.
func (tx *Tx) AddDeletion(ctx context.Context, d chat.Deletion) (added bool, err error) {
	n, err := tx.conn.Exec(ctx, `INSERT INTO deletions (app_id, id, room_id, sender_id, from_time, until_time, below, at_room, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (app_id, id) DO NOTHING`,
		d.App, d.ID, d.Room, d.Sender, d.From, d.Until, d.Below, d.AtRoom, tx.Now())
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.AddJob(ctx, chat.Job{Kind: chat.JobDeletion, App: d.App, Payload: d.ID})
	return true, err
}

// OpenDeletions counts the deletions of an App that are under way.
func (tx *Tx) OpenDeletions(ctx context.Context, app chat.AppID) (n int, err error) {
	err = tx.conn.Row(ctx, `SELECT COUNT(*) FROM deletions WHERE app_id = $1 AND finished_at = 0`, app).Scan(&n)
	return n, err
}

// Deletion finds a deletion of the App, or CodeNotFound.
func (s *Store) Deletion(ctx context.Context, app chat.AppID, id string) (d chat.Deletion, err error) {
	d = chat.Deletion{App: app, ID: id}
	err = s.eng.Row(ctx, `SELECT d.room_id, d.sender_id, d.from_time, d.until_time, d.below, d.at_room, d.at_time, d.looked, d.deleted,
			d.created_at, d.finished_at
		FROM deletions d WHERE d.app_id = $1 AND d.id = $2`, app, id).
		Scan((*int64)(&d.Room), (*int64)(&d.Sender), &d.From, &d.Until, &d.Below, (*int64)(&d.AtRoom), &d.AtTime, &d.Looked, &d.Deleted,
			&d.CreatedAt, &d.FinishedAt)
	if engine.NoRows(err) {
		return d, chat.Missing(chat.Errorf(chat.CodeNotFound, "Deletion is not found"), id)
	}
	return d, s.explain(err)
}

// MoveDeletion notes how far a deletion has come, and when it is finished.
func (tx *Tx) MoveDeletion(ctx context.Context, d chat.Deletion) error {
	_, err := tx.conn.Exec(ctx, `UPDATE deletions SET at_room = $1, at_time = $2, looked = $3, deleted = $4, finished_at = $5
		WHERE app_id = $6 AND id = $7`, d.AtRoom, d.AtTime, d.Looked, d.Deleted, d.FinishedAt, d.App, d.ID)
	return err
}

// MessageAt is a message, by its place in its room.
type MessageAt struct {
	ID        chat.MessageID
	CreatedAt int64
}

// deletionRooms is how many rooms are looked at for a step of a deletion, at most.
const deletionRooms = 200

// DeletionStep finds up to limit messages that match a deletion, all of one room, behind where it has come to.
// room is where it has come to then. done says that there is nothing more.
func (s *Store) DeletionStep(
	ctx context.Context, d chat.Deletion, limit int,
) (room chat.RoomID, list []MessageAt, done bool, err error) {
	room, after := d.AtRoom, d.AtTime
	for range deletionRooms {
		if room != 0 {
			if list, err = s.matching(ctx, d, room, after, limit); err != nil || len(list) > 0 {
				return room, list, false, err
			}
		}
		if d.Room != 0 {
			return room, nil, true, nil
		}
		next, err := s.roomBehind(ctx, d, room)
		if engine.NoRows(err) {
			return room, nil, true, nil
		}
		if err != nil {
			return room, nil, false, s.explain(err)
		}
		room, after = next, 0
	}
	return room, nil, false, nil
}

// matching finds messages of a room that match, behind a time. Within a room numbers rise with times, so those
// that were appended later are the last.
func (s *Store) matching(
	ctx context.Context, d chat.Deletion, room chat.RoomID, after int64, limit int,
) (list []MessageAt, err error) {
	index, sender := `messages_room`, ``
	args := []any{room, max(d.From-1, after), d.Until, limit}
	if d.Sender != 0 {
		index, sender = `messages_sender`, ` AND m.sender_id = $5`
		args = append(args, d.Sender)
	}
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var m MessageAt
		var number int64
		err := r.Scan((*int64)(&m.ID), &m.CreatedAt, &number)
		if number < d.Below {
			list = append(list, m)
		}
		return err
	}, `SELECT m.id, m.created_at, `+addedNumber+` FROM messages m`+s.eng.By(index)+`
		WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at <= $3`+sender+` ORDER BY m.created_at LIMIT $4`, args...)
	return list, s.explain(err)
}

// roomBehind finds the next room of the App behind another, in which the sender has written if there is one.
func (s *Store) roomBehind(ctx context.Context, d chat.Deletion, room chat.RoomID) (next chat.RoomID, err error) {
	if d.Sender != 0 {
		err = s.eng.Row(ctx, `SELECT m.room_id FROM messages m`+s.eng.By("messages_sender")+`
			WHERE m.sender_id = $1 AND m.room_id > $2 ORDER BY m.room_id LIMIT 1`, d.Sender, room).Scan((*int64)(&next))
		return next, err
	}
	err = s.eng.Row(ctx, `SELECT r.id FROM rooms r WHERE r.app_id = $1 AND r.id > $2 ORDER BY r.id LIMIT 1`, d.App, room).
		Scan((*int64)(&next))
	return next, err
}

// PruneDeletions forgets deletions that were finished before a time (Unix ms), some at a time; more says that
// there may be others.
func (s *Store) PruneDeletions(ctx context.Context, before int64) (more bool, err error) {
	const atOnce = 100
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `DELETE FROM deletions WHERE (app_id, id) IN (
			SELECT app_id, id FROM deletions WHERE finished_at > 0 AND finished_at < $1 ORDER BY finished_at LIMIT $2)`, before, atOnce)
		more = n == atOnce
		return err
	})
	return more, err
}

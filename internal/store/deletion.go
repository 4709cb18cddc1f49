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
			d.created_at, d.finished_at, d.is_stopped
		FROM deletions d WHERE d.app_id = $1 AND d.id = $2`, app, id).
		Scan((*int64)(&d.Room), (*int64)(&d.Sender), &d.From, &d.Until, &d.Below, (*int64)(&d.AtRoom), &d.AtTime, &d.Looked, &d.Deleted,
			&d.CreatedAt, &d.FinishedAt, &d.Stopped)
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

const (
	// deletionLooked is how many messages are looked at for a step of a deletion, or little more: what a cold disk has
	// to read within the time that a job has. A part of a room counts as deletionPart in itself.
	deletionLooked = 20_000
	deletionPart   = 100
	// deletionWindow is how many messages of a room are looked at for those of a sender. There is no index by
	// senders, which every message would pay for.
	deletionWindow = 2000
)

// DeletionPart is what the next step of a deletion is about.
type DeletionPart struct {
	Room chat.RoomID // where it has come to then,
	Time int64       // up to the message there that was created at this time
	List []MessageAt // to be deleted, all of Room
	Done bool        // there is nothing more
}

// DeletionStep finds up to limit messages that match a deletion, all of one room, behind where it has come to. It may
// find none, and others may follow all the same.
func (s *Store) DeletionStep(ctx context.Context, d chat.Deletion, limit int) (p DeletionPart, err error) {
	p = DeletionPart{Room: d.AtRoom, Time: d.AtTime}
	for looked := 0; looked < deletionLooked; looked += deletionPart {
		if p.Room != 0 {
			n, over, err := s.matching(ctx, d, &p, limit)
			if err != nil || len(p.List) > 0 {
				return p, err
			}
			if looked += n; !over {
				continue
			}
		}
		if d.Room != 0 {
			p.Done = true
			return p, nil
		}
		next, err := s.roomBehind(ctx, d.App, p.Room)
		if engine.NoRows(err) {
			p.Done = true
			return p, nil
		}
		if err != nil {
			return p, s.explain(err)
		}
		p.Room, p.Time = next, 0
	}
	return p, nil
}

// matching finds messages of p.Room that match, behind p.Time, which goes to the last that it has looked at.
// over says that there are no more behind. Within a room numbers rise with times, so those that were
// appended later are the last.
func (s *Store) matching(
	ctx context.Context, d chat.Deletion, p *DeletionPart, limit int,
) (looked int, over bool, err error) {
	window := limit
	if d.Sender != 0 {
		window = deletionWindow
	}
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var m MessageAt
		var number int64
		var sender chat.UserID
		err := r.Scan((*int64)(&m.ID), &m.CreatedAt, &number, (*int64)(&sender))
		if looked++; len(p.List) == limit {
			return err
		}
		p.Time = m.CreatedAt
		if number < d.Below && (d.Sender == 0 || d.Sender == sender) {
			p.List = append(p.List, m)
		}
		return err
	}, `SELECT m.id, m.created_at, `+addedNumber+`, m.sender_id FROM messages m
		WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at <= $3 ORDER BY m.created_at LIMIT $4`,
		p.Room, max(d.From-1, p.Time), d.Until, window)
	return looked, looked < window, s.explain(err)
}

// roomBehind finds the next room of the App behind another.
func (s *Store) roomBehind(ctx context.Context, app chat.AppID, room chat.RoomID) (next chat.RoomID, err error) {
	err = s.eng.Row(ctx, `SELECT r.id FROM rooms r WHERE r.app_id = $1 AND r.id > $2 ORDER BY r.id LIMIT 1`, app, room).
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

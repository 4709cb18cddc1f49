package store

import (
	"context"
	"encoding/json"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

const scheduledSelect = `SELECT s.id, s.app_id, s.owner_id, s.room, s.local_id, s.type, s.body, s.data, s.filter_id, s.is_hidden,
	s.quote, s.reply_to, s.forward_from, s.file_id, s.scheduled_at, s.created_at, s.updated_at, s.job_id, s.failure
	FROM scheduled_messages s `

func scanScheduled(r engine.Row) (s chat.Scheduled, err error) {
	var quote, reply, forward string
	m := &s.Message
	err = r.Scan((*int64)(&s.ID), (*int64)(&s.App), (*int64)(&m.Sender), &s.Room, &m.LocalID, &m.Type,
		(*string)(&m.Body), (*string)(&m.Data), &m.FilterID, &m.Hidden, &quote, &reply, &forward, (*string)(&m.File),
		&s.At, &s.CreatedAt, &s.UpdatedAt, (*int64)(&s.Job), &s.Failure)
	m.App = s.App
	for _, part := range []struct {
		text string
		to   any
	}{{quote, (*storedQuote)(&m.Quote)}, {reply, (*storedReference)(&m.ReplyTo)}, {forward, (*storedReference)(&m.Forward)}} {
		if err == nil && part.text != "" {
			err = json.Unmarshal([]byte(part.text), part.to)
		}
	}
	return s, err
}

func eachScheduled(ctx context.Context, c engine.Conn, query string, args ...any) (list []chat.Scheduled, err error) {
	err = engine.Each(ctx, c, func(r engine.Row) error {
		s, err := scanScheduled(r)
		list = append(list, s)
		return err
	}, scheduledSelect+query, args...)
	return list, err
}

// Schedule stores a message to be sent at s.At, and the job that sends it.
func (tx *Tx) Schedule(ctx context.Context, s chat.Scheduled) (chat.Scheduled, error) {
	values, err := scheduledValues(s.Message)
	if err != nil {
		return s, err
	}
	s.CreatedAt = tx.Now()
	s.UpdatedAt = s.CreatedAt
	id, err := tx.conn.Insert(ctx, `INSERT INTO scheduled_messages (local_id, type, body, data, filter_id, is_hidden,
			quote, reply_to, forward_from, file_id, app_id, owner_id, room, scheduled_at, created_at, updated_at, job_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, 0)`,
		append(values, s.App, s.Message.Sender, s.Room, s.At, s.CreatedAt)...)
	if err != nil {
		return s, err
	}
	s.ID = chat.ScheduledID(id)
	return s, tx.setScheduledJob(ctx, &s, s.At)
}

// setScheduledJob makes the job that sends s.
func (tx *Tx) setScheduledJob(ctx context.Context, s *chat.Scheduled, due int64) (err error) {
	s.Job, err = tx.AddJob(ctx, chat.Job{Kind: chat.JobScheduled, App: s.App, Subject: int64(s.ID), DueAt: due})
	if err == nil {
		_, err = tx.conn.Exec(ctx, `UPDATE scheduled_messages SET job_id = $1 WHERE id = $2`, s.Job, s.ID)
	}
	return err
}

// scheduledValues are the columns of what is to be sent, from local_id to file_id.
func scheduledValues(m chat.Message) ([]any, error) {
	quote, err := jsonOrNothing(storedQuote(m.Quote))
	reply, forward := "", ""
	if err == nil {
		reply, err = jsonOrNothing(storedReference(m.ReplyTo))
	}
	if err == nil {
		forward, err = jsonOrNothing(storedReference(m.Forward))
	}
	return []any{
		m.LocalID, int64(m.Type), string(m.Body), string(m.Data), m.FilterID, m.Hidden, quote, reply, forward, string(m.File),
	}, err
}

// ChangeScheduled stores what is to be sent, when, and why it was not sent; jobDue is when its job
// is to look at it next.
func (tx *Tx) ChangeScheduled(ctx context.Context, s chat.Scheduled, jobDue int64) (chat.Scheduled, error) {
	values, err := scheduledValues(s.Message)
	if err != nil {
		return s, err
	}
	s.UpdatedAt = max(tx.Now(), s.UpdatedAt+1)
	_, err = tx.conn.Exec(ctx, `UPDATE scheduled_messages SET local_id = $1, type = $2, body = $3, data = $4, filter_id = $5,
			is_hidden = $6, quote = $7, reply_to = $8, forward_from = $9, file_id = $10, scheduled_at = $11, updated_at = $12, failure = $13
		WHERE id = $14`, append(values, s.At, s.UpdatedAt, s.Failure, s.ID)...)
	if err != nil {
		return s, err
	}
	ok, err := tx.MoveJob(ctx, s.Job, jobDue)
	if err != nil || ok {
		return s, err
	}
	return s, tx.setScheduledJob(ctx, &s, jobDue) // an operator has dropped it
}

// Unschedule forgets a message and the job that would send it.
func (tx *Tx) Unschedule(ctx context.Context, s chat.Scheduled) error {
	if _, err := tx.conn.Exec(ctx, `DELETE FROM scheduled_messages WHERE id = $1`, s.ID); err != nil {
		return err
	}
	_, err := tx.DropJob(ctx, s.Job)
	return err
}

// unscheduleAll forgets all that a user has scheduled.
func (tx *Tx) unscheduleAll(ctx context.Context, owner chat.UserID) error {
	var jobs []chat.JobID
	err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.JobID
		err := r.Scan(&id)
		jobs = append(jobs, id)
		return err
	}, `DELETE FROM scheduled_messages WHERE owner_id = $1 RETURNING job_id`, owner)
	if err != nil || len(jobs) == 0 {
		return err
	}
	_, err = tx.conn.Exec(ctx, `DELETE FROM jobs WHERE `+tx.store.eng.IDInList("id", "$1"), tx.store.eng.IDListArg(idsOf(jobs)))
	return err
}

// ScheduledUse is how much a user has scheduled.
type ScheduledUse struct {
	All    int   // messages in all rooms
	InRoom int   // messages in one room
	Bytes  int64 // their texts, in that room
}

// ScheduledUse counts what a user has scheduled, in all and in one room.
func (tx *Tx) ScheduledUse(ctx context.Context, owner chat.UserID, room string) (u ScheduledUse, err error) {
	err = tx.conn.Row(ctx, `SELECT COUNT(*), COUNT(*) FILTER (WHERE s.room = $2),
			COALESCE(SUM(LENGTH(s.body) + LENGTH(s.data) + LENGTH(s.quote)) FILTER (WHERE s.room = $2), 0)
		FROM scheduled_messages s WHERE s.owner_id = $1`, owner, room).Scan(&u.All, &u.InRoom, &u.Bytes)
	return u, err
}

// ScheduledByLocalID finds the scheduled message of a localID in the App.
func (tx *Tx) ScheduledByLocalID(ctx context.Context, app chat.AppID, localID string) (s chat.Scheduled, ok bool, err error) {
	s, err = scanScheduled(tx.conn.Row(ctx, scheduledSelect+`WHERE s.app_id = $1 AND s.local_id = $2`, app, localID))
	return s, err == nil, ignoreNoRows(err)
}

// Scheduled lists what a user has scheduled for a room, in the order of when it is due.
func (s *Store) Scheduled(
	ctx context.Context, app chat.AppID, owner chat.UserID, room string,
) ([]chat.Scheduled, error) {
	list, err := eachScheduled(ctx, s.eng, `WHERE +s.app_id = $1 AND s.owner_id = $2 AND s.room = $3
		ORDER BY s.scheduled_at, s.id`, app, owner, room)
	return list, s.explain(err)
}

// ScheduledByID finds those scheduled messages of a user that have one of some ids.
func (s *Store) ScheduledByID(
	ctx context.Context, app chat.AppID, owner chat.UserID, ids []chat.ScheduledID,
) ([]chat.Scheduled, error) {
	list, err := eachScheduled(ctx, s.eng, `WHERE +s.app_id = $1 AND s.owner_id = $2 AND `+s.eng.IDInList("s.id", "$3")+`
		ORDER BY s.scheduled_at, s.id`, app, owner, s.eng.IDListArg(idsOf(ids)))
	return list, s.explain(err)
}

// ScheduledOfJob finds the scheduled message that a job is to send.
func (s *Store) ScheduledOfJob(ctx context.Context, j chat.Job) (m chat.Scheduled, ok bool, err error) {
	m, err = scanScheduled(s.eng.Row(ctx, scheduledSelect+`WHERE s.id = $1 AND s.app_id = $2`, j.Subject, j.App))
	return m, err == nil, s.explain(ignoreNoRows(err))
}

// ScheduledForUpdate finds those scheduled messages of a user in a room that have one of some ids,
// in the order of when they are due, and keeps others from changing them until the commit.
func (tx *Tx) ScheduledForUpdate(
	ctx context.Context, owner chat.UserID, room string, ids []chat.ScheduledID,
) ([]chat.Scheduled, error) {
	eng := tx.store.eng
	return eachScheduled(ctx, tx.conn, `WHERE s.owner_id = $1 AND s.room = $2 AND `+eng.IDInList("s.id", "$3")+`
		ORDER BY s.scheduled_at, s.id`+eng.ForUpdate("s"), owner, room, eng.IDListArg(idsOf(ids)))
}

// DueForUpdate is ScheduledForUpdate for what is due up to a time (Unix ms) and was not refused.
func (tx *Tx) DueForUpdate(ctx context.Context, owner chat.UserID, room string, upTo int64) ([]chat.Scheduled, error) {
	return eachScheduled(ctx, tx.conn, `WHERE s.owner_id = $1 AND s.room = $2 AND s.scheduled_at <= $3 AND s.failure = ''
		ORDER BY s.scheduled_at, s.id`+tx.store.eng.ForUpdate("s"), owner, room, upTo)
}

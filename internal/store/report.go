package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// ReportCount counts what a user has reported since a time (Unix ms).
func (tx *Tx) ReportCount(ctx context.Context, reporter chat.UserID, since int64) (n int, err error) {
	err = tx.conn.Row(ctx, `SELECT COUNT(*) FROM reports WHERE reporter_id = $1 AND created_at >= $2`,
		reporter, since).Scan(&n)
	return n, err
}

// AddReport stores a report. Reports of an App are numbered in the order of their commits, so that
// whoever reads on from the last number misses none.
func (tx *Tx) AddReport(ctx context.Context, r chat.Report) error {
	var app chat.AppID
	err := tx.conn.Row(ctx, `SELECT a.id FROM apps a WHERE a.id = $1`+tx.store.eng.ForUpdate("a"), r.App).Scan(&app)
	if err != nil {
		return err
	}
	id, err := tx.conn.Insert(ctx, `INSERT INTO reports
			(app_id, reporter_id, user_id, room_id, message_id, category, is_other, reason, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.App, r.Reporter, r.User, r.Room, r.Message, r.Category, r.Other, r.Reason, tx.store.nowMS())
	if err != nil {
		return err
	}
	return tx.Record(ctx, chat.FeedEvent{
		App: r.App, Kind: chat.FeedUserReported, User: r.User, Data: chat.FeedData{Report: chat.ReportID(id)},
	})
}

// Reports lists up to limit reports of an App in a state, "" for all, behind the one of a number, in the order
// of their numbers.
func (s *Store) Reports(
	ctx context.Context, app chat.AppID, state chat.ReportState, after chat.ReportID, limit int,
) (list []chat.Report, err error) {
	which := map[chat.ReportState]string{
		chat.ReportOpen: " AND r.resolved_at = 0", chat.ReportResolved: " AND r.resolved_at > 0",
	}[state]
	err = engine.Each(ctx, s.eng, func(row engine.Row) error {
		r := chat.Report{App: app}
		err := row.Scan((*int64)(&r.ID), (*int64)(&r.Reporter), (*int64)(&r.User), (*int64)(&r.Room),
			(*int64)(&r.Message), &r.Category, &r.Other, &r.Reason, &r.At, &r.ResolvedAt, &r.ResolvedBy, &r.Note)
		list = append(list, r)
		return err
	}, `SELECT r.id, r.reporter_id, r.user_id, r.room_id, r.message_id, r.category, r.is_other, r.reason, r.created_at,
			r.resolved_at, r.resolved_by, r.note
		FROM reports r WHERE r.app_id = $1 AND r.id > $2`+which+` ORDER BY r.id LIMIT $3`, app, after, limit)
	return list, s.explain(err)
}

// ResolveReport notes who has resolved a report, and what they say of it. changed is false for one that was
// resolved before, of which nothing changes; an absent one is CodeNotFound.
func (tx *Tx) ResolveReport(
	ctx context.Context, app chat.AppID, id chat.ReportID, by, note string,
) (changed bool, err error) {
	n, err := tx.conn.Exec(ctx, `UPDATE reports SET resolved_at = $1, resolved_by = $2, note = $3
		WHERE id = $4 AND app_id = $5 AND resolved_at = 0`, max(tx.store.nowMS(), 1), by, note, id, app)
	if err != nil || n > 0 {
		return n > 0, err
	}
	var found bool
	err = tx.conn.Row(ctx, `SELECT EXISTS (SELECT 1 FROM reports r WHERE r.id = $1 AND r.app_id = $2)`, id, app).Scan(&found)
	if err == nil && !found {
		err = chat.ReportNotFound()
	}
	return false, err
}

package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// AddExport has a job make an archive of a live user, or is CodeNotFound.
func (tx *Tx) AddExport(ctx context.Context, app chat.AppID, user chat.UserID) (chat.Export, error) {
	e := chat.Export{ID: chat.NewExportID(), App: app, User: user, CreatedAt: tx.store.nowMS()}
	// Who erases the user waits, and stops this export, or was there before.
	err := tx.conn.Row(ctx, `SELECT u.id FROM users u WHERE u.id = $1 AND u.app_id = $2 AND u.deleted_at = 0`+
		tx.store.eng.Locks("KEY SHARE", "u"), user, app).Scan((*int64)(&e.User))
	if engine.NoRows(err) {
		return e, chat.Missing(chat.UserNotFound(), user.String())
	}
	if err != nil {
		return e, err
	}
	_, err = tx.conn.Exec(ctx, `INSERT INTO exports (id, app_id, user_id, created_at) VALUES ($1, $2, $3, $4)`,
		string(e.ID), e.App, e.User, e.CreatedAt)
	if err == nil {
		_, err = tx.AddJob(ctx, chat.Job{Kind: chat.JobExport, App: app, Subject: int64(user), Payload: string(e.ID)})
	}
	return e, err
}

const exportSelect = `SELECT e.id, e.app_id, e.user_id, e.created_at, e.finished_at, e.file_id, e.messages, e.files
	FROM exports e WHERE e.id = $1 AND e.app_id = $2`

func scanExport(r engine.Row, id chat.ExportID) (e chat.Export, err error) {
	err = r.Scan((*string)(&e.ID), (*int64)(&e.App), (*int64)(&e.User), &e.CreatedAt, &e.FinishedAt, (*string)(&e.File),
		&e.Messages, &e.Files)
	if engine.NoRows(err) {
		err = chat.Missing(chat.Errorf(chat.CodeNotFound, "Export is not found"), string(id))
	}
	return e, err
}

// Export finds an export of the App, or CodeNotFound.
func (s *Store) Export(ctx context.Context, app chat.AppID, id chat.ExportID) (chat.Export, error) {
	e, err := scanExport(s.eng.Row(ctx, exportSelect, string(id), app), id)
	return e, s.explain(err)
}

// ExportForUpdate is Export, and keeps others from ending or stopping it until the commit.
func (tx *Tx) ExportForUpdate(ctx context.Context, app chat.AppID, id chat.ExportID) (chat.Export, error) {
	return scanExport(tx.conn.Row(ctx, exportSelect+tx.store.eng.ForUpdate("e"), string(id), app), id)
}

// stopExports has no archive of a user be made any more. Their jobs find that, and end.
func (tx *Tx) stopExports(ctx context.Context, user chat.UserID) error {
	_, err := tx.conn.Exec(ctx, `UPDATE exports SET finished_at = $1 WHERE user_id = $2 AND finished_at = 0`, max(tx.Now(), 1), user)
	return err
}

// EndExport stores that an archive was made.
func (tx *Tx) EndExport(ctx context.Context, e chat.Export) error {
	_, err := tx.conn.Exec(ctx, `UPDATE exports SET finished_at = $3, file_id = $4, messages = $5, files = $6
		WHERE id = $1 AND app_id = $2`, string(e.ID), e.App, e.FinishedAt, string(e.File), e.Messages, e.Files)
	return err
}

// ArchivesOf are the files that are archives of a user, the newest 1,000.
func (s *Store) ArchivesOf(ctx context.Context, user chat.UserID) (map[chat.FileID]bool, error) {
	archives := map[chat.FileID]bool{}
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.FileID
		err := r.Scan((*string)(&id))
		archives[id] = true
		return err
	}, `SELECT e.file_id FROM exports e WHERE e.user_id = $1 ORDER BY e.created_at DESC LIMIT 1000`, user)
	return archives, s.explain(err)
}

// MessagesBy looks through up to limit messages of all Apps behind after, by their ids, and returns those
// of the App that a user has sent, and the last id that it has seen: after itself where there is none.
func (s *Store) MessagesBy(
	ctx context.Context, app chat.AppID, user chat.UserID, after chat.MessageID, limit int,
) (list []chat.Message, last chat.MessageID, err error) {
	if last, err = s.messagePage(ctx, after, limit); err != nil || last == after {
		return nil, after, err
	}
	list, err = s.messageList(ctx, `FROM messages m WHERE m.id > $1 AND m.id <= $2 AND +m.app_id = $3 AND m.sender_id = $4
		ORDER BY m.id`, after, last, app, user)
	return list, last, err
}

// messagePage is the id of the last of up to limit messages of all Apps behind after, or after itself.
func (s *Store) messagePage(ctx context.Context, after chat.MessageID, limit int) (last chat.MessageID, err error) {
	err = s.eng.Row(ctx, `SELECT COALESCE(MAX(p.id), $1) FROM
		(SELECT m.id FROM messages m WHERE m.id > $1 ORDER BY m.id LIMIT $2) p`, after, limit).Scan((*int64)(&last))
	return last, s.explain(err)
}

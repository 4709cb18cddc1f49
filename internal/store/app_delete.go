package store

import (
	"context"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// RenameApp gives an App another name. One that is taken is CodeConflict.
func (s *Store) RenameApp(ctx context.Context, app chat.App, name string) error {
	by := operationBy(ctx, "app rename")
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		switch other, err := tx.app(ctx, name); {
		case err == nil && other.ID != app.ID:
			return chat.Errorf(chat.CodeConflict, "there is an app named %q already", name)
		case err != nil && chat.CodeOf(err) != chat.CodeNotFound:
			return err
		}
		n, err := tx.conn.Exec(ctx, `UPDATE apps SET name = $1 WHERE id = $2 AND deleted_at = 0`, name, app.ID)
		if err == nil && n == 0 {
			err = noSuchApp(app.Name)
		}
		if err != nil {
			return err
		}
		return by.on(ctx, tx, app.ID, appObject(name))
	})
}

// DeleteApp ends an App: nobody is let in any more, no webhook is called, and its name is free. A job takes away
// what there is of it.
func (s *Store) DeleteApp(ctx context.Context, app chat.App) error {
	by := operationBy(ctx, "app delete")
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		now := max(s.nowMS(), 1)
		// A name that no App can be given: those do not begin with a space.
		n, err := tx.conn.Exec(ctx, `UPDATE apps SET name = $2, title = '', deleted_at = $3 WHERE id = $1 AND deleted_at = 0`,
			app.ID, " "+strconv.FormatInt(int64(app.ID), 10), now)
		if err == nil && n == 0 {
			err = noSuchApp(app.Name)
		}
		if err != nil {
			return err
		}
		for _, query := range []string{
			`DELETE FROM keys WHERE app_id = $1`,
			`DELETE FROM before_hooks WHERE app_id = $1`,
			// The lease's number goes up, so whoever calls the address finds out with the next thing that they store.
			`UPDATE webhooks SET state = 'gone', lease = lease + 1, leased_to = 0 WHERE app_id = $1`,
		} {
			if _, err := tx.conn.Exec(ctx, query, app.ID); err != nil {
				return err
			}
		}
		_, err = tx.conn.Exec(ctx, `INSERT INTO app_deletions (app_id, name, actor, created_at) VALUES ($1, $2, $3, $4)`,
			app.ID, app.Name, auditText(by.actor.Name), now)
		if err == nil {
			_, err = tx.AddJob(ctx, chat.Job{Kind: chat.JobDeleteApp, App: app.ID})
		}
		if err != nil {
			return err
		}
		return by.on(ctx, tx, app.ID, appObject(app.Name))
	})
}

// EndApp has every node close the sessions of an App that was deleted.
func (tx *Tx) EndApp(ctx context.Context, app chat.AppID) error {
	touch(tx, loginsOver{})
	return tx.Announce(ctx, &chat.AppDeleted{App: app})
}

const deletedAppColumns = `d.app_id, d.name, d.actor, d.created_at, d.removed, d.files, d.file_bytes, d.finished_at`

func scanAppDeletion(r engine.Row) (d chat.AppDeletion, err error) {
	err = r.Scan((*int64)(&d.App), &d.Name, &d.Actor, &d.CreatedAt, &d.Removed, &d.Files, &d.FileBytes, &d.FinishedAt)
	return d, err
}

// AppDeletions lists the Apps that are being deleted or, where all is set, that ever were, the oldest Apps first.
func (s *Store) AppDeletions(ctx context.Context, all bool) (list []chat.AppDeletion, err error) {
	query := `SELECT ` + deletedAppColumns + ` FROM app_deletions d`
	if !all {
		query += ` WHERE d.finished_at = 0`
	}
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		d, err := scanAppDeletion(r)
		list = append(list, d)
		return err
	}, query+` ORDER BY d.app_id LIMIT $1`, chat.MaxAnswer)
	return list, s.explain(err)
}

// OtherJobs lists up to limit jobs of an App but for the one that deletes it.
func (s *Store) OtherJobs(ctx context.Context, app chat.AppID, limit int) (ids []int64, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id int64
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT j.id FROM jobs j WHERE j.app_id = $1 AND j.kind <> $2 ORDER BY j.id LIMIT $3`, app, string(chat.JobDeleteApp), limit)
	return ids, s.explain(err)
}

// DropJobs has jobs of an App that was deleted not be done.
func (tx *Tx) DropJobs(ctx context.Context, app chat.AppID, ids []int64) error {
	n, err := tx.conn.Exec(ctx, `DELETE FROM jobs WHERE app_id = $2 AND `+tx.store.eng.IDInList("id", "$1"),
		tx.store.eng.IDListArg(ids), app)
	if err != nil {
		return err
	}
	return tx.countRemoved(ctx, app, n)
}

// countRemoved notes that rows of an App that was deleted are gone.
func (tx *Tx) countRemoved(ctx context.Context, app chat.AppID, n int64) error {
	_, err := tx.conn.Exec(ctx, `UPDATE app_deletions SET removed = removed + $2 WHERE app_id = $1`, app, n)
	return err
}

// FileOwners lists up to limit users behind after, by their ids, who have files.
func (s *Store) FileOwners(ctx context.Context, app chat.AppID, after chat.UserID, limit int) (list []chat.UserID, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan((*int64)(&id))
		list = append(list, id)
		return err
	}, `SELECT u.user_id FROM file_usage u WHERE u.app_id = $1 AND u.user_id > $2 AND u.files > 0
		ORDER BY u.user_id LIMIT $3`, app, after, limit)
	return list, s.explain(err)
}

// PurgeFile removes the row of a file of an App that was deleted, and no longer counts it. Of what names it up to
// limit rows go in one transaction: done says that nothing did any more.
func (tx *Tx) PurgeFile(ctx context.Context, f chat.File, limit int) (done bool, err error) {
	n := int64(0)
	for _, t := range fileTables {
		got, err := tx.purge(ctx, t, t.of+` = $1`, string(f.ID), limit-int(n))
		if n += got; err != nil {
			return false, err
		}
		if int(n) >= limit {
			return false, tx.countRemoved(ctx, f.App, n)
		}
	}
	gone, err := tx.conn.Exec(ctx, `DELETE FROM files WHERE id = $1 AND app_id = $2`, string(f.ID), f.App)
	if err != nil || gone == 0 { // the sweep was faster
		return true, err
	}
	_, err = tx.conn.Exec(ctx, `UPDATE file_usage SET files = files - 1, bytes = bytes - $3 WHERE app_id = $1 AND user_id IN (0, $2)`,
		f.App, f.Owner, f.Bytes())
	if err == nil {
		_, err = tx.conn.Exec(ctx, `UPDATE app_deletions SET files = files + 1, file_bytes = file_bytes + $2 WHERE app_id = $1`,
			f.App, f.Bytes())
	}
	if err != nil {
		return false, err
	}
	return true, tx.countRemoved(ctx, f.App, n+1)
}

// AppGone notes that nothing is left of an App that was deleted. On SQLite that is not quite so while no later user,
// room or message has a higher id than its last one: it would get the same. So these rows are emptied and stay
// until then, and left is true.
func (tx *Tx) AppGone(ctx context.Context, app chat.AppID) (left bool, err error) {
	if tx.store.eng.SoleWriter() {
		if left, err = tx.emptyLast(ctx, app); err != nil {
			return left, err
		}
	}
	_, err = tx.conn.Exec(ctx, `UPDATE app_deletions SET finished_at = $2 WHERE app_id = $1 AND finished_at = 0`,
		app, max(tx.store.nowMS(), 1))
	return left, err
}

// emptyLast empties what is left of an App.
func (tx *Tx) emptyLast(ctx context.Context, app chat.AppID) (left bool, err error) {
	for _, query := range []string{
		`UPDATE users SET xc_user_id = '', fullname = '', email = '', phone = '', username = '', username_key = '',
			photo_thumbnail = '', photo_fullsize = '', role_code = '', bio = '', country_id = 0, calling_code = '',
			phone_with_code = '', phone_verified = FALSE, phone_key = '', last_login_at = 0, last_activity_at = 0,
			deactivated_at = 0, created_at = 0, updated_at = 0, deleted_at = 1 WHERE (app_id + 0) = $1`,
		`UPDATE rooms SET xc_room_id = '', type = 2, user_a = 0, user_b = 0, name = '', photo_thumbnail = '', photo_fullsize = '',
			color = '', tags = '[]', deleted_at = 1 WHERE app_id = $1`,
		`UPDATE messages SET local_id = '', sender_id = 0, body = '', data = '', filter_id = '', quote = '', action = '',
			target_user_id = 0, target_xc_id = '', target_name = '', reply_to = '', forward_from = '', deleted_at = 1
			WHERE id = (SELECT MAX(m.id) FROM messages m) AND app_id = $1`,
	} {
		n, err := tx.conn.Exec(ctx, query, app)
		if left = left || n > 0; err != nil {
			return left, err
		}
	}
	_, err = tx.conn.Exec(ctx, `UPDATE app_deletions SET message_id = m.id FROM messages m
		WHERE app_deletions.app_id = $1 AND m.id = (SELECT MAX(l.id) FROM messages l) AND m.app_id = $1`, app)
	return left, err
}

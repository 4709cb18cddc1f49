package store

import (
	"context"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// CreateApp makes an App and the user that speaks for it, under the title that such an App
// has by itself. A name that is taken is CodeConflict.
func (s *Store) CreateApp(ctx context.Context, name string) (app chat.App, err error) {
	return s.CreateTitledApp(ctx, name, chat.AppTitle(name))
}

// CreateTitledApp is CreateApp with a title of one's own.
func (s *Store) CreateTitledApp(ctx context.Context, name, title string) (app chat.App, err error) {
	by := operationBy(ctx, "app create")
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		app = chat.App{Name: name, Title: title, CreatedAt: s.nowMS()}
		if _, err := tx.app(ctx, name); err == nil {
			return chat.Errorf(chat.CodeConflict, "there is an app named %q already", name)
		} else if chat.CodeOf(err) != chat.CodeNotFound {
			return err
		}
		err := tx.conn.Row(ctx, `INSERT INTO apps (name, title, created_at) VALUES ($1, $2, $3) RETURNING id`,
			name, title, app.CreatedAt).Scan(&app.ID)
		if err != nil {
			return fmt.Errorf("insert app: %w", err)
		}
		err = tx.conn.Row(ctx, `INSERT INTO users (app_id, xc_user_id, fullname, created_at, updated_at)
			VALUES ($1, '', $2, $3, $3) RETURNING id`, app.ID, title, app.CreatedAt).Scan(&app.SystemUser)
		if err != nil {
			return fmt.Errorf("insert the app's user: %w", err)
		}
		_, err = tx.conn.Exec(ctx, `UPDATE apps SET system_user_id = $1 WHERE id = $2`, app.SystemUser, app.ID)
		if err != nil {
			return err
		}
		return by.on(ctx, tx, app.ID, appObject(app.Name))
	})
	return app, err
}

// SetAppTitle gives an App another title, and the user that speaks for it another name.
func (s *Store) SetAppTitle(ctx context.Context, app chat.App, title string) error {
	by := operationBy(ctx, "app set-title")
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		if _, err := tx.conn.Exec(ctx, `UPDATE apps SET title = $1 WHERE id = $2`, title, app.ID); err != nil {
			return err
		}
		touch(tx, userRow{app.SystemUser})
		_, err := tx.conn.Exec(ctx, `UPDATE users SET fullname = $1,
			updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END
			WHERE id = $3 AND app_id = $4`, title, s.nowMS(), app.SystemUser, app.ID)
		if err != nil {
			return err
		}
		return by.on(ctx, tx, app.ID, appObject(app.Name))
	})
}

// SetAppRates stores how many calls an App's callers may make.
func (s *Store) SetAppRates(ctx context.Context, app chat.App, r chat.Rates) error {
	by := operationBy(ctx, "app set-rates")
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `UPDATE apps SET backend_rate = $1, user_rate = $2 WHERE id = $3`, r.Backend, r.User, app.ID)
		if err != nil {
			return err
		}
		return by.on(ctx, tx, app.ID, appObject(app.Name))
	})
}

// SetAppFileQuota stores how many bytes an App's files may take together, as chat.App.FileQuota has it.
func (s *Store) SetAppFileQuota(ctx context.Context, app chat.App, bytes int64) error {
	by := operationBy(ctx, "app set-quota")
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		if _, err := tx.conn.Exec(ctx, `UPDATE apps SET file_quota = $1 WHERE id = $2`, bytes, app.ID); err != nil {
			return err
		}
		return by.on(ctx, tx, app.ID, appObject(app.Name))
	})
}

func appObject(name string) chat.Object { return chat.Object{Kind: "app", ID: name} }

// Retitled makes the store read the user that speaks for an App anew: another process has
// changed it.
func (s *Store) Retitled(app chat.App) {
	s.cache.forget(stripeOf(userRow{app.SystemUser}))
}

// App finds an App by its name, or CodeNotFound.
func (s *Store) App(ctx context.Context, name string) (chat.App, error) {
	app, err := appByName(ctx, s.eng, name)
	return app, s.explain(err)
}

func (tx *Tx) app(ctx context.Context, name string) (chat.App, error) {
	return appByName(ctx, tx.conn, name)
}

func appByName(ctx context.Context, c engine.Conn, name string) (chat.App, error) {
	app, err := scanApp(c.Row(ctx, `SELECT `+appColumns+` FROM apps WHERE name = $1 AND deleted_at = 0`, name))
	if engine.NoRows(err) {
		return app, noSuchApp(name)
	}
	return app, err
}

func noSuchApp(name string) error {
	return chat.Errorf(chat.CodeNotFound, "there is no app named %q", name)
}

// Apps lists every App, the oldest first.
func (s *Store) Apps(ctx context.Context) (apps []chat.App, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		app, err := scanApp(r)
		apps = append(apps, app)
		return err
	}, `SELECT `+appColumns+` FROM apps WHERE deleted_at = 0 ORDER BY id LIMIT $1`, chat.MaxAnswer)
	return apps, s.explain(err)
}

const appColumns = `id, name, title, system_user_id, created_at, backend_rate, user_rate, file_quota`

// scanApp reads appColumns, and what the query selects behind them into more.
func scanApp(r engine.Row, more ...any) (app chat.App, err error) {
	err = r.Scan(append([]any{
		&app.ID, &app.Name, &app.Title, &app.SystemUser, &app.CreatedAt, &app.Rates.Backend, &app.Rates.User, &app.FileQuota,
	}, more...)...)
	return app, err
}

// AppByID finds an App, or CodeNotFound.
func (s *Store) AppByID(ctx context.Context, id chat.AppID) (chat.App, error) {
	app, err := scanApp(s.eng.Row(ctx, `SELECT `+appColumns+` FROM apps WHERE id = $1 AND deleted_at = 0`, id))
	if engine.NoRows(err) {
		return app, chat.Errorf(chat.CodeNotFound, "there is no such app")
	}
	return app, s.explain(err)
}

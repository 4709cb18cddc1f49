package service

import (
	"context"

	"parlor/internal/chat"
)

// CreateApp makes an App, a world of its own. A name that is taken is CodeConflict.
func (s *Service) CreateApp(ctx context.Context, name string) (chat.App, error) {
	if err := chat.ValidateAppName(name); err != nil {
		return chat.App{}, err
	}
	return s.store.CreateApp(ctx, name)
}

// CreateTitledApp is CreateApp with a title of one's own, which people see where the App
// itself speaks.
func (s *Service) CreateTitledApp(ctx context.Context, name, title string) (chat.App, error) {
	if err := chat.ValidateAppName(name); err != nil {
		return chat.App{}, err
	}
	if err := chat.ValidateAppTitle(title); err != nil {
		return chat.App{}, err
	}
	return s.store.CreateTitledApp(ctx, name, title)
}

// SetAppTitle gives an App another title. Servers that run show it within moments.
func (s *Service) SetAppTitle(ctx context.Context, app chat.App, title string) error {
	if err := chat.ValidateAppTitle(title); err != nil {
		return err
	}
	return s.store.SetAppTitle(ctx, app, title)
}

// SetAppRates sets how many calls an App's callers may make in a minute. Servers that run heed it within
// KeyLag.
func (s *Service) SetAppRates(ctx context.Context, app chat.App, r chat.Rates) error {
	if err := r.Validate(); err != nil {
		return err
	}
	return s.store.SetAppRates(ctx, app, r)
}

// SetAppFileQuota sets how many bytes an App's files may take together, as chat.App.FileQuota
// has it. What is there stays, also beyond it. Servers that run heed it within KeyLag.
func (s *Service) SetAppFileQuota(ctx context.Context, app chat.App, bytes int64) error {
	if bytes < 0 {
		return chat.Invalid("files", "must not be negative")
	}
	return s.store.SetAppFileQuota(ctx, app, bytes)
}

// App finds an App by name, or CodeNotFound.
func (s *Service) App(ctx context.Context, name string) (chat.App, error) {
	return s.store.App(ctx, name)
}

// Apps lists every App.
func (s *Service) Apps(ctx context.Context) ([]chat.App, error) { return s.store.Apps(ctx) }

// AppUsages lists every App and what its files take.
func (s *Service) AppUsages(ctx context.Context) ([]chat.AppUsage, error) {
	return s.store.AppUsages(ctx)
}

// Keys lists an App's keys, without secrets: those are stored nowhere.
func (s *Service) Keys(ctx context.Context, app chat.App) ([]chat.Key, error) {
	return s.store.Keys(ctx, app.ID)
}

// EnsureDefaultApp returns the App "default", which it makes when there is none; first
// says that it did.
func (s *Service) EnsureDefaultApp(ctx context.Context) (app chat.App, first bool, err error) {
	app, err = s.store.App(ctx, chat.DefaultApp)
	if chat.CodeOf(err) != chat.CodeNotFound {
		return app, false, err
	}
	app, err = s.store.CreateApp(ctx, chat.DefaultApp)
	if chat.CodeOf(err) == chat.CodeConflict { // another node was faster
		app, err = s.store.App(ctx, chat.DefaultApp)
		return app, false, err
	}
	return app, err == nil, err
}

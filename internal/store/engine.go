package store

import "context"

// newEngine opens the engine that o asks for.
func newEngine(ctx context.Context, o Options) (engine, error) {
	if o.DSN != "" {
		return newPostgres(ctx, o)
	}
	return newSQLite(ctx, o.Path)
}

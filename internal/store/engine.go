package store

import (
	"context"
	"strings"
)

// newEngine opens the engine that o asks for.
func newEngine(ctx context.Context, o Options) (engine, error) {
	if o.DSN != "" {
		return newPostgres(ctx, o.DSN)
	}
	return newSQLite(ctx, o.Path)
}

// IsPostgres reports whether a database address names PostgreSQL.
func IsPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

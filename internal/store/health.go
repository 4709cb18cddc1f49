package store

import (
	"context"
	"fmt"

	"parlor/internal/store/engine"
)

// Health says whether the database can be read and written, by a write of its own when
// none has worked within the last second. Files that were taken away, a full disk or a
// lost connection show here, and so does their end.
func (s *Store) Health(ctx context.Context) error {
	if err := s.eng.InPlace(); err != nil {
		return s.explain(err)
	}
	if err := engine.CheckRead(ctx, s.eng); err != nil {
		return fmt.Errorf("read: %w", s.explain(err))
	}
	if err := s.answer(s.lanes.CheckWrite(ctx)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// Space is what an embedded database takes of its disk, in bytes.
type Space = engine.Space

// Space says what the database takes of the disk; ok is false for PostgreSQL.
func (s *Store) Space(ctx context.Context) (sp Space, ok bool, err error) {
	sp, ok, err = s.eng.Space(ctx)
	return sp, ok, s.explain(err)
}

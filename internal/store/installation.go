package store

import "context"

// ID tells this database from others: nodes that share it find each other by it.
func (s *Store) ID(ctx context.Context) (id string, err error) {
	err = s.eng.Row(ctx, `SELECT id FROM installation`).Scan(&id)
	return id, s.explain(err)
}

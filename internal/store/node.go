package store

import (
	"context"
	"time"

	"parlor/internal/store/engine"
)

// maxNodes bounds the nodes that are looked at.
const maxNodes = 10_000

// Beat writes down that a node is alive.
func (s *Store) Beat(ctx context.Context, node string) error {
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `INSERT INTO nodes (id, beats, seen_at) VALUES ($1, 1, $2)
			ON CONFLICT (id) DO UPDATE SET beats = nodes.beats + 1, seen_at = excluded.seen_at`, node, s.nowMS())
		return err
	})
}

// ForgetNode forgets a node that commits nothing any more.
func (s *Store) ForgetNode(ctx context.Context, node string) error {
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `DELETE FROM nodes WHERE id = $1`, node)
		return err
	})
}

// Nodes returns how often each node has shown that it is alive. Those that have crashed are among
// them: their number no longer grows.
func (s *Store) Nodes(ctx context.Context) (map[string]int64, error) {
	beats := map[string]int64{}
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id string
		var n int64
		err := r.Scan(&id, &n)
		beats[id] = n
		return err
	}, `SELECT id, beats FROM nodes ORDER BY seen_at DESC LIMIT $1`, maxNodes)
	return beats, s.explain(err)
}

// PruneNodes forgets the nodes that have not shown since a time that they are alive.
func (s *Store) PruneNodes(ctx context.Context, before time.Time) error {
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `DELETE FROM nodes WHERE seen_at < $1`, before.UnixMilli())
		return err
	})
}

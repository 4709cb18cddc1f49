package store

import (
	"context"

	"parlor/internal/store/engine"
)

// filterOfGeneration reads the filter of a sealed generation, or makes and keeps it.
func (s *Store) filterOfGeneration(ctx context.Context, id int64) (f filter, err error) {
	var stored []byte
	err = s.eng.Row(ctx, `SELECT bits FROM local_id_filters WHERE generation = $1`, id).Scan(&stored)
	if err == nil {
		return filterOf(stored)
	}
	if !engine.NoRows(err) {
		return f, err
	}
	if f, err = s.makeFilter(ctx, id); err != nil {
		return f, err
	}
	return f, s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `INSERT INTO local_id_filters (generation, bits) VALUES ($1, $2)
			ON CONFLICT (generation) DO NOTHING`, id, f.bytes())
		return err
	})
}

// makeFilter reads a sealed generation, in parts.
func (s *Store) makeFilter(ctx context.Context, id int64) (f filter, err error) {
	var entries int
	if err = s.eng.Row(ctx, `SELECT COUNT(*) FROM local_ids WHERE generation = $1`, id).Scan(&entries); err != nil {
		return f, err
	}
	f = newFilter(entries)
	last, part := []byte{}, hashesAtOnce
	for part == hashesAtOnce {
		part = 0
		err = engine.Each(ctx, s.eng, func(r engine.Row) error {
			var h []byte
			if err := r.Scan(&h); err != nil {
				return err
			}
			if len(h) != len(localHash{}) {
				return errFilter
			}
			f.add(localHash(h))
			last = h
			part++
			return nil
		}, `SELECT hash FROM local_ids WHERE generation = $1 AND hash > $2 ORDER BY hash LIMIT $3`, id, last, hashesAtOnce)
		if err != nil {
			return f, err
		}
	}
	return f, nil
}

package store

import (
	"context"
	"math"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// SearchSweep is what the index's file has of a room, or of an App, of which rows may be gone. On PostgreSQL words
// go with the row.
type SearchSweep struct {
	App   chat.AppID
	Room  chat.RoomID    // 0 for all of the App
	Until int64          // Unix ms, of the messages' creation; only as exact as an hour; of a room only
	After chat.MessageID // messages up to this one were looked at
}

// NextSweep is a sweep of a room that is to be gone on with; ok is false where there is none.
func (x *SearchIndex) NextSweep(ctx context.Context) (s SearchSweep, ok bool, err error) {
	if !x.Embedded() {
		return s, false, nil
	}
	err = x.use(func(a engine.Aside) error {
		return a.Row(ctx, `SELECT app_id, room_id, until, after FROM search_sweeps ORDER BY room_id LIMIT 1`).
			Scan((*int64)(&s.App), (*int64)(&s.Room), &s.Until, (*int64)(&s.After))
	})
	return s, err == nil, ignoreNoRows(err)
}

const searchSweepQuery = `SELECT rowid FROM words WHERE words MATCH $1 AND rowid > $2 AND rowid <= $3 ORDER BY rowid LIMIT $4`

// Sweep lists the next messages of a sweep that the index has, up to limit, the lowest ids first. Fewer are the last.
func (x *SearchIndex) Sweep(ctx context.Context, s SearchSweep, limit int) (ids []chat.MessageID, err error) {
	err = x.use(func(a engine.Aside) error {
		key, high := searchKey("a", int64(s.App)), int64(math.MaxInt64)
		if s.Room != 0 {
			key = searchKey("r", int64(s.Room))
			err := a.Row(ctx, `SELECT COALESCE(MAX(h.last), 0) FROM search_hours h WHERE h.hour <= $1`, s.Until/hourMS).Scan(&high)
			if err != nil {
				return err
			}
		}
		return engine.Each(ctx, a, func(r engine.Row) error {
			var id chat.MessageID
			err := r.Scan((*int64)(&id))
			ids = append(ids, id)
			return err
		}, searchSweepQuery, `"`+key+`"`, s.After, high, limit)
	})
	return ids, err
}

// setSearchSweeps notes what is to be swept, and what was. Each sweep that is to be done begins at the front.
func setSearchSweeps(ctx context.Context, c engine.Conn, ch SearchChange) error {
	var list []engine.Statement
	for _, app := range ch.Left {
		list = append(list, engine.Statement{Query: `DELETE FROM search_places WHERE app_id = $1`, Args: []any{app}})
	}
	for _, s := range ch.Sweeps {
		list = append(list, engine.Statement{
			Query: `INSERT INTO search_sweeps (room_id, app_id, until, after) VALUES ($1, $2, $3, 0)
				ON CONFLICT (room_id) DO UPDATE SET until = MAX(search_sweeps.until, excluded.until), after = 0`,
			Args: []any{s.Room, s.App, s.Until},
		})
	}
	switch s := ch.Swept; {
	case s == nil:
	case s.After > 0:
		list = append(list, engine.Statement{Query: `UPDATE search_sweeps SET after = $2 WHERE room_id = $1`, Args: []any{s.Room, s.After}})
	default:
		list = append(list, engine.Statement{Query: `DELETE FROM search_sweeps WHERE room_id = $1`, Args: []any{s.Room}})
	}
	for _, s := range list {
		if _, err := c.Exec(ctx, s.Query, s.Args...); err != nil {
			return err
		}
	}
	return nil
}

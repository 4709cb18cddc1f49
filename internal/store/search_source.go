package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// SearchSource is what of a message the index is made from.
type SearchSource struct {
	SearchDoc
	LocalID  string
	Body     chat.Sealed
	Findable bool // it is a text that people see
}

const searchSourceColumns = `m.id, m.app_id, m.room_id, m.sender_id, m.created_at, m.updated_at, m.local_id, m.body,
	m.deleted_at = 0 AND NOT m.is_hidden AND m.type <> 9001`

func (s *Store) searchSources(ctx context.Context, query string, args ...any) (list []SearchSource, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var m SearchSource
		err := r.Scan((*int64)(&m.ID), (*int64)(&m.App), (*int64)(&m.Room), (*int64)(&m.Sender), &m.CreatedAt, &m.UpdatedAt,
			&m.LocalID, (*string)(&m.Body), &m.Findable)
		list = append(list, m)
		return err
	}, `SELECT `+searchSourceColumns+query, args...)
	return list, s.explain(err)
}

// SearchSources finds messages of the App, up to keysAtOnce, in no order.
func (s *Store) SearchSources(ctx context.Context, app chat.AppID, keys [][2]int64) ([]SearchSource, error) {
	return s.searchSources(ctx, s.eng.ForEach(s.eng.Pairs("$2"), "messages", "m.room_id = k.a AND m.created_at = k.b")+
		` WHERE +m.app_id = $1`, app, s.eng.PairsArg(keys))
}

// SearchSourcesBehind lists up to limit messages of all Apps behind an id, by their ids.
func (s *Store) SearchSourcesBehind(ctx context.Context, after chat.MessageID, limit int) ([]SearchSource, error) {
	return s.searchSources(ctx, ` FROM messages m WHERE m.id > $1 ORDER BY m.id LIMIT $2`, after, limit)
}

// LastMessage is the highest id of a message, 0 where there is none.
func (s *Store) LastMessage(ctx context.Context) (id chat.MessageID, err error) {
	err = s.eng.Row(ctx, `SELECT COALESCE(MAX(m.id), 0) FROM messages m`).Scan((*int64)(&id))
	return id, s.explain(err)
}

// AppFeed is where an App's feed begins and ends.
type AppFeed struct {
	App    chat.AppID
	Pruned chat.FeedPlace // up to where events are no longer kept
	Last   chat.FeedPlace // the last event, 0 for none
}

// Feeds are those of all Apps but for those that were deleted.
func (s *Store) Feeds(ctx context.Context) (list []AppFeed, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var f AppFeed
		err := r.Scan((*int64)(&f.App), &f.Pruned.Number, &f.Pruned.ID, &f.Last.Number, &f.Last.ID)
		list = append(list, f)
		return err
	}, `SELECT a.id, a.feed_number, a.feed_id,
			COALESCE((SELECT e.number FROM feed_events e WHERE e.app_id = a.id ORDER BY e.number DESC, e.id DESC LIMIT 1), 0),
			COALESCE((SELECT e.id FROM feed_events e WHERE e.app_id = a.id ORDER BY e.number DESC, e.id DESC LIMIT 1), 0)
		FROM apps a WHERE a.deleted_at = 0 ORDER BY a.id`)
	return list, s.explain(err)
}

// LastEvent is the last event of an App's feed below a number, or up to where that is no longer kept, where there
// is none.
func (s *Store) LastEvent(ctx context.Context, f AppFeed, below int64) (p SearchPlace, err error) {
	err = s.eng.Row(ctx, `SELECT e.number, e.id, e.at FROM feed_events e WHERE e.app_id = $1 AND e.number < $2
		ORDER BY e.number DESC, e.id DESC LIMIT 1`, f.App, below).Scan(&p.Number, &p.ID, &p.At)
	if engine.NoRows(err) {
		return SearchPlace{FeedPlace: f.Pruned}, nil
	}
	return p, s.explain(err)
}

// HasEvent reports whether an App's feed has an event at a place and of its time.
func (s *Store) HasEvent(ctx context.Context, app chat.AppID, p SearchPlace) (ok bool, err error) {
	err = s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM feed_events e WHERE e.app_id = $1 AND e.number = $2 AND e.id = $3 AND e.at = $4)`,
		app, p.Number, p.ID, p.At).Scan(&ok)
	return ok, s.explain(err)
}

// MessagesThere says which of some messages of the App there are; those that were emptied are among them.
func (s *Store) MessagesThere(ctx context.Context, app chat.AppID, ids []chat.MessageID) (map[chat.MessageID]bool, error) {
	there := make(map[chat.MessageID]bool, len(ids))
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.MessageID
		err := r.Scan((*int64)(&id))
		there[id] = true
		return err
	}, `SELECT m.id FROM messages m WHERE +m.app_id = $1 AND `+s.eng.IDInList("m.id", "$2"), app, s.eng.IDListArg(idsOf(ids)))
	return there, s.explain(err)
}

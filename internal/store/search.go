package store

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// SearchIndex is the index of messages by their words. It can be made anew from the messages, so it is written
// beside the lanes (engine.Aside): on PostgreSQL into tables of the database, on SQLite into a file of its own.
// It may be behind what is stored, so what it finds is to be looked at in the store. See service.Service.FollowSearch,
// which is the only one to write it.
type SearchIndex struct {
	store *Store
	path  string // of the file, "" on PostgreSQL

	mu   sync.RWMutex     // held while the file is used, so that it is not closed meanwhile
	file *engine.SideFile // nil while it is not open
}

// SearchIndex is the store's; path is that of the file where the database is embedded.
func (s *Store) SearchIndex(path string) *SearchIndex {
	if !s.eng.SoleWriter() {
		path = ""
	}
	return &SearchIndex{store: s, path: path}
}

// SearchDoc is what the index has of one message.
type SearchDoc struct {
	ID        chat.MessageID
	App       chat.AppID
	Room      chat.RoomID
	Sender    chat.UserID
	CreatedAt int64
	UpdatedAt int64    // of the state that the terms are from
	Terms     []string // of its text, without spaces in them
}

// SearchPlace is up to where in an App's feed the index is. At is the time of that event, by which it is known
// again: 0 for a place without one.
type SearchPlace struct {
	chat.FeedPlace
	At int64
}

// SearchState is how far an index is.
type SearchState struct {
	Built    string         // from what it was made; "" for not begun
	Position chat.MessageID // messages up to here were looked at, while it is made
	Until    chat.MessageID // and up to here they are to be; 0 once it is made
}

// Building reports whether not all messages have been looked at.
func (s SearchState) Building() bool { return s.Built == "" || s.Until > 0 }

// SearchChange is what one transaction does to the index.
type SearchChange struct {
	Gone     []chat.MessageID // are not to be found
	Docs     []SearchDoc      // are, as they are now
	Places   map[chat.AppID]SearchPlace
	Position chat.MessageID // how far the making of it is, where that has changed
	Made     bool           // it is at its end

	Left   []chat.AppID  // Apps that are gone: where it is in their feeds is forgotten
	Sweeps []SearchSweep // are to be done; in a file only
	Swept  *SearchSweep  // how far one is: without After it is done
}

// errSearchClosed is what calls get while the index cannot be used.
func errSearchClosed() error {
	return chat.Errorf(chat.CodeUnavailable, "The search index is not available; try again")
}

// use gives do the index.
func (x *SearchIndex) use(do func(engine.Aside) error) error {
	if aside, ok := x.store.eng.(engine.Aside); ok && x.path == "" {
		return x.store.explain(do(aside))
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.file == nil {
		return errSearchClosed()
	}
	return x.store.explain(do(x.file))
}

// State is how far the index is.
func (x *SearchIndex) State(ctx context.Context) (st SearchState, err error) {
	err = x.use(func(a engine.Aside) error {
		err := a.Row(ctx, `SELECT built, position, until FROM search_state WHERE id = 1`).
			Scan(&st.Built, (*int64)(&st.Position), (*int64)(&st.Until))
		return ignoreNoRows(err)
	})
	return st, err
}

// Places are up to where in the feeds of Apps the index is.
func (x *SearchIndex) Places(ctx context.Context) (map[chat.AppID]SearchPlace, error) {
	places := map[chat.AppID]SearchPlace{}
	err := x.use(func(a engine.Aside) error {
		return engine.Each(ctx, a, func(r engine.Row) error {
			var app chat.AppID
			var p SearchPlace
			err := r.Scan((*int64)(&app), &p.Number, &p.ID, &p.At)
			places[app] = p
			return err
		}, `SELECT app_id, number, event_id, at FROM search_places`)
	})
	return places, err
}

// ErrSearchLeaseLost says that another process writes the index now.
var ErrSearchLeaseLost = errors.New("another process has taken over the search index")

// Lease takes the index for a time, or renews that, where the process has it already by lease. On PostgreSQL one
// process writes at a time; an embedded database has one anyway. It is ErrSearchLeaseLost while another has it.
func (x *SearchIndex) Lease(ctx context.Context, owner string, held int64, for_ time.Duration) (lease int64, err error) {
	if x.path != "" {
		return 0, nil
	}
	err = x.use(func(a engine.Aside) error {
		now := x.store.nowMS()
		err := a.Row(ctx, `UPDATE search_state SET holder = $1, lease = CASE WHEN lease = $2 THEN lease ELSE lease + 1 END, leased_to = $3
			WHERE id = 1 AND (lease = $2 OR leased_to <= $4) RETURNING lease`, owner, held, now+for_.Milliseconds(), now).Scan(&lease)
		if engine.NoRows(err) {
			return ErrSearchLeaseLost
		}
		return err
	})
	return lease, err
}

// GiveBack ends a lease, so that another process need not wait for its end.
func (x *SearchIndex) GiveBack(ctx context.Context, lease int64) error {
	if x.path != "" {
		return nil
	}
	return x.use(func(a engine.Aside) error {
		_, err := a.Exec(ctx, `UPDATE search_state SET leased_to = 0 WHERE id = 1 AND lease = $1`, lease)
		return err
	})
}

// hold keeps others from writing the index until the commit.
func (x *SearchIndex) hold(ctx context.Context, c engine.Conn, lease int64) error {
	if x.path != "" {
		return nil
	}
	var now int64
	err := c.Row(ctx, `SELECT lease FROM search_state WHERE id = 1 FOR NO KEY UPDATE`).Scan(&now)
	if err == nil && now != lease {
		err = ErrSearchLeaseLost
	}
	return err
}

// Begin has the index made anew from all messages up to an id; what it has of them stays until then. places is
// where the feeds are, from before that id was looked for.
func (x *SearchIndex) Begin(
	ctx context.Context, lease int64, built string, until chat.MessageID, places map[chat.AppID]SearchPlace,
) error {
	return x.use(func(a engine.Aside) error {
		return a.Apart(ctx, func(c engine.Conn) error {
			if err := x.hold(ctx, c, lease); err != nil {
				return err
			}
			if _, err := c.Exec(ctx, `UPDATE search_state SET built = $1, position = 0, until = $2 WHERE id = 1`, built, until); err != nil {
				return err
			}
			if _, err := c.Exec(ctx, `DELETE FROM search_places`); err != nil {
				return err
			}
			return setSearchPlaces(ctx, c, places)
		})
	})
}

// Forget marks the index as one that does not hold, since it was not followed for a while.
func (x *SearchIndex) Forget(ctx context.Context) error {
	return x.use(func(a engine.Aside) error {
		_, err := a.Exec(ctx, `UPDATE search_state SET built = '' WHERE id = 1 AND built <> ''`)
		return err
	})
}

// Apply changes the index, in one transaction.
func (x *SearchIndex) Apply(ctx context.Context, lease int64, ch SearchChange) error {
	return x.use(func(a engine.Aside) error {
		return a.Apart(ctx, func(c engine.Conn) error {
			if err := x.hold(ctx, c, lease); err != nil {
				return err
			}
			if err := x.put(ctx, c, ch); err != nil {
				return err
			}
			if err := setSearchHours(ctx, c, ch.Docs); err != nil {
				return err
			}
			if err := setSearchPlaces(ctx, c, ch.Places); err != nil {
				return err
			}
			if err := setSearchSweeps(ctx, c, ch); err != nil {
				return err
			}
			if ch.Position == 0 && !ch.Made {
				return nil
			}
			until := ``
			if ch.Made {
				until = `, until = 0`
			}
			_, err := c.Exec(ctx, `UPDATE search_state SET position = $1`+until+` WHERE id = 1`, ch.Position)
			return err
		})
	})
}

func setSearchPlaces(ctx context.Context, c engine.Conn, places map[chat.AppID]SearchPlace) error {
	for app, p := range places {
		if _, err := c.Exec(ctx, `INSERT INTO search_places (app_id, number, event_id, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (app_id) DO UPDATE SET number = excluded.number, event_id = excluded.event_id, at = excluded.at`,
			app, p.Number, p.ID, p.At); err != nil {
			return err
		}
	}
	return nil
}

// setSearchHours notes between which ids the messages of each hour are.
func setSearchHours(ctx context.Context, c engine.Conn, docs []SearchDoc) error {
	type span struct{ first, last chat.MessageID }
	hours := map[int64]span{}
	for i := range docs {
		hour := docs[i].CreatedAt / hourMS
		s, ok := hours[hour]
		if !ok {
			s = span{docs[i].ID, docs[i].ID}
		}
		hours[hour] = span{min(s.first, docs[i].ID), max(s.last, docs[i].ID)}
	}
	for hour, s := range hours {
		if _, err := c.Exec(ctx, `INSERT INTO search_hours (hour, first, last) VALUES ($1, $2, $3)
			ON CONFLICT (hour) DO UPDATE SET
				first = CASE WHEN search_hours.first < excluded.first THEN search_hours.first ELSE excluded.first END,
				last = CASE WHEN search_hours.last > excluded.last THEN search_hours.last ELSE excluded.last END`,
			hour, s.first, s.last); err != nil {
			return err
		}
	}
	return nil
}

// A key is a term that no text has: it begins with a letter of private use.
const keyMark = "\ue000"

func searchKey(kind string, n int64) string { return keyMark + kind + strconv.FormatInt(n, 36) }

// searchKeys are the keys of whose a message is.
func searchKeys(app chat.AppID, room chat.RoomID, sender chat.UserID) []string {
	keys := []string{searchKey("a", int64(app))}
	if room != 0 {
		keys = append(keys, searchKey("r", int64(room)))
	}
	if sender != 0 {
		keys = append(keys, searchKey("s", int64(sender)))
	}
	return keys
}

// put takes messages out of the index and others in.
func (x *SearchIndex) put(ctx context.Context, c engine.Conn, ch SearchChange) error {
	ids := idsOf(ch.Gone)
	for i := range ch.Docs {
		ids = append(ids, int64(ch.Docs[i].ID))
	}
	if len(ids) == 0 {
		return nil
	}
	if x.path != "" {
		return x.putInFile(ctx, c, ids, ch.Docs)
	}
	return x.putInTable(ctx, c, ids, ch)
}

// SearchQuery says which messages are searched for: those of an App that have all terms, which are not none.
type SearchQuery struct {
	App    chat.AppID
	Room   chat.RoomID // 0 for any
	Sender chat.UserID // 0 for anybody
	Terms  []string
	From   int64 // Unix ms, of their creation; 0 for no bound
	Until  int64
	Below  chat.MessageID // only those with a lower id; 0 for no bound
}

// Find lists ids of up to limit messages, the highest first, and where it goes on: below next, 0 behind the last.
// There may be few, or none, and others behind them all the same: one search looks at so much and no more.
// By time it is only as exact as an hour.
func (x *SearchIndex) Find(ctx context.Context, q SearchQuery, limit int) (ids []chat.MessageID, next chat.MessageID, err error) {
	err = x.use(func(a engine.Aside) error {
		low, high, err := searchBounds(ctx, a, q)
		if err != nil || low > high {
			return err
		}
		if x.path != "" {
			ids, next, err = findInFile(ctx, a, q, low, high, limit)
		} else {
			ids, next, err = x.findInTable(ctx, a, q, low, high, limit)
		}
		return err
	})
	return ids, next, err
}

// searchBounds are the ids between which the messages of a query are.
func searchBounds(ctx context.Context, c engine.Conn, q SearchQuery) (low, high int64, err error) {
	from, until := int64(0), int64(1)<<53
	if q.From > 0 {
		from = q.From / hourMS
	}
	if q.Until > 0 {
		until = q.Until / hourMS
	}
	// The ids of hours that lie outside do not count, even where clocks jumped: all between is looked at.
	err = c.Row(ctx, `SELECT COALESCE(MIN(h.first), 1), COALESCE(MAX(h.last), 0) FROM search_hours h
		WHERE h.hour >= $1 AND h.hour <= $2`, from, until).Scan(&low, &high)
	if q.Below > 0 {
		high = min(high, int64(q.Below)-1)
	}
	return low, high, err
}

// searchTime is how long one search goes on, where it has not found enough. One step of it is short.
const searchTime = 250 * time.Millisecond

// allOf joins the parts of a query for one of the engines; quote makes a term one of its words.
func allOf(q SearchQuery, more []string, and string, quote func(string) string) string {
	parts := make([]string, 0, len(q.Terms)+4)
	for _, list := range [][]string{searchKeys(q.App, q.Room, q.Sender), q.Terms, more} {
		for _, term := range list {
			parts = append(parts, quote(term))
		}
	}
	return strings.Join(parts, and)
}

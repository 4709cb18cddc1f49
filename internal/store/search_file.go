package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// searchSchema is that of the index's file. Words come as terms with spaces between them, so the simplest of the
// tokenizers leaves them as they are. Texts are not kept, and where in a text a word stands is not either.
const searchSchema = `
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
	terms, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
CREATE TABLE IF NOT EXISTS search_state (id INTEGER PRIMARY KEY, built TEXT NOT NULL, position BIGINT NOT NULL, until BIGINT NOT NULL);
INSERT OR IGNORE INTO search_state (id, built, position, until) VALUES (1, '', 0, 0);
CREATE TABLE IF NOT EXISTS search_places (app_id INTEGER PRIMARY KEY, number BIGINT NOT NULL, event_id BIGINT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS search_hours (hour INTEGER PRIMARY KEY, first BIGINT NOT NULL, last BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS search_sweeps (room_id INTEGER PRIMARY KEY, app_id BIGINT NOT NULL, until BIGINT NOT NULL, after BIGINT NOT NULL);
`

// Open makes sure that there is an index. It opens its file, if it is not open; one that is damaged is removed, and damage says so: there is
// nothing in it that cannot be made again.
func (x *SearchIndex) Open(ctx context.Context) (damage, err error) {
	if x.path == "" { // whoever has restored a dump may have left the table empty
		return nil, x.use(func(a engine.Aside) error {
			_, err := a.Exec(ctx, `INSERT INTO search_state (id, built, position, until) VALUES (1, '', 0, 0) ON CONFLICT (id) DO NOTHING`)
			return err
		})
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.file != nil {
		return nil, nil
	}
	x.file, err = openSearchFile(ctx, x.path)
	if err == nil || x.store.eng.Away(err) {
		return nil, err
	}
	if removed := engine.RemoveSideFile(x.path); removed != nil {
		return nil, errors.Join(err, removed)
	}
	damage = err
	x.file, err = openSearchFile(ctx, x.path)
	return damage, err
}

// openSearchFile also reads a little of each table.
func openSearchFile(ctx context.Context, path string) (*engine.SideFile, error) {
	f, err := engine.OpenSideFile(ctx, path, searchSchema)
	if err != nil {
		return nil, err
	}
	var n int64
	err = f.Row(ctx, `SELECT (SELECT COUNT(*) FROM search_state WHERE built <> '' OR position >= 0 OR until >= 0) +
		(SELECT COUNT(*) FROM (SELECT number, event_id, at FROM search_places LIMIT 1)) +
		(SELECT COUNT(*) FROM (SELECT first, last FROM search_hours LIMIT 1)) +
		(SELECT COUNT(*) FROM (SELECT app_id, until, after FROM search_sweeps LIMIT 1)) +
		(SELECT COUNT(*) FROM (SELECT rowid FROM words WHERE words MATCH $1 LIMIT 1))`, `"`+searchKey("a", 1)+`"`).Scan(&n)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), f.Close())
	}
	return f, nil
}

// Remove closes the index's file and removes it.
func (x *SearchIndex) Remove() error {
	if x.path == "" {
		return nil
	}
	return errors.Join(x.Close(), engine.RemoveSideFile(x.path))
}

// Close lets go of the index's file.
func (x *SearchIndex) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.file == nil {
		return nil
	}
	err := x.file.Close()
	x.file = nil
	return err
}

func (x *SearchIndex) putInFile(ctx context.Context, c engine.Conn, ids []int64, docs []SearchDoc) error {
	if _, err := c.Exec(ctx, `DELETE FROM words WHERE `+x.store.eng.IDInList("rowid", "$1"), x.store.eng.IDListArg(ids)); err != nil {
		return err
	}
	for i := range docs {
		d := &docs[i]
		text := strings.Join(append(searchKeys(d.App, d.Room, d.Sender), d.Terms...), " ")
		if _, err := c.Exec(ctx, `INSERT INTO words (rowid, terms) VALUES ($1, $2)`, d.ID, text); err != nil {
			return err
		}
	}
	return nil
}

// searchWindow is how many ids are gone through at a time. Ids of an embedded database are 2^12 from one commit to
// the next: this is a quarter of a million commits.
const searchWindow = 1 << 30

// findInFile walks down from the newest: the index is in the order of ids, so nothing is sorted, and a page of a
// word that is everywhere costs as much as one of any other.
func findInFile(
	ctx context.Context, c engine.Conn, q SearchQuery, low, high int64, limit int,
) (ids []chat.MessageID, next chat.MessageID, err error) {
	match := allOf(q, nil, " AND ", func(term string) string { return `"` + term + `"` })
	for began := time.Now(); time.Since(began) < searchTime; {
		from := max(low, high-searchWindow+1)
		err := engine.Each(ctx, c, func(r engine.Row) error {
			var id chat.MessageID
			err := r.Scan((*int64)(&id))
			ids = append(ids, id)
			return err
		}, searchFileQuery, match, from, high, limit-len(ids))
		if err != nil {
			return nil, 0, err
		}
		if len(ids) == limit {
			return ids, ids[limit-1], nil
		}
		if high = from - 1; high < low {
			return ids, 0, nil
		}
	}
	return ids, chat.MessageID(high + 1), nil
}

const searchFileQuery = `SELECT rowid FROM words WHERE words MATCH $1 AND rowid >= $2 AND rowid <= $3 ORDER BY rowid DESC LIMIT $4`

// mergePages is how many pages of the index one step of a merge writes.
const mergePages = 256

// Merge does a step of what takes all that was deleted out of the file, too: words of a deleted message stay in
// it until the parts of the index that have them are merged. first begins anew; more says that there is more to do.
func (x *SearchIndex) Merge(ctx context.Context, first bool) (more bool, err error) {
	pages := mergePages
	if first {
		pages = -mergePages // all parts of the index become one
	}
	err = x.use(func(a engine.Aside) error {
		return a.Apart(ctx, func(c engine.Conn) error {
			var before, after int64
			if err := c.Row(ctx, `SELECT total_changes()`).Scan(&before); err != nil {
				return err
			}
			if _, err := c.Exec(ctx, `INSERT INTO words (words, rank) VALUES ('merge', $1)`, pages); err != nil {
				return err
			}
			err := c.Row(ctx, `SELECT total_changes()`).Scan(&after)
			more = after-before >= 2
			return err
		})
	})
	return more, err
}

// Fold leaves nothing in the file's log. done is false where it is to be tried again.
func (x *SearchIndex) Fold(ctx context.Context) (done bool, err error) {
	err = x.use(func(a engine.Aside) error {
		if f, ok := a.(*engine.SideFile); ok {
			done, err = f.Fold(ctx)
		}
		return err
	})
	return done, err
}

// Damaged says of an error that what is in the index's file makes no sense.
func (x *SearchIndex) Damaged(err error) bool { return x.path != "" && engine.Damaged(err) }

// Embedded reports whether the index is in a file of its own.
func (x *SearchIndex) Embedded() bool { return x.path != "" }

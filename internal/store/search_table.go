package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// searchLevels are sizes of blocks of ids, as powers of two. A message has a key for the block of each size that it
// is in. So a search can be bounded to a block within the index itself: PostgreSQL would otherwise gather all
// messages that have a word, however many those are, to find the newest.
var searchLevels = []struct {
	bits int
	kind string
}{{12, "x"}, {16, "y"}, {20, "z"}}

// searchBlock is what is read of a block at most. Of the smallest it is all.
const searchBlock = 1 << 12

func blockKey(level int, id int64) string {
	l := searchLevels[level]
	return searchKey(l.kind, id>>l.bits)
}

// putInTable leaves out messages that have changed since they were read: there is an event of that. An erasure takes
// words away in its own transaction, and so they do not come back. Rows of messages that go take their words with them
// (a trigger): so it holds the rows, and leaves out those that are just being deleted. Rows of messages that were just
// sent it does not write to once more: no rule removes them, and an App's words go once more behind its rows.
func (x *SearchIndex) putInTable(ctx context.Context, c engine.Conn, ids []int64, ch SearchChange) error {
	docs, hold := ch.Docs, ""
	recently := x.store.nowMS() - hourMS
	if ch.Position > 0 || slices.ContainsFunc(docs, func(d SearchDoc) bool { return d.CreatedAt < recently }) {
		hold = "FOR KEY SHARE SKIP LOCKED"
	}
	if _, err := c.Exec(ctx, `DELETE FROM message_search WHERE message_id = ANY($1::bigint[])`, ids); err != nil {
		return err
	}
	if len(docs) == 0 {
		return nil
	}
	found, changed, words := make([]int64, len(docs)), make([]int64, len(docs)), make([]string, len(docs))
	for i := range docs {
		d := &docs[i]
		terms := searchKeys(d.App, d.Room, d.Sender)
		for level := range searchLevels {
			terms = append(terms, blockKey(level, int64(d.ID)))
		}
		found[i], changed[i], words[i] = int64(d.ID), d.UpdatedAt, strings.Join(append(terms, d.Terms...), " ")
	}
	_, err := c.Exec(ctx, `INSERT INTO message_search (message_id, app_id, words)
		SELECT m.id, m.app_id, array_to_tsvector(string_to_array(k.words, ' '))
		FROM unnest($1::bigint[], $2::bigint[], $3::text[]) k (id, changed, words)
		CROSS JOIN LATERAL (SELECT s.id, s.app_id FROM messages s
			WHERE s.id = k.id AND s.updated_at = k.changed AND s.deleted_at = 0
			OFFSET 0 `+hold+`) m`, found, changed, words)
	return err
}

// findInTable goes down from the newest, block by block: in small blocks where a word is frequent, and in larger
// ones where little is found.
func (x *SearchIndex) findInTable(
	ctx context.Context, c engine.Conn, q SearchQuery, low, high int64, limit int,
) (ids []chat.MessageID, next chat.MessageID, err error) {
	level := 0
	for began := time.Now(); time.Since(began) < searchTime; {
		bits := searchLevels[level].bits
		from := max(low, high>>bits<<bits)
		var found []chat.MessageID
		err := x.store.heavily(ctx, func() (err error) {
			found, err = findInBlock(ctx, c, q, blockKey(level, high))
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		if len(found) > searchBlock && level > 0 {
			level--
			continue
		}
		for _, id := range found {
			if int64(id) >= from && int64(id) <= high {
				if ids = append(ids, id); len(ids) == limit {
					return ids, id, nil
				}
			}
		}
		if high = from - 1; high < low {
			return ids, 0, nil
		}
		if len(found) < searchBlock/16 && level < len(searchLevels)-1 {
			level++
		}
	}
	return ids, chat.MessageID(high + 1), nil
}

// findInBlock lists what a block has, the highest id first; if that is more than searchBlock, then some of it.
func findInBlock(ctx context.Context, c engine.Conn, q SearchQuery, block string) (found []chat.MessageID, err error) {
	query := allOf(q, []string{block}, " & ", func(term string) string { return "'" + term + "'" })
	err = engine.Each(ctx, c, func(r engine.Row) error {
		var id chat.MessageID
		err := r.Scan((*int64)(&id))
		found = append(found, id)
		return err
	}, searchTableQuery, query, q.App, searchBlock+1)
	slices.SortFunc(found, func(a, b chat.MessageID) int { return int(min(max(b-a, -1), 1)) })
	return found, err
}

// searchTableQuery: by itself, the LIMIT might have the planner walk the table instead of asking the index.
const searchTableQuery = `WITH found AS MATERIALIZED (
		SELECT s.message_id FROM message_search s WHERE s.words @@ $1::tsquery AND s.app_id = $2)
	SELECT f.message_id FROM found f LIMIT $3`

// unindex takes a message's words out of the index with the change that takes them out of the message. On SQLite
// the index is another file: see service.Service.FollowSearch.
func (tx *Tx) unindex(ctx context.Context, id chat.MessageID) error {
	if tx.store.eng.SoleWriter() {
		return nil
	}
	_, err := tx.conn.Exec(ctx, `DELETE FROM message_search WHERE message_id = $1`, id)
	return err
}

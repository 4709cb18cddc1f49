package service

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/search"
	"parlor/internal/store"
)

// MessageSearch says which messages a backend searches for.
type MessageSearch struct {
	Text   string   // all of whose words they have
	Room   RoomName // "" for any
	By     UserName // who has sent them, nobody for everyone; deleted users have sent some, too
	From   int64    // Unix ms, of their creation; 0 for no bound
	Until  int64
	Sealed bool // their texts stay in the cipher
}

// searchCursor is a place in what one search finds.
type searchCursor struct {
	Query uint64         `json:"q"`
	ID    chat.MessageID `json:"i"` // of the message before it
}

// maxSearched bounds the messages that are looked at for one page.
const maxSearched = 1000

// SearchMessages lists up to limit messages of the App that people see, in rooms that are there, the newest first,
// from a cursor on, "" for the beginning. next is the cursor of the next page, "" behind the last. A page may hold
// few, or none, and not be the last.
//
// What the index finds is looked at in the store: it may be behind, and never decides what is shown.
func (b Backend) SearchMessages(
	ctx context.Context, s MessageSearch, cursor string, limit int,
) (list []chat.MessageView, next string, err error) {
	words := search.ParseQuery(s.Text)
	switch {
	case len(words) == 0:
		return nil, "", chat.Invalid("query", "must have a word")
	case len(words) > chat.MaxSearchTerms:
		return nil, "", chat.Invalid("query", "must have at most %d words", chat.MaxSearchTerms)
	}
	q := store.SearchQuery{App: b.app.ID, Terms: words, From: s.From, Until: s.Until}
	if s.Room != (RoomName{}) {
		room, err := b.fixedRoom(ctx, s.Room)
		if err != nil {
			return nil, "", err
		}
		q.Room = room.ID
	}
	if q.Sender, err = b.anybody(ctx, s.By); err != nil {
		return nil, "", err
	}
	var at searchCursor
	if !chat.DecodeCursor(cursor, &at) || cursor != "" && (at.ID <= 0 || at.Query != searchHash(&q)) {
		return nil, "", errCursor()
	}
	at.Query = searchHash(&q)
	if err := b.search.ready(ctx); err != nil {
		return nil, "", err
	}
	page := searchPage{core: b.core, query: q, words: words, limit: limit, sealed: s.Sealed}
	page.query.Below = at.ID
	if at.ID, err = page.fill(ctx); err != nil || at.ID == 0 {
		return page.views, "", err
	}
	return page.views, chat.EncodeCursor(at), nil
}

// searchHash tells searches from each other.
func searchHash(q *store.SearchQuery) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%q %d %d %d %d", q.Terms, q.Room, q.Sender, q.From, q.Until) // a hash's Write never fails
	return cmp.Or(h.Sum64(), 1)
}

// searchPage is a page of what a search finds, while it is made.
type searchPage struct {
	*core
	query  store.SearchQuery
	words  search.Query
	limit  int
	sealed bool

	views []chat.MessageView
	bytes int64
}

// fill fills the page; next is the last message that it has looked at, 0 where there are no more.
func (p *searchPage) fill(ctx context.Context) (next chat.MessageID, err error) {
	for looked := 0; looked < maxSearched; {
		want := p.limit - len(p.views)
		ids, next, err := p.search.index.Find(ctx, p.query, want)
		if err != nil {
			return 0, p.search.noticed(err)
		}
		full, err := p.take(ctx, ids)
		if err != nil {
			return 0, err
		}
		if full {
			return p.query.Below, nil
		}
		if next == 0 {
			return 0, nil
		}
		p.query.Below = next
		if len(ids) < want || len(p.views) == p.limit {
			return next, nil // a page is full, or the search has looked at as much as it may
		}
		looked += len(ids)
	}
	return p.query.Below, nil
}

// take shows those of some messages that are to be found. full says that the page holds no more bytes.
func (p *searchPage) take(ctx context.Context, ids []chat.MessageID) (full bool, err error) {
	sizes, err := p.store.MessageKeysByID(ctx, p.query.App, ids)
	if err != nil {
		return false, err
	}
	var keys []store.SizedKey
	for _, id := range ids {
		k, ok := sizes[id]
		if !ok {
			continue
		}
		if full = p.bytes > 0 && p.bytes+k.Size > store.PageBytes; full {
			break
		}
		p.bytes += max(k.Size, 1)
		keys, p.query.Below = append(keys, k), id
	}
	messages, err := p.store.MessagesByKey(ctx, p.query.App, keys)
	if err != nil {
		return full, err
	}
	var wanted []chat.Message
	for i := range messages {
		ok, err := p.wants(&messages[i])
		if err != nil {
			return full, err
		}
		if ok {
			wanted = append(wanted, messages[i])
		}
	}
	slices.SortFunc(wanted, func(a, b chat.Message) int { return cmp.Compare(b.ID, a.ID) })
	views, err := p.showMessages(ctx, p.query.App, wanted, p.sealed)
	p.views = append(p.views, slices.DeleteFunc(views, func(v chat.MessageView) bool { return v.Room.Deleted() })...)
	return full, err
}

// wants reports whether a message, as it is now, is one that is searched for.
func (p *searchPage) wants(m *chat.Message) (bool, error) {
	q := &p.query
	if m.Deleted() || m.Hidden || m.Type == chat.SystemMessage || q.Room != 0 && m.Room != q.Room ||
		q.Sender != 0 && m.Sender != q.Sender || m.CreatedAt < q.From || q.Until > 0 && m.CreatedAt > q.Until {
		return false, nil
	}
	text, err := plainBody(p.dialect, m.LocalID, m.Body)
	return err == nil && p.words.Matches(text), err
}

// plainBody opens a message's text. One that was not sealed with the message's own cipher has no words.
func plainBody(d Dialect, localID string, body chat.Sealed) (string, error) {
	key, err := d.Cipher(localID)
	if err != nil || body == "" {
		return "", err
	}
	plain, err := key.Open(body)
	if err != nil {
		return "", nil //nolint:nilerr // what a client has sealed wrongly is stored all the same
	}
	return plain, nil
}

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// searchFixture is a store with an index, and messages in rooms of two Apps.
type searchFixture struct {
	st    *Store
	x     *SearchIndex
	lease int64
	rooms []chat.Room
	users []chat.UserID
	docs  []SearchDoc
}

func newSearchFixture(t *testing.T, st *Store) *searchFixture {
	t.Helper()
	f := &searchFixture{st: st, x: openSearch(t, st)}
	var err error
	if f.lease, err = f.x.Lease(t.Context(), "test", -1, time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		app, err := st.CreateApp(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for i := range 2 {
				u, err := tx.PutUser(ctx, app.ID, chat.UserUpdate{XCID: fmt.Sprint("u", i), Fullname: "U"})
				if err != nil {
					return err
				}
				r, err := tx.CreateRoom(ctx, chat.Room{App: app.ID, XCID: fmt.Sprint("r", i), Type: chat.Group})
				if err != nil {
					return err
				}
				f.users, f.rooms = append(f.users, u.ID), append(f.rooms, r)
			}
			return nil
		})
	}
	return f
}

func openSearch(t *testing.T, st *Store) *SearchIndex {
	t.Helper()
	x := st.SearchIndex(filepath.Join(t.TempDir(), "search.db"))
	if _, err := x.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// say stores a message and indexes it under some terms. Its room decides whose it is.
func (f *searchFixture) say(t *testing.T, room, user int, terms ...string) SearchDoc {
	t.Helper()
	r := f.rooms[room]
	var m chat.Message
	mustWrite(t, f.st, func(ctx context.Context, tx *Tx) (err error) {
		m, err = tx.AppendMessage(ctx, NewMessage{Message: chat.Message{
			App: r.App, Room: r.ID, Sender: f.users[room/2*2+user], Type: chat.TextMessage, LocalID: fmt.Sprint("m", len(f.docs)),
		}})
		return err
	})
	d := SearchDoc{ID: m.ID, App: m.App, Room: m.Room, Sender: m.Sender, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Terms: terms}
	f.docs = append(f.docs, d)
	return d
}

func (f *searchFixture) apply(t *testing.T, ch SearchChange) {
	t.Helper()
	if err := f.x.Apply(t.Context(), f.lease, ch); err != nil {
		t.Fatal(err)
	}
}

// all is what a search finds, page by page.
func (f *searchFixture) all(t *testing.T, q SearchQuery, limit int) (ids []chat.MessageID) {
	t.Helper()
	for range 10_000 {
		page, next, err := f.x.Find(t.Context(), q, limit)
		if err != nil || len(page) > limit || next != 0 && q.Below != 0 && next >= q.Below {
			t.Fatalf("%+v: %d of %d, next %d, %v", q, len(page), limit, next, err)
		}
		if ids = append(ids, page...); next == 0 {
			return ids
		}
		q.Below = next
	}
	t.Fatal("the search has no end")
	return nil
}

// want is what a search is to find: no index, every message is looked at.
func (f *searchFixture) want(q SearchQuery) (ids []chat.MessageID) {
	for _, d := range slices.Backward(f.docs) {
		from, until := q.From/hourMS, q.Until/hourMS // by time it is as exact as that, or less
		if d.App != q.App || q.Room != 0 && d.Room != q.Room || q.Sender != 0 && d.Sender != q.Sender ||
			d.CreatedAt/hourMS < from || q.Until > 0 && d.CreatedAt/hourMS > until {
			continue
		}
		if !slices.ContainsFunc(q.Terms, func(term string) bool { return !slices.Contains(d.Terms, term) }) {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// TestSearchFindsWhatThereIs compares the index with looking at every message, on ids that are near to each other
// and far, with frequent words and rare ones, and changes in between.
func TestSearchFindsWhatThereIs(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		now := time.UnixMilli(1_700_000_000_000)
		o.Now = func() time.Time { return now }
		st, _ := openSpied(t, o, false)
		f := newSearchFixture(t, st)
		seed := rand.Uint64()
		rng := rand.New(rand.NewPCG(seed, 0))
		defer func() {
			if t.Failed() {
				t.Logf("seed %d", seed)
			}
		}()
		words := []string{"the", "of", "parcel", "straße", "手机", "😀", "rare", "ein", "हिन्दी"}
		for range 12 {
			var ch SearchChange
			for range 1 + rng.IntN(12) {
				var terms []string
				for i, w := range words {
					if rng.IntN(1+i) == 0 {
						terms = append(terms, w)
					}
				}
				ch.Docs = append(ch.Docs, f.say(t, rng.IntN(len(f.rooms)), rng.IntN(2), terms...))
			}
			for range rng.IntN(3) { // others are deleted, or edited
				i := rng.IntN(len(f.docs) - len(ch.Docs) + 1)
				if i >= len(f.docs)-len(ch.Docs) {
					continue
				}
				d := &f.docs[i]
				if d.Terms = nil; rng.IntN(2) == 0 {
					ch.Gone = append(ch.Gone, d.ID)
				} else if d.Terms = []string{"edited"}; !slices.ContainsFunc(ch.Docs, func(c SearchDoc) bool { return c.ID == d.ID }) &&
					!slices.Contains(ch.Gone, d.ID) {
					ch.Docs = append(ch.Docs, *d)
				} else {
					d.Terms = nil
					ch.Docs = slices.DeleteFunc(ch.Docs, func(c SearchDoc) bool { return c.ID == d.ID })
					ch.Gone = append(ch.Gone, d.ID)
				}
			}
			f.apply(t, ch)
			now = now.Add(time.Duration(rng.Int64N(int64(3 * time.Hour))))
			if o.DSN != "" { // as if there had been many others; on SQLite ids are far from each other anyway
				err := st.eng.Row(t.Context(), `SELECT setval(pg_get_serial_sequence('messages', 'id'),
					nextval(pg_get_serial_sequence('messages', 'id')) + $1)`, 1<<rng.IntN(23)).Scan(new(int64))
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		for range 60 {
			room := rng.IntN(len(f.rooms))
			q := SearchQuery{App: f.rooms[room].App}
			for range 1 + rng.IntN(2) {
				q.Terms = append(q.Terms, append(words, "edited", "unheard")[rng.IntN(len(words)+2)])
			}
			if rng.IntN(2) == 0 {
				q.Room = f.rooms[rng.IntN(len(f.rooms))].ID
			}
			if rng.IntN(3) == 0 {
				q.Sender = f.users[rng.IntN(len(f.users))]
			}
			if rng.IntN(3) == 0 {
				q.From = f.docs[rng.IntN(len(f.docs))].CreatedAt
			}
			if rng.IntN(3) == 0 {
				q.Until = f.docs[rng.IntN(len(f.docs))].CreatedAt
			}
			got, want := f.all(t, q, 1+rng.IntN(20)), f.want(q)
			if !slices.Equal(got, want) {
				t.Errorf("%+v finds %v, want %v", q, got, want)
			}
		}
	})
}

// TestSearchOfFrequentWords: a block with more of a word than is read of one at a time is taken apart.
func TestSearchOfFrequentWords(t *testing.T) {
	st, _ := openSpied(t, postgresOptions(t), false)
	f := newSearchFixture(t, st)
	f.say(t, 0, 0)
	first := f.docs[0].ID
	_, err := st.eng.Exec(t.Context(), `INSERT INTO message_search (message_id, app_id, words)
		SELECT i, $1, array_to_tsvector(string_to_array(concat_ws(' ', 'often', $2::text,
			$3 || 'x' || i / 4096, $3 || 'y' || i / 65536, $3 || 'z' || i / 1048576), ' '))
		FROM generate_series($4::bigint, $4 + 9999) i`, f.rooms[0].App, searchKey("a", int64(f.rooms[0].App)), keyMark, int64(first))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = st.eng.Exec(t.Context(), `INSERT INTO search_hours (hour, first, last) VALUES (1, $1, $2)`, first, first+9999); err != nil {
		t.Fatal(err)
	}
	got := f.all(t, SearchQuery{App: f.rooms[0].App, Terms: []string{"often"}}, 700)
	if len(got) != 10_000 || got[0] != first+9999 || !slices.IsSortedFunc(got, func(a, b chat.MessageID) int { return int(b - a) }) {
		t.Errorf("it finds %d, from %d on, want 10000 from %d on, in order", len(got), got[0], first+9999)
	}
}

// TestSearchUsesIndexes: a search goes through the index of words alone, in the order of ids where that is to be had.
func TestSearchUsesIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		o.Feed = true
		st, sp := openSpied(t, o, false)
		f := newSearchFixture(t, st)
		var ch SearchChange
		for i := range 200 {
			ch.Docs = append(ch.Docs, f.say(t, i%4, i%2, "word", fmt.Sprint("w", i)))
		}
		f.apply(t, ch)
		q := SearchQuery{App: f.rooms[0].App, Room: f.rooms[0].ID, Sender: f.users[0], Terms: []string{"word"}}
		if o.DSN == "" {
			for _, query := range []string{searchFileQuery, searchSweepQuery} {
				var plan []string
				err := engine.Each(t.Context(), f.x.file, func(r engine.Row) error {
					var id, parent, unused int64
					var line string
					err := r.Scan(&id, &parent, &unused, &line)
					plan = append(plan, line)
					return err
				}, "EXPLAIN QUERY PLAN "+query, `"word"`, 1, 2, 3)
				if err != nil {
					t.Fatal(err)
				}
				if text := strings.Join(plan, "\n"); len(plan) != 1 || !strings.Contains(text, "VIRTUAL TABLE INDEX") || !strings.Contains(text, "><") {
					t.Errorf("it does not walk the index between two ids, in their order:\n%s", text)
				}
			}
		} else {
			for _, query := range []string{
				"ANALYZE message_search", `UPDATE pg_class SET reltuples = reltuples * 1000
					WHERE relname IN ('message_search', 'message_search_words', 'message_search_pkey')`,
			} {
				if _, err := st.eng.Exec(t.Context(), query); err != nil {
					t.Fatal(err)
				}
			}
			words := allOf(q, []string{blockKey(1, int64(f.docs[0].ID))}, " & ", func(s string) string { return "'" + s + "'" })
			plan := planText(t, o, sp, statement{query: searchTableQuery, args: []any{words, q.App, 10}})
			if !strings.Contains(plan, "Bitmap Index Scan on message_search_words") || strings.Contains(plan, "Seq Scan") {
				t.Errorf("it does not go by the index of words:\n%s", plan)
			}
		}
		plans := plansOf(t, o, sp)
		d := f.docs[7]
		for name, read := range map[string]func() error{
			"messages of events": func() error {
				list, err := st.SearchSources(t.Context(), d.App, [][2]int64{{int64(d.Room), d.CreatedAt}})
				if err == nil && (len(list) != 1 || list[0].ID != d.ID || !list[0].Findable) {
					t.Errorf("found %+v", list)
				}
				return err
			},
			"all messages": func() error {
				_, err := st.SearchSourcesBehind(t.Context(), d.ID, 10)
				return err
			},
			"messages that there are": func() error {
				there, err := st.MessagesThere(t.Context(), d.App, []chat.MessageID{d.ID, d.ID + 1<<40, f.docs[0].ID})
				if err == nil && (len(there) != 1 || !there[d.ID]) { // the last is another App's
					t.Errorf("there are %v", there)
				}
				return err
			},
		} {
			sp.reset()
			if err := read(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, s := range sp.reset() {
				plans(t, s)
			}
		}
	})
}

// TestDeletedWordsLeaveTheFile: what was deleted is in the index's file until it is merged, and then nowhere in it.
func TestDeletedWordsLeaveTheFile(t *testing.T) {
	st, _ := openSpied(t, Options{Path: filepath.Join(t.TempDir(), "parlor.db")}, false)
	f := newSearchFixture(t, st)
	for part := range 6 {
		var ch SearchChange
		for i := range 50 {
			ch.Docs = append(ch.Docs, f.say(t, 0, 0, "kept", fmt.Sprintf("secret%dx%d", part, i)))
		}
		f.apply(t, ch)
	}
	inFile := func() (n int) {
		for _, suffix := range []string{"", "-wal"} {
			b, err := os.ReadFile(f.x.path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			n += bytes.Count(b, []byte("secret"))
		}
		return n
	}
	gone := SearchChange{}
	for i, d := range f.docs {
		if i%5 > 0 {
			gone.Gone = append(gone.Gone, d.ID)
		} else {
			d.Terms = []string{"kept"}
			gone.Docs = append(gone.Docs, d)
		}
	}
	f.apply(t, gone)
	if inFile() == 0 {
		t.Fatal("the words are not in the file as they are; this test shows nothing")
	}
	steps := 0
	for more := true; more; steps++ {
		var err error
		if more, err = f.x.Merge(t.Context(), steps == 0); err != nil || steps > 1000 {
			t.Fatalf("step %d: %v", steps, err)
		}
	}
	if done, err := f.x.Fold(t.Context()); !done || err != nil {
		t.Fatalf("the log is not empty: %v", err)
	}
	if n := inFile(); n > 0 {
		t.Errorf("%d deleted words are in the file after %d steps", n, steps)
	}
	if got := f.all(t, SearchQuery{App: f.rooms[0].App, Terms: []string{"kept"}}, 7); len(got) != len(gone.Docs) {
		t.Errorf("%d messages are found, want %d", len(got), len(gone.Docs))
	}
}

// TestDeletedRowsTakeTheirWords: a message that is deleted while it is put into the index, or behind that, is not in it.
func TestDeletedRowsTakeTheirWords(t *testing.T) {
	for name, followed := range map[string]bool{"while it is made": false, "long behind its events": true} {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			o := postgresOptions(t)
			o.Now = func() time.Time { return now }
			st, _ := openSpied(t, o, false)
			f := newSearchFixture(t, st)
			first, second, kept := f.say(t, 0, 0, "word"), f.say(t, 0, 0, "word"), f.say(t, 0, 0, "word")
			ch := SearchChange{Docs: []SearchDoc{first, second, kept}}
			if now = now.Add(2 * time.Hour); !followed {
				ch.Position = kept.ID
			}
			remove := func(ctx context.Context, tx *Tx, id chat.MessageID) error {
				_, err := tx.conn.Exec(ctx, `DELETE FROM messages WHERE id = $1`, id)
				return err
			}
			mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
				if err := remove(ctx, tx, first.ID); err != nil {
					return err
				}
				return f.x.Apply(ctx, f.lease, ch) // on a connection of its own
			})
			q := SearchQuery{App: first.App, Terms: []string{"word"}}
			if got := f.all(t, q, 10); !slices.Equal(got, []chat.MessageID{kept.ID, second.ID}) {
				t.Errorf("deleted meanwhile: %v are found", got)
			}
			mustWrite(t, st, func(ctx context.Context, tx *Tx) error { return remove(ctx, tx, second.ID) })
			if got := f.all(t, q, 10); !slices.Equal(got, []chat.MessageID{kept.ID}) {
				t.Errorf("deleted behind: %v are found", got)
			}
		})
	}
}

// TestOneWritesTheSearchIndex: whoever has lost the lease writes nothing any more.
func TestOneWritesTheSearchIndex(t *testing.T) {
	now := time.Now()
	o := postgresOptions(t)
	o.Now = func() time.Time { return now }
	st, _ := openSpied(t, o, false)
	f := newSearchFixture(t, st)
	d := f.say(t, 0, 0, "word")
	if _, err := f.x.Lease(t.Context(), "other", -1, time.Hour); !errors.Is(err, ErrSearchLeaseLost) {
		t.Fatalf("two have the lease: %v", err)
	}
	now = now.Add(2 * time.Hour)
	again, err := f.x.Lease(t.Context(), "test", f.lease, time.Hour)
	if err != nil || again != f.lease {
		t.Fatalf("a lease that nobody has taken is not renewed: %d, %v", again, err)
	}
	if err := f.x.GiveBack(t.Context(), f.lease); err != nil {
		t.Fatal(err)
	}
	other, err := f.x.Lease(t.Context(), "other", -1, time.Hour)
	if err != nil || other == f.lease {
		t.Fatalf("a lease that was given back is not taken: %d, %v", other, err)
	}
	if err := f.x.Apply(t.Context(), f.lease, SearchChange{Docs: []SearchDoc{d}}); !errors.Is(err, ErrSearchLeaseLost) {
		t.Errorf("who has lost the lease writes: %v", err)
	}
	if got := f.all(t, SearchQuery{App: d.App, Terms: []string{"word"}}, 10); len(got) != 0 {
		t.Errorf("found %v", got)
	}
	// What has changed since it was read is left out: its event comes later.
	d.UpdatedAt--
	if err := f.x.Apply(t.Context(), other, SearchChange{Docs: []SearchDoc{d}}); err != nil {
		t.Fatal(err)
	}
	if got := f.all(t, SearchQuery{App: d.App, Terms: []string{"word"}}, 10); len(got) != 0 {
		t.Errorf("an older state is found: %v", got)
	}
}

// TestDamagedSearchFile: an index that makes no sense is removed, and the next one is empty.
func TestDamagedSearchFile(t *testing.T) {
	st, _ := openSpied(t, Options{Path: filepath.Join(t.TempDir(), "parlor.db")}, false)
	path := filepath.Join(t.TempDir(), "search.db")
	for name, content := range map[string][]byte{
		"no database": bytes.Repeat([]byte("x"), 8192), "cut": []byte("SQLite format 3\x00"), "another database": nil,
	} {
		if content == nil { // the tables have the names, but not the columns
			other := st.SearchIndex(path)
			if _, err := other.Open(t.Context()); err != nil {
				t.Fatal(err)
			}
			err := other.file.Apart(t.Context(), func(c engine.Conn) error {
				_, err := c.Exec(t.Context(), `DROP TABLE words`)
				if err == nil {
					_, err = c.Exec(t.Context(), `CREATE TABLE words (x)`)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := other.Close(); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		x := st.SearchIndex(path)
		damage, err := x.Open(t.Context())
		if err != nil || damage == nil {
			t.Errorf("%s: damage %v, error %v", name, damage, err)
			continue
		}
		if s, err := x.State(t.Context()); err != nil || !s.Building() {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		if err := x.Remove(); err != nil {
			t.Error(err)
		}
	}
}

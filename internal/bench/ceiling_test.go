package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"parlor/test/env/pgtest"
	"parlor/test/env/servertest"
)

// The ceiling is honest only while it leaves the rows that the server leaves. A table
// that the server begins to write, such as one of deliveries to come, must show here.
func TestCeilingLeavesTheSameRows(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		cfg := servertest.SQLite(t)
		sameRows(t, servertest.Start(t, cfg, nil), database{folder: cfg.Data})
	})
	t.Run("postgres", func(t *testing.T) {
		cfg := servertest.Postgres(t)
		sameRows(t, servertest.Start(t, cfg, nil), database{dsn: cfg.Database})
	})
}

func sameRows(t *testing.T, s *servertest.Server, written database) {
	app := s.Default()
	must := func(path, body string, out any) { app.Must(t, path, json.RawMessage(body), out) }
	must("user/update", `{"xcUserID":"ann","fullName":"Ann"}`, nil)
	var old struct{ Room struct{ RoomID string } }
	must("room/create_or_update", `{"xcRoomID":"old","type":2,"name":"Old","participantXCUserIDs":["ann"]}`, &old)
	ann := app.SignIn(t, "ann", "phone").Connect(t)

	g := &rig{o: Options{Executable: Programs.Parlor}, dir: t.TempDir(), show: &progress{w: t.Output()}}
	t.Cleanup(func() {
		if err := g.close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if written.dsn != "" {
		dsn, err := pgtest.Shared(t).Database(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		g.o.Database = dsn
	}
	served := look(t, g, written)
	db, err := g.filled(t.Context(), "raw", func(ctx context.Context, f *filler) error {
		if err := f.users(ctx, "user", 1); err != nil {
			return err
		}
		return f.rooms(ctx, 1, func(int) filledRoom { return filledRoom{people: []string{g.xc("user", 0)}} })
	})
	if err != nil {
		t.Fatal(err)
	}
	raw := look(t, g, db)
	room, user := raw.id(t, rawRoomID, g.xc("room", 0)), raw.id(t, rawUserID, g.xc("user", 0))

	call := func(path, body string) func() { return func() { must(path, body, nil) } }
	for _, step := range []struct {
		name   string
		served func()
		raw    write
	}{
		{
			"a new room", call("room/create_or_update", `{"xcRoomID":"new","type":2,"name":"New"}`),
			raw.createRoom("new", "New", sealed(t, bodyCreatedRoom+"New")),
		},
		{
			"a new room with somebody in it", call("room/create_or_update",
				`{"xcRoomID":"full","type":2,"name":"Full","participantXCUserIDs":["ann"]}`),
			raw.createFullRoom("full", "Full", sealed(t, bodyCreatedRoom+"Full"), []int64{user}),
		},
		{
			"a new name", call("room/create_or_update", `{"xcRoomID":"old","type":2,"name":"Now"}`),
			raw.renameRoom(room, "Now", sealed(t, bodyUpdatedRoom)),
		},
		{
			"a message", call("message/send/custom", `{"messageType":1001,"body":"hi","senderXCUserID":"ann","xcRoomID":"old"}`),
			raw.sendMessage(room, user, sealed(t, "hi")),
		},
		{
			"a message over a socket", func() {
				want := ann.Send(t, old.Room.RoomID, "hi")
				ann.Next(t, "the echo", func(e servertest.Event) bool { return e.Message.LocalID == want })
			}, raw.sendMessage(room, user, sealed(t, "hi")),
		},
	} {
		before := [2]map[string]int64{served.counts(t), raw.counts(t)}
		step.served()
		raw.commit(t, step.raw)
		after := [2]map[string]int64{served.counts(t), raw.counts(t)}
		for table := range after[0] {
			if besideTheChange[table] {
				continue
			}
			if got, want := after[1][table]-before[1][table], after[0][table]-before[0][table]; got != want {
				t.Errorf("%s: the ceiling adds %d rows to %s, the server %d", step.name, got, table, want)
			}
		}
		if got, want := raw.newest(t), served.newest(t); got != want {
			t.Errorf("%s: the ceiling leaves %s, the server %s", step.name, got, want)
		}
	}
}

// besideTheChange are what a server writes down of a change in other tables: what it costs is its own.
// It writes most of them at a time of its own.
var besideTheChange = map[string]bool{
	"audit": true, "feed_events": true, "presence": true, "presence_nodes": true,
	"message_search": true, "search_hours": true, "search_places": true, "search_state": true,
}

func sealed(t *testing.T, plain string) string {
	t.Helper()
	text, err := sealedLike(plain)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// rawDatabase is a database to look into, and to write to as the ceiling does.
type rawDatabase struct{ *raw }

func look(t *testing.T, g *rig, db database) rawDatabase {
	t.Helper()
	r, err := g.openRaw(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return rawDatabase{r}
}

func (r rawDatabase) commit(t *testing.T, w write) {
	t.Helper()
	if err := r.do(t.Context(), w); err != nil {
		t.Fatal(err)
	}
}

func (r rawDatabase) id(t *testing.T, query, xc string) int64 {
	t.Helper()
	ids, err := r.ids(t.Context(), query, 1, func(int) string { return xc })
	if err != nil {
		t.Fatal(err)
	}
	return ids[0]
}

// counts is how many rows each table has.
func (r rawDatabase) counts(t *testing.T) map[string]int64 {
	t.Helper()
	list := `SELECT group_concat(name) FROM sqlite_master WHERE type = 'table'`
	if r.atOnce {
		list = `SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = current_schema()`
	}
	var names string
	r.commit(t, write{{query: list, dest: []any{&names}}})
	counts := map[string]int64{}
	for name := range strings.SplitSeq(names, ",") {
		var n int64
		r.commit(t, write{{query: "SELECT COUNT(*) FROM " + name, dest: []any{&n}}})
		counts[name] = n
	}
	return counts
}

// newest describes the newest message, its room, and who has written how many.
func (r rawDatabase) newest(t *testing.T) string {
	t.Helper()
	var kind, seq, localID, body, lastSeq, visible, joined, version, places, sent int64
	var action, xc, name, system string
	r.commit(t, write{{query: `SELECT m.type, m.seq, length(m.local_id), length(m.body), m.action,
			r.name, r.last_seq, r.visible_count, r.join_count, r.people_version, u.xc_user_id,
			(SELECT COALESCE(SUM(joined), 0) FROM participants p WHERE p.room_id = r.id AND p.is_explicit),
			CASE WHEN a.system_user_id = m.sender_id THEN 'the app' ELSE 'a user' END,
			(SELECT COALESCE(SUM(sent_count), 0) FROM participants)
		FROM messages m JOIN rooms r ON r.id = m.room_id JOIN users u ON u.id = m.sender_id JOIN apps a ON a.id = m.app_id
		ORDER BY m.id DESC LIMIT 1`, dest: []any{
		&kind, &seq, &localID, &body, &action, &name, &lastSeq, &visible, &joined, &version, &xc, &places, &system, &sent,
	}}})
	return fmt.Sprintf("message %d of type %d, %q, localID of %d, body of %d, by %s; room %q at %d, %d visible, "+
		"%d joined in places %d, version %d; %d own",
		seq, kind, action, localID, body, system, name, lastSeq, visible, joined, places, version, sent)
}

func TestFilesystem(t *testing.T) {
	dir := t.TempDir()
	if got := filesystem(dir); got == "" {
		t.Skip("this system does not tell")
	}
	if got, want := filesystem(filepath.Join(dir, "absent")), ""; got != want {
		t.Errorf("of a folder that is not there: %q", got)
	}
}

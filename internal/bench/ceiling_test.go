package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/test/env/pgtest"
	"parlor/test/env/servertest"
)

// The ceiling is honest only while it leaves the rows that the server leaves. A table
// that the server begins to write, such as one of deliveries to come, must show here.
func TestCeilingLeavesTheSameRows(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { sameRows(t, servertest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { sameRows(t, servertest.Postgres(t)) })
}

func sameRows(t *testing.T, cfg config.Config) {
	s := servertest.Start(t, cfg, nil)
	s.OK(t, "user/update", `{"xcUserID":"ann","fullName":"Ann"}`, nil)
	var old struct{ Room struct{ RoomID string } }
	s.OK(t, "room/create_or_update", `{"xcRoomID":"old","type":2,"name":"Old","participantXCUserIDs":["ann"]}`, &old)
	ann := s.Default().SignIn(t, "ann", "phone").Connect(t)
	served := openRaw(t, database{folder: cfg.Data, dsn: cfg.Database})

	g := &rig{dir: t.TempDir(), show: &progress{w: t.Output()}}
	if cfg.Database != "" {
		dsn, err := pgtest.Shared(t).Database(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		g.o.Database = dsn
		t.Cleanup(func() { _ = g.dropSchemas(context.WithoutCancel(t.Context())) })
	}
	var rooms []chat.RoomID
	var users []chat.UserID
	db, err := g.filled(t.Context(), "raw", func(ctx context.Context, f *filler) (err error) {
		if users, err = f.users(ctx, "user", 1); err != nil {
			return err
		}
		rooms, err = f.rooms(ctx, 1, func(int) filledRoom { return filledRoom{people: users} })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	raw := openRaw(t, db)
	// The room that the server works on has its first message already.
	raw.do(t, notice(db.app, rooms[0], chat.ActionCreateRoom, "").insert(db.dsn != ""))

	call := func(path, body string) func() { return func() { s.OK(t, path, body, nil) } }
	for _, step := range []struct {
		name   string
		served func()
		raw    write
	}{
		{"a new room", call("room/create_or_update", `{"xcRoomID":"new","type":2,"name":"New"}`), db.createRoom("new", "New", "x")},
		{"a new name", call("room/create_or_update", `{"xcRoomID":"old","type":2,"name":"Now"}`), db.renameRoom(rooms[0], "Now", "x")},
		{"a message", call("message/send/custom", `{"messageType":1001,"body":"hi","senderXCUserID":"ann","xcRoomID":"old"}`), db.sendMessage(rooms[0], users[0], "x")},
		{"a message over a socket", func() {
			want := ann.Send(t, old.Room.RoomID, "hi")
			ann.Next(t, "the echo", func(e servertest.Event) bool { return e.Message.LocalID == want })
		}, db.sendMessage(rooms[0], users[0], "x")},
	} {
		before := [2]map[string]int64{served.counts(t), raw.counts(t)}
		step.served()
		raw.do(t, step.raw)
		after := [2]map[string]int64{served.counts(t), raw.counts(t)}
		for table := range after[0] {
			if got, want := after[1][table]-before[1][table], after[0][table]-before[0][table]; got != want {
				t.Errorf("%s: the ceiling adds %d rows to %s, the server %d", step.name, got, table, want)
			}
		}
		if got, want := raw.newest(t), served.newest(t); got != want {
			t.Errorf("%s: the ceiling leaves %s, the server %s", step.name, got, want)
		}
	}
}

// rawDatabase is a connection to look into a database with, and to write to it as the
// ceiling does.
type rawDatabase struct {
	lane lane
	dsn  string
}

func openRaw(t *testing.T, db database) rawDatabase {
	t.Helper()
	lanes, closeLanes, _, err := openLanes(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = closeLanes() })
	return rawDatabase{lanes[0], db.dsn}
}

func (r rawDatabase) do(t *testing.T, w write) {
	t.Helper()
	if err := r.lane.commit(t.Context(), []write{w}); err != nil {
		t.Fatal(err)
	}
}

// counts is how many rows each table has.
func (r rawDatabase) counts(t *testing.T) map[string]int64 {
	t.Helper()
	list := `SELECT group_concat(name) FROM sqlite_master WHERE type = 'table'`
	if r.dsn != "" {
		list = `SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = current_schema()`
	}
	var names string
	r.do(t, write{{query: list, dest: []any{&names}}})
	counts := map[string]int64{}
	for name := range strings.SplitSeq(names, ",") {
		var n int64
		r.do(t, write{{query: "SELECT COUNT(*) FROM " + name, dest: []any{&n}}})
		counts[name] = n
	}
	return counts
}

// newest describes the newest message, its room, and who has written how many.
func (r rawDatabase) newest(t *testing.T) string {
	t.Helper()
	var kind, seq, localID, lastSeq, visible, sent int64
	var action, xc, name, system string
	r.do(t, write{{query: `SELECT m.type, m.seq, length(m.local_id), m.action, r.name, r.last_seq, r.visible_count,
			u.xc_user_id, CASE WHEN a.system_user_id = m.sender_id THEN 'the app' ELSE 'a user' END,
			(SELECT COALESCE(SUM(sent_count), 0) FROM participants)
		FROM messages m JOIN rooms r ON r.id = m.room_id JOIN users u ON u.id = m.sender_id JOIN apps a ON a.id = m.app_id
		ORDER BY m.id DESC LIMIT 1`, dest: []any{&kind, &seq, &localID, &action, &name, &lastSeq, &visible, &xc, &system, &sent}}})
	return fmt.Sprintf("message %d of type %d, %q, localID of %d, by %s; room %q at %d, %d visible; %d own",
		seq, kind, action, localID, system, name, lastSeq, visible, sent)
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

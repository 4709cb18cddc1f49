package store

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"parlor/internal/chat"
)

// TestHotPathsUseIndexes asks the database how it would run every statement of the hot
// paths, as the store really sends it. None may walk a table that grows with the
// installation, nor all of an App's rows in one.
func TestHotPathsUseIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		plans := plansOf(t, o, sp)
		for _, path := range w.paths(st) {
			t.Run(path.name, func(t *testing.T) {
				sp.reset()
				if err := path.run(t.Context()); err != nil {
					t.Fatal(err)
				}
				seen := 0
				for _, s := range sp.reset() {
					if !strings.Contains(s.query, "SAVEPOINT") {
						plans(t, s)
						seen++
					}
				}
				if seen == 0 {
					t.Error("it ran no statement, so nothing was looked at")
				}
			})
		}
	})
}

// planWorld is enough data for planners to prefer indexes where they can.
type planWorld struct {
	app     chat.App
	viewer  *chat.User
	users   []chat.UserID
	rooms   []chat.Room
	pair    chat.Room
	localID string
	keyID   string
}

func fillForPlans(t *testing.T, st *Store) *planWorld {
	t.Helper()
	const users, rooms, perRoom, parts = 1000, 400, 4, 4
	w := &planWorld{app: mustApp(t, st), keyID: "key7"}
	for part := range parts { // no commit may take too long
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for i := part * users / parts; i < (part+1)*users/parts; i++ {
				role := fmt.Sprint("role", i%500)
				u, err := tx.PutUser(ctx, w.app.ID, chat.UserUpdate{XCID: fmt.Sprint("u", i), Fullname: "U", RoleCode: &role})
				if err != nil {
					return err
				}
				w.users = append(w.users, u.ID)
			}
			return nil
		})
	}
	for part := range parts {
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for i := part * rooms / parts; i < (part+1)*rooms/parts; i++ {
				r, err := tx.CreateRoom(ctx, chat.Room{App: w.app.ID, XCID: fmt.Sprint("r", i), Type: chat.Group})
				if err != nil {
					return err
				}
				w.rooms = append(w.rooms, r)
				if _, err := tx.SetRoomRoles(ctx, r, []string{fmt.Sprint("role", i%500), fmt.Sprint("other", i)}); err != nil {
					return err
				}
				var people []chat.UserID
				for n := range perRoom {
					people = append(people, w.users[(i*7+n*301)%users])
				}
				if _, err := tx.AddParticipants(ctx, r.ID, people); err != nil {
					return err
				}
				for n := range perRoom {
					w.localID = fmt.Sprintf("local %d %d", i, n)
					m := chat.Message{App: w.app.ID, Room: r.ID, Sender: people[0], Type: chat.TextMessage, LocalID: w.localID}
					if _, err := tx.AppendMessage(ctx, m); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
		var add []Contact
		for i := range w.users[1:] {
			add = append(add, Contact{w.users[i], w.users[i+1]})
		}
		if _, _, err := tx.SyncContacts(ctx, add, nil); err != nil {
			return err
		}
		var err error
		w.pair, err = tx.PersonalRoom(ctx, w.app.ID, chat.NewPair(w.users[0], w.users[1]))
		return err
	})
	for i := range 20 {
		k := chat.Key{ID: fmt.Sprint("key", i), App: w.app.ID, Kind: chat.ServerKey, Salt: []byte("s"), Hash: []byte("h")}
		if err := st.CreateKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	viewer, err := st.User(t.Context(), w.app.ID, w.users[7])
	if err != nil {
		t.Fatal(err)
	}
	w.viewer = viewer
	return w
}

type hotPath struct {
	name string
	run  func(context.Context) error
}

func (w *planWorld) paths(st *Store) []hotPath {
	app, room := w.app.ID, w.rooms[7]
	page := chat.Page{Limit: 50}
	small := chat.Page{Limit: 1, Offset: 1}
	inTx := func(fn func(context.Context, *Tx) error) func(context.Context) error {
		return func(ctx context.Context) error { return st.Write(ctx, 0, fn) }
	}
	return []hotPath{
		{"key by id", func(ctx context.Context) error { _, err := st.Key(ctx, w.keyID); return err }},
		{"app by id", func(ctx context.Context) error { _, err := st.AppByID(ctx, app); return err }},
		{"user by xc id", func(ctx context.Context) error { _, err := st.UserID(ctx, app, "u3"); return err }},
		{"users by xc ids", func(ctx context.Context) error {
			_, err := st.UserIDs(ctx, app, []string{"u3", "u4", "u5", "none"})
			return err
		}},
		{"users by ids", func(ctx context.Context) error { _, err := st.Users(ctx, app, w.users[:20]); return err }},
		{"room by xc id", func(ctx context.Context) error { _, err := st.Room(ctx, app, room.XCID); return err }},
		{"room by its own id", func(ctx context.Context) error {
			_, err := st.RoomByRef(ctx, app, chat.RoomRef{ID: room.ID, Type: room.Type})
			return err
		}},
		{"personal room", func(ctx context.Context) error {
			_, err := st.RoomByRef(ctx, app, chat.RoomRef{Type: chat.Personal, Pair: w.pair.Pair})
			return err
		}},
		{"participants", func(ctx context.Context) error { _, err := st.Participants(ctx, room, page); return err }},
		{"a page of participants", func(ctx context.Context) error { _, err := st.Participants(ctx, room, small); return err }},
		{"room list", func(ctx context.Context) error { _, _, err := st.RoomList(ctx, w.viewer, nil, page); return err }},
		{"room list with a filter", func(ctx context.Context) error {
			_, _, err := st.RoomList(ctx, w.viewer, []string{"r1", room.XCID, "none"}, page)
			return err
		}},
		{"roles", func(ctx context.Context) error { _, err := st.Roles(ctx, app, "a", 100); return err }},
		{"put a user", inTx(func(ctx context.Context, tx *Tx) error {
			name, role := "someone", "role3"
			_, err := tx.PutUser(ctx, app, chat.UserUpdate{XCID: "u3", Fullname: "U", Username: &name, RoleCode: &role})
			return err
		})},
		{"put a role", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.PutRole(ctx, app, chat.RoleUpdate{Code: "role3"})
			return err
		})},
		{"a message by its localID", inTx(func(ctx context.Context, tx *Tx) error {
			_, found, err := tx.MessageByLocalID(ctx, app, w.localID)
			if err == nil && !found {
				err = fmt.Errorf("there is no message %q", w.localID)
			}
			return err
		})},
		{"append a message", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.AppendMessage(ctx, chat.Message{App: app, Room: room.ID, Sender: w.users[9], LocalID: "new"})
			return err
		})},
		{"open a room", inTx(func(ctx context.Context, tx *Tx) error {
			if _, _, err := tx.RoomForUpdate(ctx, app, "new"); err != nil {
				return err
			}
			r, err := tx.CreateRoom(ctx, chat.Room{App: app, XCID: "new", Type: chat.Group})
			if err != nil {
				return err
			}
			if _, err := tx.SetRoomRoles(ctx, r, []string{"role3"}); err != nil {
				return err
			}
			_, err = tx.AddParticipants(ctx, r.ID, w.users[:3])
			return err
		})},
		{"change a room", inTx(func(ctx context.Context, tx *Tx) error {
			r, err := tx.LiveRoomForUpdate(ctx, app, room.XCID)
			if err != nil {
				return err
			}
			if _, err := tx.UpdateRoom(ctx, r); err != nil {
				return err
			}
			_, err = tx.SetRoomRoles(ctx, r, []string{"role3"})
			return err
		})},
		{"write to somebody", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.PersonalRoom(ctx, app, chat.NewPair(w.users[0], w.users[2]))
			return err
		})},
		{"change participants", inTx(func(ctx context.Context, tx *Tx) error {
			if _, err := tx.AddParticipants(ctx, room.ID, w.users[:5]); err != nil {
				return err
			}
			if _, err := tx.InByRole(ctx, room.ID, w.users[:5]); err != nil {
				return err
			}
			if _, err := tx.RemoveParticipants(ctx, room.ID, w.users[:5]); err != nil {
				return err
			}
			return tx.RemoveAllParticipants(ctx, room.ID)
		})},
		{"sync contacts", inTx(func(ctx context.Context, tx *Tx) error {
			_, _, err := tx.SyncContacts(ctx, []Contact{{w.users[0], w.users[9]}}, []Contact{{w.users[1], w.users[2]}})
			return err
		})},
	}
}

// growing are the tables that nothing on a hot path may walk.
func growing() []string {
	return []string{"users", "rooms", "participants", "messages", "room_roles", "contacts"}
}

// plansOf returns what looks at the plan of one statement on o's engine.
func plansOf(t *testing.T, o Options, sp *spy) func(*testing.T, statement) {
	t.Helper()
	if o.DSN == "" {
		pages := growingPages(t, sp.engine)
		return func(t *testing.T, s statement) { sqlitePlan(t, sp.engine, pages, s) }
	}
	db, err := pgx.Connect(t.Context(), o.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	// With the few rows of a test, reading a whole table can be the best there is. So the
	// planner is told of a thousand times as many. What is found by one value must be
	// rare enough for ANALYZE to expect as little of it then.
	if _, err := db.Exec(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(t.Context(), `UPDATE pg_class SET reltuples = reltuples * 1000
		WHERE relname = ANY($1) OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid::regclass::text = ANY($1))`, growing())
	if err != nil {
		t.Fatal(err)
	}
	first := firstColumns(t, db)
	return func(t *testing.T, s statement) { postgresPlan(t, db, first, s) }
}

// firstColumns finds by which column each index of a growing table is sorted.
func firstColumns(t *testing.T, db *pgx.Conn) map[string]string {
	t.Helper()
	columns := map[string]string{}
	rs, err := db.Query(t.Context(), `SELECT indexrelid::regclass::text, attname::text FROM pg_index
		JOIN pg_attribute ON attrelid = indexrelid AND attnum = 1 WHERE indrelid::regclass::text = ANY($1)`, growing())
	if err != nil {
		t.Fatal(err)
	}
	var index, column string
	_, err = pgx.ForEachRow(rs, []any{&index, &column}, func() error {
		columns[index] = column
		return nil
	})
	if err != nil || len(columns) < 2*len(growing())-1 {
		t.Fatalf("indexes: %v, %v", columns, err)
	}
	return columns
}

// growingPages finds the growing tables and their indexes by the page where each begins.
func growingPages(t *testing.T, eng engine) map[int64]string {
	t.Helper()
	pages := map[int64]string{}
	err := each(t.Context(), eng, func(r scanner) error {
		var page int64
		var table, name string
		err := r.Scan(&page, &table, &name)
		if slices.Contains(growing(), table) {
			pages[page] = name
		}
		return err
	}, "SELECT rootpage, tbl_name, name FROM sqlite_schema WHERE rootpage > 0")
	if err != nil || len(pages) < 2*len(growing())-1 {
		t.Fatalf("tables and indexes: %v, %v", pages, err)
	}
	return pages
}

// sqlitePlan looks at the program that SQLite makes of a statement: one that rewinds to
// the begin of a table or index walks it. The plan in words shows who searches by
// nothing but the App.
func sqlitePlan(t *testing.T, eng engine, pages map[int64]string, s statement) {
	t.Helper()
	open := map[int64]string{} // cursor -> table or index
	err := each(t.Context(), eng, func(r scanner) error {
		var addr, p1, p2, p3, p5 int64
		var opcode string
		var p4, comment any
		if err := r.Scan(&addr, &opcode, &p1, &p2, &p3, &p4, &p5, &comment); err != nil {
			return err
		}
		switch opcode {
		case "OpenRead", "OpenWrite", "ReopenIdx":
			open[p1] = pages[p2]
		case "Rewind", "Last":
			if open[p1] != "" {
				t.Errorf("%s\nwalks all of %s", s.query, open[p1])
			}
		}
		return nil
	}, "EXPLAIN "+s.query, s.args...)
	if err != nil {
		t.Errorf("%s\n%v", s.query, err)
	}
	err = each(t.Context(), eng, func(r scanner) error {
		var id, parent, unused int64
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		if strings.HasSuffix(detail, " (app_id=?)") && !strings.Contains(s.query, "FROM roles WHERE app_id") {
			t.Errorf("%s\nwalks all of an App's rows: %s", s.query, detail)
		}
		return err
	}, "EXPLAIN QUERY PLAN "+s.query, s.args...)
	if err != nil {
		t.Errorf("%s\n%v", s.query, err)
	}
}

// pgNode is a step of a PostgreSQL plan.
type pgNode struct {
	Type      string   `json:"Node Type"`
	Table     string   `json:"Relation Name"`
	Index     string   `json:"Index Name"`
	IndexCond string   `json:"Index Cond"`
	Plans     []pgNode `json:"Plans"`
}

// postgresPlan looks at the plan for these very arguments and at the generic one, which
// the server turns to when a statement comes often.
func postgresPlan(t *testing.T, db *pgx.Conn, first map[string]string, s statement) {
	t.Helper()
	var plan []byte
	if err := db.QueryRow(t.Context(), "EXPLAIN (FORMAT JSON) "+s.query, s.args...).Scan(&plan); err != nil {
		t.Errorf("%s\n%v", s.query, err)
		return
	}
	checkPlan(t, s.query, first, plan)

	nulls := strings.TrimSuffix(strings.Repeat("NULL, ", len(s.args)), ", ")
	if nulls != "" {
		nulls = "(" + nulls + ")"
	}
	for _, q := range []string{"SET plan_cache_mode = force_generic_plan", "PREPARE looked_at AS " + s.query} {
		if _, err := db.Exec(t.Context(), q, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Errorf("%s\n%v", q, err)
			return
		}
	}
	if err := db.QueryRow(t.Context(), "EXPLAIN (FORMAT JSON) EXECUTE looked_at"+nulls, pgx.QueryExecModeSimpleProtocol).Scan(&plan); err != nil {
		t.Errorf("%s\n%v", s.query, err)
	} else {
		checkPlan(t, s.query+" (generic)", first, plan)
	}
	if _, err := db.Exec(t.Context(), "DEALLOCATE looked_at; RESET plan_cache_mode", pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Error(err)
	}
}

// wholeApp is an index condition that leaves every row of an App.
var wholeApp = regexp.MustCompile(`^\(app_id = [^() ]+\)$`)

func checkPlan(t *testing.T, query string, first map[string]string, plan []byte) {
	t.Helper()
	var roots []struct{ Plan pgNode }
	if err := json.Unmarshal(plan, &roots); err != nil {
		t.Fatal(err)
	}
	var walk func(n pgNode)
	walk = func(n pgNode) {
		sorted, ofGrowing := first[n.Index]
		switch {
		case n.Type == "Seq Scan" && slices.Contains(growing(), n.Table),
			// Searching by a later column alone reads the index from end to end.
			ofGrowing && !strings.Contains(n.IndexCond, sorted),
			ofGrowing && wholeApp.MatchString(n.IndexCond):
			t.Errorf("%s\nwalks %s %s: %s %s", query, n.Table, n.Index, n.Type, n.IndexCond)
		}
		for _, child := range n.Plans {
			walk(child)
		}
	}
	for _, r := range roots {
		walk(r.Plan)
	}
}

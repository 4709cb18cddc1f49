package store

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"parlor/internal/store/engine"
)

// growing are the tables that nothing on a hot path may walk.
func growing() []string {
	return []string{
		"users", "rooms", "participants", "messages", "room_roles", "contacts", "local_ids", "jobs", "scheduled_messages",
		"keyed_calls", "audit", "room_tags", "user_words",
	}
}

// plansOf returns what looks at the plan of one statement on o's engine.
func plansOf(t *testing.T, o Options, sp *spy) func(*testing.T, statement) {
	t.Helper()
	if o.DSN == "" {
		pages := growingPages(t, sp.Engine)
		return func(t *testing.T, s statement) { sqlitePlan(t, sp.Engine, pages, s) }
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
		WHERE relname = ANY($1) OR oid IN (SELECT indexrelid
			FROM pg_index WHERE indrelid::regclass::text = ANY($1))`, growing())
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
	rs, err := db.Query(t.Context(), `SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid, 1, true) FROM pg_index
		WHERE indrelid::regclass::text = ANY($1)`, growing())
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
func growingPages(t *testing.T, eng engine.Engine) map[int64]string {
	t.Helper()
	pages := map[int64]string{}
	err := engine.Each(t.Context(), eng, func(r engine.Row) error {
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
func sqlitePlan(t *testing.T, eng engine.Engine, pages map[int64]string, s statement) {
	t.Helper()
	open := map[int64]string{} // cursor -> table or index
	err := engine.Each(t.Context(), eng, func(r engine.Row) error {
		var addr, p1, p2, p3, p5 int64
		var opcode string
		var p4, comment any
		if err := r.Scan(&addr, &opcode, &p1, &p2, &p3, &p4, &p5, &comment); err != nil {
			return err
		}
		switch opcode {
		case "OpenRead", "OpenWrite", "ReopenIdx":
			open[p1] = pages[p2]
		case "OpenEphemeral": // a trigger's program numbers its cursors anew
			delete(open, p1)
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
	err = engine.Each(t.Context(), eng, func(r engine.Row) error {
		var id, parent, unused int64
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		few := strings.Contains(s.query, "FROM roles WHERE app_id") || // of which an App has few, as of rules of retention
			strings.HasPrefix(detail, "SEARCH q USING PRIMARY KEY") || strings.HasPrefix(detail, "SEARCH retention_rules USING PRIMARY KEY")
		if strings.HasSuffix(detail, " (app_id=?)") && !few {
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
	if err := db.QueryRow(t.Context(), "EXPLAIN (FORMAT JSON) EXECUTE looked_at"+nulls,
		pgx.QueryExecModeSimpleProtocol).Scan(&plan); err != nil {
		t.Errorf("%s\n%v", s.query, err)
	} else {
		checkPlan(t, s.query+" (generic)", first, plan)
	}
	if _, err := db.Exec(t.Context(), "DEALLOCATE looked_at; RESET plan_cache_mode",
		pgx.QueryExecModeSimpleProtocol); err != nil {
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

// look runs a path and looks at the plan of each of its statements.
func (path hotPath) look(t *testing.T, sp *spy, plans func(*testing.T, statement)) {
	t.Helper()
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
}

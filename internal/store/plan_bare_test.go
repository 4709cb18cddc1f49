package store

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"parlor/internal/chat"
)

// TestLookupsWithoutStatistics: what is looked up for nearly every call is found by its index
// even where the planner knows nothing, as in a database that was filled a moment ago.
func TestLookupsWithoutStatistics(t *testing.T) {
	o := postgresOptions(t)
	st, sp := openSpied(t, o, true)
	db, err := pgx.Connect(t.Context(), o.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	// So that none come while the test runs.
	for _, table := range growing() {
		if _, err := db.Exec(t.Context(), "ALTER TABLE "+table+" SET (autovacuum_enabled = off)"); err != nil {
			t.Fatal(err)
		}
	}
	w := fillForPlans(t, st)
	first := firstColumns(t, db)
	sp.reset()

	by, err := st.AuthorOf(t.Context(), w.app.ID, "u3", true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.UserIDs(t.Context(), w.app.ID, []string{"u3", "u4"}); err != nil {
		t.Fatal(err)
	}
	if _, err := st.UsersByXCID(t.Context(), w.app.ID, []string{"u3", "u4"}); err != nil {
		t.Fatal(err)
	}
	if _, err := st.roomIDs(t.Context(), w.app.ID, []string{"r3", "none"}); err != nil {
		t.Fatal(err)
	}
	m := chat.Message{App: w.app.ID, Room: w.rooms[3].ID, Sender: by.User, LocalID: "in a name"}
	if _, err := st.AppendMessages(t.Context(), by, 0, []NewMessage{{Message: m}}); err != nil {
		t.Fatal(err)
	}
	list := sp.reset()
	if len(list) < 6 {
		t.Fatalf("%d statements; want to look at each lookup", len(list))
	}
	for _, s := range list {
		postgresPlan(t, db, first, s)
	}
}

package service_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// ofNoApp are tables whose rows belong to no App, or stay for a while on purpose.
var ofNoApp = []string{
	"heartbeat", "change_counter", "installation", "nodes", "presence_nodes", "announcements", "local_id_generations",
	"local_ids", "local_id_filters", "older_local_ids", "schema_migrations", "audit_kept", "app_deletions",
}

// tables are those of a database in which rows of Apps are, with a query of a row's text each.
func tables(t *testing.T, o store.Options) map[string]string {
	t.Helper()
	names := `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	if o.DSN == "" {
		names = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	}
	found := map[string]string{}
	for _, name := range storetest.Query(t, o, names) {
		if slices.Contains(ofNoApp, name) || name == "search_state" || name == "search_hours" {
			continue
		}
		row := "x::text"
		if o.DSN == "" {
			row = storetest.Query(t, o, `SELECT group_concat('quote(' || name || ')', ' || '','' || ') FROM pragma_table_info('`+name+`')`)[0]
		}
		found[name] = "SELECT " + row + " FROM " + name + " x ORDER BY 1"
	}
	return found
}

// contents are the rows of all tables of Apps.
func contents(t *testing.T, o store.Options) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for name, query := range tables(t, o) {
		all[name] = storetest.Query(t, o, query)
	}
	return all
}

// tenant is an App that has a row in every table.
type tenant struct {
	app         chat.App
	ana         service.Member
	room        string
	file        chat.File
	key, appKey string // their ids
}

// newTenant makes one: what most refers to by calls, and a row of each other table as it is.
func (s *sweeping) newTenant(t *testing.T, o store.Options, name string) tenant {
	t.Helper()
	app, err := s.CreateApp(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	w := tenant{app: app, ana: signIn(t, s.Service, app, "ana")}
	bo := signIn(t, s.Service, app, "bo")
	group, err := w.ana.CreateGroup(t.Context(), "group", []chat.UserID{bo.User})
	if err != nil {
		t.Fatal(err)
	}
	w.room = group.Room.PublicID()
	was := s.ana
	s.ana = w.ana
	f := s.upload(t, "content of "+name)
	s.ana, w.file = was, f
	m, _, err := w.ana.Send(t.Context(), service.Draft{
		RoomID: w.room, LocalID: powertalk.Dialect{}.NewLocalID(), Type: chat.FileMessage, Data: chat.Sealed(`{"fileID":"` + string(f.ID) + `"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	url := "https://example.com/"
	hook, err := s.Backend(app).CreateWebhook(t.Context(), service.WebhookUpdate{URL: &url})
	if err != nil {
		t.Fatal(err)
	}
	for kind, id := range map[chat.KeyKind]*string{chat.ServerKey: &w.key, chat.AppKey: &w.appKey} {
		if *id, _, err = s.CreateKey(t.Context(), app, chat.Key{Kind: kind}); err != nil {
			t.Fatal(err)
		}
	}
	values := map[string]string{
		"app_id": fmt.Sprint(app.ID), "contact_id": fmt.Sprint(bo.User), "blocked_id": fmt.Sprint(bo.User),
		"room_id": fmt.Sprint(group.Room.ID), "message_id": fmt.Sprint(m.ID), "file_id": "'" + string(f.ID) + "'",
		"webhook_id": fmt.Sprint(hook.ID), "login_id": fmt.Sprint(w.ana.Login.ID), "tokens.kind": "'access'", "push_targets.kind": "'fcm'",
		"user_tasks.kind": "'account'", "jobs.kind": "'none'",
		"auth_tickets.expires_at": fmt.Sprint(1 << 50), "feed_events.id": "7",
	}
	for _, user := range []string{"user_id", "owner_id", "reporter_id", "sender_id"} {
		values[user] = fmt.Sprint(w.ana.User)
	}
	for table := range tables(t, o) {
		if !slices.Contains([]string{"apps", "users", "rooms", "messages", "webhooks", "logins", "keys", "files", "file_usage"}, table) {
			storetest.Exec(t, o, rowOf(t, o, table, name, values))
		}
	}
	return w
}

// rowOf is a statement that adds a row to a table, with these values of columns and others that are the name.
func rowOf(t *testing.T, o store.Options, table, name string, values map[string]string) string {
	t.Helper()
	query := `SELECT column_name || ' ' || data_type FROM information_schema.columns WHERE table_name = '` + table + `'`
	if o.DSN == "" {
		query = `SELECT name || ' ' || lower(type) FROM pragma_table_info('` + table + `')`
	}
	var columns, row []string
	for _, line := range storetest.Query(t, o, query) {
		column, kind, _ := strings.Cut(line, " ")
		value := map[string]string{"text": "'" + name + "'", "boolean": "FALSE", "blob": "x'" + fmt.Sprintf("%x", name) + "'", "bytea": "'" + name + "'", "tsvector": "'" + name + "'"}[kind]
		switch given, ok := values[table+"."+column]; {
		case ok:
			value = given
		case values[column] != "":
			value = values[column]
		case column == "id" && value == "": // which the database gives
			continue
		case value == "":
			value = "7"
		}
		columns, row = append(columns, column), append(row, value)
	}
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(row, ", ") + ") ON CONFLICT DO NOTHING"
}

// deleteApps does what is due about Apps that were deleted, and reports whether there was anything.
func (s *sweeping) deleteApps(t *testing.T) bool {
	t.Helper()
	jobs, _, err := s.store.LeaseJobs(t.Context(), store.JobLease{
		Kind: chat.JobDeleteApp, Owner: "a test", Limit: 1, For: time.Minute, Attempts: 1000,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if err := s.DeleteAppKind().Do(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	return len(jobs) > 0
}

// shutOut holds that nobody gets at an App that was deleted, by whatever they have.
func (s *sweeping) shutOut(t *testing.T, w tenant) {
	t.Helper()
	if _, err := s.App(t.Context(), w.app.Name); chat.CodeOf(err) != chat.CodeNotFound {
		t.Errorf("by its name: %v", err)
	}
	if _, err := s.App(t.Context(), fmt.Sprintf(" %d", w.app.ID)); chat.CodeOf(err) != chat.CodeNotFound {
		t.Errorf("by the name that its row has: %v", err)
	}
	if err := s.DeleteApp(t.Context(), w.app); chat.CodeOf(err) != chat.CodeNotFound {
		t.Errorf("once more: %v", err)
	}
	if err := s.RenameApp(t.Context(), w.app, "again"); chat.CodeOf(err) != chat.CodeNotFound {
		t.Errorf("renamed: %v", err)
	}
	for _, id := range []string{w.key, w.appKey} {
		if _, err := s.Authenticate(t.Context(), chat.ServerKey, id, "x"); chat.CodeOf(err) != chat.CodeKeyUnknown {
			t.Errorf("by a key: %v", err)
		}
	}
	if got, err := s.FileAt(t.Context(), string(w.file.Address), false); chat.CodeOf(err) != chat.CodeNotFound {
		t.Errorf("a file at its address: %+v, %v", got.File, err)
	}
	if over, err := s.LoginsOver(t.Context(), []chat.LoginID{w.ana.Login.ID}); err != nil || len(over) != 1 {
		t.Errorf("logins that are over: %v, %v", over, err)
	}
	if hooks, err := s.store.Webhooks(t.Context(), w.app.ID); err != nil || len(hooks) != 1 || hooks[0].State != chat.WebhookGone {
		t.Errorf("webhooks: %+v, %v", hooks, err)
	}
}

// interrupted begins a deletion again and again, each time for a moment longer, and gives it back. done says that it
// was through all the same.
func (s *sweeping) interrupted(t *testing.T) (done bool) {
	t.Helper()
	for i := range 5 {
		jobs, _, err := s.store.LeaseJobs(t.Context(), store.JobLease{
			Kind: chat.JobDeleteApp, Owner: "a test", Limit: 1, For: time.Minute, Attempts: 1000,
		})
		if err != nil || len(jobs) != 1 {
			t.Fatalf("%v, %v", jobs, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*10)*time.Millisecond)
		err = s.DeleteAppKind().Do(ctx, jobs[0])
		cancel()
		if err == nil {
			return true // it has moved itself
		}
		if err := s.store.GiveBackJob(t.Context(), jobs[0], 0, "interrupted"); err != nil {
			t.Fatal(err)
		}
	}
	return false
}

// TestDeletedAppLeavesNothing: of an App that had a row in every table nothing is left in any, nor a file, and of
// another App every byte is as it was.
func TestDeletedAppLeavesNothing(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		o.Feed = true
		s := newSweeping(t, o)
		s.newTenant(t, o, "mine")
		before, files := contents(t, o), len(s.filesLeft(t))
		theirs := s.newTenant(t, o, "theirs")
		with := contents(t, o)
		rows := 0
		for name := range before {
			if len(with[name]) == len(before[name]) {
				t.Errorf("the App to be deleted has nothing in %s", name)
			}
			if !slices.Contains([]string{"apps", "keys", "before_hooks", "message_search"}, name) { // which go, or stay, at once, or with others
				rows += len(with[name]) - len(before[name])
			}
		}
		if err := s.DeleteApp(t.Context(), theirs.app); err != nil {
			t.Fatal(err)
		}
		s.shutOut(t, theirs)
		if !s.interrupted(t) && !s.deleteApps(t) || s.deleteApps(t) {
			t.Fatal("the job is not there, or goes on before calls that were under way can be over")
		}
		s.now = s.now.Add(3 * time.Minute)
		if !s.deleteApps(t) {
			t.Fatal("the job does not go on")
		}
		after := contents(t, o)
		tombs := storetest.Query(t, o, fmt.Sprintf(`SELECT name || title FROM apps WHERE id = %d`, theirs.app.ID))
		if want := fmt.Sprintf(" %d", theirs.app.ID); len(tombs) != 1 || tombs[0] != want {
			t.Errorf("of the App's own row is left %q", tombs)
		}
		last := 0
		if o.DSN == "" {
			last = 1
			rows -= 3
		}
		for _, name := range slices.Sorted(maps.Keys(after)) {
			got := slices.DeleteFunc(slices.Clone(after[name]), func(row string) bool { return slices.Contains(before[name], row) })
			switch name {
			case "apps": // where its number is kept
			case "users", "rooms", "messages":
				if len(got) != last || strings.Contains(strings.Join(got, ""), "a") {
					t.Errorf("%s: left is %q", name, got)
				}
			case "jobs":
				if len(got) != last { // the one that has the last rows removed
					t.Errorf("%s: left is %q", name, got)
				}
			default:
				if len(got) > 0 {
					t.Errorf("%s: left is %q", name, got)
				}
			}
			for _, row := range before[name] {
				if !slices.Contains(after[name], row) {
					t.Errorf("%s: gone is %s", name, row)
				}
			}
		}
		if n := len(s.filesLeft(t)); n != files {
			t.Errorf("%d files are left, of %d", n, files)
		}
		list, err := s.AppDeletions(t.Context(), true)
		if err != nil || len(list) != 1 || list[0].Name != "theirs" || list[0].FinishedAt == 0 ||
			list[0].Files != 1 || list[0].FileBytes != theirs.file.Bytes() || list[0].Removed != int64(rows) {
			t.Errorf("%+v, %v; of %d rows", list, err, rows)
		}
		s.newTenant(t, o, "theirs") // the name is free, and higher ids are there
		s.now = s.now.Add(2 * time.Hour)
		s.deleteApps(t)
		for _, name := range []string{"jobs", "users", "rooms", "messages"} {
			if left := storetest.Query(t, o, fmt.Sprintf(`SELECT 'x' FROM %s WHERE app_id = %d`, name, theirs.app.ID)); len(left) > 0 {
				t.Errorf("%s: %d rows are left in the end", name, len(left))
			}
		}
	})
}

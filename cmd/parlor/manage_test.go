package main

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// printedKey finds a key in what a command prints.
func printedKey(t *testing.T, text, kind string) string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^` + kind + ` key  (\S+:\S+)$`).FindStringSubmatch(text)
	if match == nil {
		t.Fatalf("no %s key in\n%s", kind, text)
	}
	return match[1]
}

// TestApps makes an App beside a running server: its key serves at once, and serves
// another world than the first App's.
func TestApps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	first := bannerKey(t, p, "server")
	made := succeed(t, "app", "create", "--data", dir, "My Shop")
	second := printedKey(t, made, "server")
	if code := p.refuses(t, printedKey(t, made, "app")); code != "49104" {
		t.Errorf("the app key answers %q", code)
	}
	p.call(t, first, "room/create_or_update", `{"xcRoomID":"r","type":2,"name":"First"}`)
	if a := p.call(t, second, "room/get", `{"xcRoomID":"r"}`); a.Error.Code != "40401" {
		t.Errorf("the second app sees the first's room: %+v", a)
	}
	const row = ` +\S+Z +any number of +any number of +0 +0 +the server's number of\n`
	table := regexp.MustCompile(`^NAME +TITLE +CREATED +SERVER KEY CALLS/MIN +USER CALLS/MIN +FILES +FILE BYTES +FILE QUOTA\n` +
		`default +Parlor` + row + `My Shop +My Shop` + row + `$`)
	if got := succeed(t, "app", "list", "--data", dir); !table.MatchString(got) {
		t.Errorf("apps:\n%s", got)
	}
	fail(t, nil, `there is an app named "My Shop" already`, "app", "create", "--data", dir, "My Shop")
	fail(t, nil, "Param 'name' must not begin or end with a space", "app", "create", "--data", dir, " My Shop")
	fail(t, nil, `there is no app named "My Shops"`, "key", "list", "--data", dir, "--app", "My Shops")
}

// TestRates: a running server heeds how many calls an App allows, and says in each answer how many are left.
func TestRates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	key := bannerKey(t, p, "server")
	other := printedKey(t, succeed(t, "key", "create", "--data", dir), "server")
	if got := p.header(t, key, "RateLimit"); got != "" {
		t.Errorf("without a rate the answer says %q", got)
	}
	got := succeed(t, "app", "set-rates", "--data", dir, "default", "--backend", "5")
	if got != "app \"default\": 5 calls in a minute by each server key, any number of by each user\n" {
		t.Errorf("%s", got)
	}
	until(t, "the server knows of it", func() bool { return p.header(t, key, "RateLimit") != "" })
	until(t, "the calls are used up", func() bool { return p.refuses(t, key) == "42901" })
	for name, want := range map[string]string{
		"RateLimit-Policy": `"rate";q=5;qu="requests";w=60`, "RateLimit": `^"rate";r=0;t=\d+$`, "Retry-After": `^\d+$`,
	} {
		if got := p.header(t, key, name); got != want && !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !p.accepts(t, other) {
		t.Error("another key is refused, too")
	}
	if got := p.header(t, other, "RateLimit"); !regexp.MustCompile(`^"rate";r=[0-3]$`).MatchString(got) {
		t.Errorf("the other key is told %q", got)
	}
	succeed(t, "app", "set-rates", "--data", dir, "default", "--backend", "0")
	until(t, "the key is served again", func() bool { return p.accepts(t, key) })
	fail(t, nil, "Param 'user calls' must be 0 to 10000000", "app", "set-rates", "--data", dir, "default", "--user", "10000001")
}

// TestQuotas: a quota is given in units that people use, and shown in bytes.
func TestQuotas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	bannerKey(t, p, "server")
	for _, tt := range [][2]string{
		{"50GB", "50000000000"}, {"1.5KiB", "1536"}, {"none", "any number of"}, {"default", "the server's number of"},
	} {
		got := succeed(t, "app", "set-quota", "--data", dir, "default", "--files", tt[0])
		if want := "app \"default\": its files may take " + tt[1] + " bytes together\n"; got != want {
			t.Errorf("%s: %s", tt[0], got)
		}
		if list := succeed(t, "app", "list", "--data", dir); !strings.Contains(list, " 0            "+tt[1]+"\n") {
			t.Errorf("%s: %s", tt[0], list)
		}
	}
	for _, wrong := range []string{"much", "-1", "5XB", "0"} {
		fail(t, nil, "is no size; give one such as 50GB", "app", "set-quota", "--data", dir, "default", "--files="+wrong)
	}
	fail(t, nil, `there is no app named "x"`, "app", "set-quota", "--data", dir, "x", "--files=1GB")
}

// TestRenamedApp: an app keeps all that it has under another name, beside a running server.
func TestRenamedApp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	bannerKey(t, p, "server")
	key := printedKey(t, succeed(t, "app", "create", "--data", dir, "shop"), "server")
	want := "app \"shop\" is \"Store\" now; people see its title as before\n"
	if got := succeed(t, "app", "rename", "--data", dir, "shop", "Store"); got != want {
		t.Errorf("it prints %q", got)
	}
	if !p.accepts(t, key) {
		t.Error("the key is refused")
	}
	if got := succeed(t, "app", "list", "--data", dir); !regexp.MustCompile(`\nStore +shop +`).MatchString(got) {
		t.Errorf("apps:\n%s", got)
	}
	succeed(t, "app", "rename", "--data", dir, "Store", "Store") // changes nothing
	fail(t, nil, `there is no app named "shop"`, "app", "rename", "--data", dir, "shop", "x")
	fail(t, nil, `there is an app named "default" already`, "app", "rename", "--data", dir, "Store", "default")
	fail(t, nil, "Param 'name' must not begin or end with a space", "app", "rename", "--data", dir, "Store", " 1")
	fail(t, nil, `the app "default" keeps its name`, "app", "rename", "--data", dir, "default", "x")
}

// TestDeletedApp: an app is deleted if its name is typed; with the end of the command its keys are refused, its name is
// free, and the list says how far the rest is, also while no server runs.
func TestDeletedApp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	first := bannerKey(t, p, "server")
	key := printedKey(t, succeed(t, "app", "create", "--data", dir, "shop"), "server")
	p.call(t, key, "user/create_or_update", `{"xcUserID":"ana","fullName":"Ana"}`)
	fail(t, nil, "that is not the app's name; nothing was deleted", "app", "delete", "--data", dir, "shop") // nothing is typed
	if !p.accepts(t, key) {
		t.Error("the key of an app that was not deleted is refused")
	}
	if got := answering(t, "shop\n", "app", "delete", "--data", dir, "shop"); !strings.Contains(got, "0 files of 0 bytes") {
		t.Errorf("it prints %q", got)
	}
	if code := p.refuses(t, key); code != "49103" {
		t.Errorf("the key answers %q", code)
	}
	if !p.accepts(t, first) {
		t.Error("another app's key is refused")
	}
	gone := regexp.MustCompile(`\n\nDELETED APP +WHEN +BY +ROWS GONE .*\nshop +\S+Z +\S+@\S+ +[1-9]\d* +0 +0 +-\n$`)
	until(t, "rows are gone", func() bool { return gone.MatchString(succeed(t, "app", "list", "--data", dir)) })
	succeed(t, "app", "create", "--data", dir, "shop")
	p.stop(t, syscall.SIGTERM)
	if got := succeed(t, "app", "delete", "--data", dir, "shop", "--yes"); !strings.Contains(got, "or the next that starts") {
		t.Errorf("it prints %q", got)
	}
	if got := succeed(t, "app", "list", "--data", dir, "--deleted"); strings.Count(got, "\nshop ") != 2 {
		t.Errorf("deleted apps:\n%s", got)
	}
	if got := succeed(t, "job", "list", "--data", dir, "--kind", "delete-app"); strings.Count(got, "\n") != 3 {
		t.Errorf("jobs:\n%s", got)
	}
	fail(t, nil, `there is no app named "shop"`, "app", "delete", "--data", dir, "shop", "--yes")
}

// header is a header of the answer to a call.
func (p *process) header(t *testing.T, key, name string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/v1/server/role/list", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Server-Key", base64.StdEncoding.EncodeToString([]byte(key)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	return resp.Header.Get(name)
}

// TestKeyCommands: once the command has returned, a new key serves, and a revoked one
// does not.
func TestKeyCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	old := bannerKey(t, p, "server")
	made := succeed(t, "key", "create", "--data", dir, "--label", "for the shop")
	key := printedKey(t, made, "server")
	id, secret, _ := strings.Cut(key, ":")
	if !p.accepts(t, key) {
		t.Error("the new key is refused")
	}
	app := printedKey(t, succeed(t, "key", "create", "--data", dir, "--kind", "app"), "app")
	if code := p.refuses(t, app); code != "49104" {
		t.Errorf("the app key answers %q", code)
	}
	row := regexp.MustCompile(`(?m)^` + id + ` +server +off +for the shop +\S+Z +(\S+)$`)
	list := succeed(t, "key", "list", "--data", dir)
	if match := row.FindStringSubmatch(list); match == nil || match[1] != "-" ||
		strings.Contains(list, secret) || strings.Count(list, "\n") != 5 {
		t.Errorf("keys:\n%s", list)
	}

	fail(t, nil, `the app has no key with the id "nobody"`, "key", "revoke", "--data", dir, "nobody")
	succeed(t, "app", "create", "--data", dir, "other")
	fail(t, nil, `the app has no key with the id "`+id+`"`, "key", "revoke", "--data", dir, "--app", "other", id)
	if !p.accepts(t, key) {
		t.Error("another app's command revoked the key")
	}
	if got := succeed(t, "key", "revoke", "--data", dir, id); !strings.Contains(got, id) {
		t.Errorf("revoke prints %q", got)
	}
	if code := p.refuses(t, key); code != "49106" {
		t.Errorf("the revoked key answers %q", code)
	}
	if !p.accepts(t, old) {
		t.Error("the other key is refused")
	}
	succeed(t, "key", "revoke", "--data", dir, id) // again
	match := row.FindStringSubmatch(succeed(t, "key", "list", "--data", dir))
	if match == nil || !strings.HasSuffix(match[1], "Z") {
		t.Errorf("the list does not show the revocation: %q", match)
	}
}

// TestStrictKeys: which keys are strict is set when they are made, and later, beside a running server.
func TestStrictKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	strict := printedKey(t, succeed(t, "key", "create", "--data", dir, "--strict"), "server")
	id, _, _ := strings.Cut(strict, ":")
	appKey, _, _ := strings.Cut(bannerKey(t, p, "app"), ":")
	unknown := func() string { return p.call(t, strict, "role/list", `{"zzz":1}`).Error.Code }
	listed := func(id, want string) {
		t.Helper()
		list := succeed(t, "key", "list", "--data", dir)
		if !regexp.MustCompile(`(?m)^` + id + ` +(server|app) +` + want + ` `).MatchString(list) {
			t.Errorf("%s is not %s in\n%s", id, want, list)
		}
	}
	listed(id, "on")
	listed(appKey, "-")
	if code := unknown(); code != "40002" {
		t.Errorf("the key is made strict, and a call with a wrong parameter answers %q", code)
	}
	for _, step := range [][2]string{{"off", ""}, {"on", "40002"}} {
		want := "strict calls under key " + id + " are " + step[0] + ", on every server\n"
		if got := succeed(t, "key", "set-strict", "--data", dir, id, step[0]); got != want {
			t.Errorf("it prints %q", got)
		}
		listed(id, step[0])
		if code := unknown(); code != step[1] {
			t.Errorf("%s: %q", step[0], code)
		}
	}
	fail(t, nil, "Param 'strict' is for server keys", "key", "set-strict", "--data", dir, appKey, "on")
	fail(t, nil, "Param 'strict' is for server keys", "key", "create", "--data", dir, "--kind", "app", "--strict")
	fail(t, nil, `the app has no key with the id "nobody"`, "key", "set-strict", "--data", dir, "nobody", "on")
	succeed(t, "app", "create", "--data", dir, "other")
	fail(t, nil, `the app has no key with the id "`+id+`"`, "key", "set-strict", "--data", dir, "--app", "other", id, "off")
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	status := regexp.MustCompile(`^schema (\d+), this binary knows up to (\d+)\n`)
	check := func(when, out string, done bool) {
		t.Helper()
		match := status.FindStringSubmatch(out)
		if match == nil || (match[1] == match[2]) != done || !done && match[1] != "0" {
			t.Errorf("%s:\n%s", when, out)
		}
		if strings.Contains(out, "migrate up") == done {
			t.Errorf("%s: the hint is out of place:\n%s", when, out)
		}
	}
	check("before", succeed(t, "migrate", "status", "--data", dir), false)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("looking has made the folder: %v", err)
	}
	check("up", succeed(t, "migrate", "up", "--data", dir), true)
	check("after", succeed(t, "migrate", "status", "--data", dir), true)
	check("up again", succeed(t, "migrate", "up", "--data", dir), true)
	p := start(t, nil, "--data", dir)
	check("beside a server", succeed(t, "migrate", "status", "--data", dir), true)
	if code := p.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestBackup copies a server's database while it runs, and serves from the copy.
func TestBackup(t *testing.T) {
	t.Parallel()
	dir, copied := t.TempDir(), t.TempDir()
	file := filepath.Join(copied, "parlor.db")
	fail(t, nil, "there is no database to copy", "backup", "--data", dir, file)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("a backup of nothing leaves %v, %v", entries, err)
	}
	p := start(t, nil, "--data", dir)
	key := bannerKey(t, p, "server")
	p.call(t, key, "room/create_or_update", `{"xcRoomID":"before","type":2,"name":"Before"}`)
	if got := succeed(t, "backup", "--data", dir, file); !strings.Contains(got, file) {
		t.Errorf("backup prints %q", got)
	}
	p.call(t, key, "room/create_or_update", `{"xcRoomID":"after","type":2,"name":"After"}`)
	fail(t, nil, file+" exists already", "backup", "--data", dir, file)
	fail(t, nil, "use pg_dump", "backup", "--database", "postgres://u@h/d", filepath.Join(copied, "other.db"))
	if entries, err := os.ReadDir(copied); err != nil || len(entries) != 1 {
		t.Errorf("the copy's folder has %v, %v", entries, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is open to others: %v, %v", info, err)
	}

	second := start(t, nil, "--data", copied)
	if a := second.call(t, key, "room/get", `{"xcRoomID":"before"}`); a.Data.Room.Name != "Before" {
		t.Errorf("the copy has %+v", a)
	}
	if a := second.call(t, key, "room/get", `{"xcRoomID":"after"}`); a.Error.Code != "40401" {
		t.Errorf("the copy has what came after it: %+v", a)
	}
	if a := p.call(t, key, "room/get", `{"xcRoomID":"after"}`); a.Data.Room.Name != "After" {
		t.Errorf("the original has %+v", a)
	}
	second.stop(t, syscall.SIGTERM)
	if second.stdout.String() != "" {
		t.Errorf("the copy's server made keys:\n%s", second.stdout)
	}
}

// TestNoDatabaseIsMade: a command beside the server that is given the wrong folder says so,
// and leaves nothing there.
func TestNoDatabaseIsMade(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "wrong")
	for _, args := range [][]string{
		{"key", "create"},
		{"key", "list"},
		{"key", "revoke", "x"},
		{"key", "set-strict", "x", "on"},
		{"app", "create", "x"},
		{"app", "list"},
		{"app", "set-title", "default", "x"},
		{"app", "rename", "x", "y"},
		{"app", "delete", "x", "--yes"},
		{"app", "set-quota", "default", "--files=1GB"},
	} {
		fail(t, nil, "there is no Parlor database at "+filepath.Join(dir, "parlor.db"), append(args, "--data", dir)...)
	}
	fail(t, nil, "there is no database to copy", "backup", "--data", dir, filepath.Join(t.TempDir(), "copy.db"))
	if _, err := os.Lstat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is there: %v", err)
	}
}

// TestTitles: people see an App's title, which operators set.
func TestTitles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	bannerKey(t, p, "server")
	succeed(t, "app", "create", "--data", dir, "second shop", "--title", "Second Shop")
	if got := succeed(t, "app", "set-title", "--data", dir, "default", "The Shop"); !strings.Contains(got, "The Shop") {
		t.Errorf("set-title prints %q", got)
	}
	titled := regexp.MustCompile(`\ndefault +The Shop +\S+Z .*\nsecond shop +Second Shop +\S+Z .*\n$`)
	if got := succeed(t, "app", "list", "--data", dir); !titled.MatchString(got) {
		t.Errorf("apps:\n%s", got)
	}
	fail(t, nil, "Param 'title' must not begin or end with a space", "app", "set-title", "--data", dir, "default", " x")
	fail(t, nil, `there is no app named "third"`, "app", "set-title", "--data", dir, "third", "x")
}

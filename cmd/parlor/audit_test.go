package main

import (
	"encoding/json"
	"os/user"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// exported are entries as export writes them.
func exported(t *testing.T, args ...string) (list []map[string]any) {
	t.Helper()
	out := succeed(t, append([]string{"audit", "export"}, args...)...)
	for line := range strings.Lines(out) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil || !strings.HasSuffix(line, "}\n") {
			t.Fatalf("%q: %v", line, err)
		}
		list = append(list, e)
	}
	return list
}

// TestAuditCommands: each command that changes something of an app leaves an entry, in the app's own log.
func TestAuditCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	first := bannerKey(t, p, "server")
	made := succeed(t, "app", "create", "--data", dir, "Shop")
	key, _, _ := strings.Cut(printedKey(t, made, "server"), ":")
	appKey, _, _ := strings.Cut(printedKey(t, made, "app"), ":")
	succeed(t, "app", "set-title", "--data", dir, "Shop", "The Shop")
	succeed(t, "app", "set-rates", "--data", dir, "Shop", "--user", "600")
	succeed(t, "app", "set-quota", "--data", dir, "Shop", "--files=1GB")
	succeed(t, "key", "set-strict", "--data", dir, "--app", "Shop", key, "on")
	succeed(t, "key", "revoke", "--data", dir, "--app", "Shop", key)
	succeed(t, "webhook", "create", "--data", dir, "--app", "Shop", "https://shop.invalid/hook")
	succeed(t, "webhook", "replay", "--data", dir, "--app", "Shop", "1")
	succeed(t, "webhook", "delete", "--data", dir, "--app", "Shop", "1")
	fail(t, nil, `the app has no key with the id "nobody"`, "key", "revoke", "--data", dir, "--app", "Shop", "nobody")
	p.call(t, first, "role/create_or_update", `{"code":"c"}`)

	want := []string{
		"app create app Shop", "key create key " + key, "key create key " + appKey, "app set-title app Shop", "app set-rates app Shop",
		"app set-quota app Shop",
		"key set-strict key " + key, "key revoke key " + key,
		"webhook create webhook ", "webhook replay webhook 1", "webhook delete webhook 1",
	}
	var got []string
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range exported(t, "--data", dir, "--app", "Shop") {
		got = append(got, strings.Join([]string{e["action"].(string), e["objectType"].(string), e["objectID"].(string)}, " "))
		if e["actorType"] != "operator" || !strings.HasPrefix(e["actor"].(string), me.Username+"@") || e["result"] != "ok" {
			t.Errorf("%v", e)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if list := exported(t, "--data", dir, "--action", "/server/role/create_or_update"); len(list) != 1 || list[0]["objectID"] != "c" {
		t.Errorf("%v", list)
	}
	if list := exported(t, "--data", dir, "--app", "Shop", "--object", "key:"+key, "--from", "2020-01-01T00:00:00Z"); len(list) != 3 {
		t.Errorf("%v", list)
	}
	if list := exported(t, "--data", dir, "--app", "Shop", "--until", "2020-01-01T00:00:00Z"); len(list) != 0 {
		t.Errorf("%v", list)
	}

	head := `ID +TIME +WHO +ACTION +OBJECT +USERS +ADDRESS +REQUEST +RESULT\n`
	page := succeed(t, "audit", "list", "--data", dir, "--app", "Shop", "--action", "key revoke", "--limit", "1")
	match := regexp.MustCompile(`^` + head + `(\d+-\d+) +20\S+Z +operator \S+ +key revoke +key:` + key + ` +0 +ok\n$`).FindStringSubmatch(page)
	if match == nil {
		t.Fatalf("%s", page)
	}
	page = succeed(t, "audit", "list", "--data", dir, "--app", "Shop", "--limit", "1", "--before", match[1])
	if !regexp.MustCompile(`^` + head + `\S+ .* key set-strict +key:` + key + ` +0 +ok\n$`).MatchString(page) {
		t.Errorf("%s", page)
	}
	fail(t, nil, "Param 'limit' must be from 1 to 1000", "audit", "list", "--data", dir, "--limit", "1001")
	fail(t, nil, "Param 'before' must be the id of an entry", "audit", "list", "--data", dir, "--before", "x")
	fail(t, nil, "Param 'from' must be a time such as 2026-01-31T00:00:00Z", "audit", "export", "--data", dir, "--from", "yesterday")
	fail(t, nil, "Param 'object' must be a kind, a colon and an id, such as room:ORDER-1", "audit", "export", "--data", dir, "--object", "x")
	p.stop(t, syscall.SIGTERM)
}

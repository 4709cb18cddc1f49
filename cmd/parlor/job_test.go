package main

import (
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestJobCommands looks at jobs, retries and drops them, beside a running server, which does none of
// their kind.
func TestJobCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	storetest.Exec(t, store.Options{Path: filepath.Join(dir, "parlor.db")}, `
		INSERT INTO jobs (kind, app_id, subject, payload, created_at, due_at, owner, lease, attempts, last_error, dead_at) VALUES
			('waits', 1, 7, 'of the first', 1700000000000, 1700000000000, '', 0, 0, '', 0),
			('taken', 1, 0, '', 1700000000000, 32503680000000, 'node:1', 3, 1, '', 0),
			('dead', 1, 0, '', 1700000000000, 1700000000000, '', 12, 12, 'no such phone', 1700000001000)`)
	list := func(want string, args ...string) {
		t.Helper()
		if got := succeed(t, append([]string{"job", "list", "--data", dir}, args...)...); !regexp.MustCompile(`^` + want + `$`).MatchString(got) {
			t.Errorf("job list %v:\n%s", args, got)
		}
	}
	head := `ID +KIND +APP +DUE +ATTEMPTS +STATE +LAST ERROR\n`
	first := `1 +waits +1 +2023-11-14T22:13:20Z +0 +waits +\n`
	list(head + first + `2 +taken +1 +3000-01-01T00:00:00Z +1 +at node:1 +\n`)
	list(head+first, "--kind", "waits")
	list(head+`2 +taken .*\n`, "--after", "1", "--limit", "1")
	list(head+`3 +dead +1 +2023-11-14T22:13:20Z +12 +given up 2023-11-14T22:13:21Z +no such phone\n`, "--dead")
	if got := succeed(t, "job", "show", "--data", dir, "1"); !regexp.MustCompile(`(?m)^payload +of the first$`).MatchString(got) {
		t.Errorf("show:\n%s", got)
	}
	succeed(t, "job", "retry", "--data", dir, "3")
	list(head, "--dead")
	list(head+`3 +dead +1 +20\S+Z +0 +waits +\n`, "--kind", "dead")
	succeed(t, "job", "drop", "--data", dir, "3", "1")
	list(head + `2 .*\n`)
	for _, action := range []string{"job retry", "job drop"} {
		if done := exported(t, "--data", dir, "--action", action, "--object", "job:3"); len(done) != 1 {
			t.Errorf("%s leaves %v", action, done)
		}
	}

	fail(t, nil, "job 2 is being done by node:1, until 3000-01-01T00:00:00Z at most", "job", "drop", "--data", dir, "2")
	fail(t, nil, "job 2 is being done by node:1, until 3000-01-01T00:00:00Z at most", "job", "retry", "--data", dir, "2")
	fail(t, nil, "there is no job 3; it may be done", "job", "retry", "--data", dir, "3")
	fail(t, nil, "there is no job 3; it may be done", "job", "show", "--data", dir, "3")
	fail(t, nil, "Param 'limit' must be from 1 to 1000", "job", "list", "--data", dir, "--limit", "0")
	p.stop(t, syscall.SIGTERM)
	list(head + `2 .*\n`) // without a server, too
}

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parlor/client"
	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/internal/webhook"
)

// TestWebhookCommands makes a webhook beside a running server, looks at it and at what it has not taken, replays
// and deletes it.
func TestWebhookCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	key := bannerKey(t, p, "server")
	list := func(want string, args ...string) {
		t.Helper()
		if got := succeed(t, append([]string{"webhook", "list", "--data", dir}, args...)...); !regexp.MustCompile(`^` + want + `$`).MatchString(got) {
			t.Errorf("webhook list %v:\n%s", args, got)
		}
	}
	const head = `ID +URL +STATE +FAILURES +LAST SUCCESS +LAST ERROR\n`
	list(head)
	made := succeed(t, "webhook", "create", "--data", dir, "https://shop.invalid/hook",
		"--types", "message.created,room.locked", "--room-tags", "vip", "--room-types", "2", "--batch", "5")
	if !regexp.MustCompile(`^webhook 1 is told what happens in app "default" from now on; its secret is shown this once:\nwhsec_\S+\n$`).MatchString(made) {
		t.Errorf("create:\n%s", made)
	}
	show := succeed(t, "webhook", "show", "--data", dir, "1")
	for _, line := range []string{
		"id +1", "url +https://shop.invalid/hook", "types +message.created room.locked", "room tags +vip", "room types +2",
		"batch +5", "sealed +false", "state +active", "parked +0", "dead +0", "created +20.*Z",
	} {
		if !regexp.MustCompile(`(?m)^` + line + `$`).MatchString(show) {
			t.Errorf("show has no line %q:\n%s", line, show)
		}
	}
	if strings.Contains(show, "whsec_") {
		t.Errorf("a secret is shown again:\n%s", show)
	}
	list(head + `1 +https://shop.invalid/hook +(active|rests until \S+) +\d+ +- +.*\n`)

	// Dead letters of an App, as a target that was away for long leaves them.
	p.call(t, key, "user/update", `{"xcUserID":"ana","fullName":"Ana"}`)
	storetest.Exec(t, store.Options{Path: filepath.Join(dir, "parlor.db")}, `
		UPDATE webhooks SET state = 'paused';
		INSERT INTO webhook_parked (webhook_id, number, event_id, lane, kind, room_id, time, user_id, at, data,
			attempts, first_at, due_at, last_error, dead_at) VALUES
			(1, 71, 1, -1, 'user.created', 0, 0, 1, 1700000000000, '', 81, 1700000000000, 1700000000000, 'HTTP 500: no', 1700259200000),
			(1, 72, 1, -1, 'user.updated', 0, 0, 1, 1700000900000, '', 81, 1700000900000, 1700000900000, 'HTTP 500: no', 1700260100000)`)
	const deadHead = `EVENT +TYPE +HAPPENED +ATTEMPTS +GIVEN UP +LAST ERROR\n`
	const first = `evt_1z-1 +user.created +2023-11-14T22:13:20Z +81 +2023-11-17T22:13:20Z +HTTP 500: no\n`
	const second = `evt_20-1 +user.updated +2023-11-14T22:28:20Z +81 +2023-11-17T22:28:20Z +HTTP 500: no\n`
	dead := func(want string, args ...string) {
		t.Helper()
		got := succeed(t, append([]string{"webhook", "dead", "--data", dir, "1"}, args...)...)
		if !regexp.MustCompile(`^` + want + `$`).MatchString(got) {
			t.Errorf("webhook dead %v:\n%s\nwant\n%s", args, got, want)
		}
	}
	dead(deadHead + second + first)
	dead(deadHead+second+"there are more\n", "--limit", "1")
	replay := func(want string, args ...string) {
		t.Helper()
		if got := succeed(t, append([]string{"webhook", "replay", "--data", dir, "1"}, args...)...); got != want {
			t.Errorf("webhook replay %v: %s", args, got)
		}
	}
	replay("0 events are told again\n", "--event", "evt_zz-1")
	replay("0 events are told again\n", "--since", "24h")
	replay("1 events are told again\n", "--since", "2023-11-14T22:20:00Z")
	dead(deadHead + first)
	replay("1 events are told again\n")
	dead(deadHead)

	// Another App has none of it.
	succeed(t, "app", "create", "--data", dir, "Shop")
	list(head, "--app", "Shop")
	for _, args := range [][]string{{"show", "1"}, {"delete", "1"}, {"dead", "1"}, {"replay", "1"}} {
		fail(t, nil, "Webhook is not found", append([]string{"webhook", args[0], "--data", dir, "--app", "Shop"}, args[1:]...)...)
	}
	for why, args := range map[string][]string{
		"Param 'url' must begin with https://":                                 {"create", "http://shop.invalid/"},
		"Param 'url' must not be in a private network":                         {"create", "https://10.0.0.1/"},
		`Param 'types' has "message.gone", which is no type of events`:         {"create", "https://shop.invalid/", "--types", "message.gone"},
		"Param 'batch' must be 1 to 100":                                       {"create", "https://shop.invalid/", "--batch", "0"},
		"Param 'limit' must be from 1 to 1000":                                 {"dead", "1", "--limit", "0"},
		`"evt" is no id of an event`:                                           {"replay", "1", "--event", "evt"},
		"name an event or a time, not both":                                    {"replay", "1", "--event", "evt_1-1", "--since", "1h"},
		`"soon" is no time such as 2026-01-01T00:00:00Z, and no duration such`: {"replay", "1", "--since", "soon"},
		"Webhook is not found":                                                 {"show", "9"},
	} {
		fail(t, nil, why, append([]string{"webhook", args[0], "--data", dir}, args[1:]...)...)
	}
	if got := succeed(t, "webhook", "delete", "--data", dir, "1"); got != "webhook 1 is deleted\n" {
		t.Errorf("delete: %s", got)
	}
	list(head)
	p.stop(t, syscall.SIGTERM)
	list(head) // without a server, too
}

// TestWebhookListen shows events as they happen, forwards them to a real receiver, and goes on when the server was
// away.
func TestWebhookListen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	key := bannerKey(t, p, "server")

	type call struct {
		header http.Header
		body   []byte
	}
	calls := make(chan call, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if strings.Contains(string(body), "Refused") {
			w.WriteHeader(http.StatusTeapot)
		}
		calls <- call{r.Header.Clone(), body}
	}))
	defer receiver.Close()

	l := &process{stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	l.cmd = exec.Command(binary, "webhook", "listen", "--url", p.url, "--types", "user.created", "--forward", receiver.URL)
	l.cmd.Env, l.cmd.Stdout, l.cmd.Stderr = environment([]string{"PARLOR_SERVER_KEY=" + key}), l.stdout, l.stderr
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the process
		_ = l.cmd.Wait()
		close(l.ended)
	}()
	t.Cleanup(func() {
		_ = l.cmd.Process.Kill()
		<-l.ended
	})
	secret := l.stdout.wait(t, l, regexp.MustCompile(`(?s)(whsec_\S+)\n.*listening`))[1]

	p.call(t, key, "role/create_or_update", `{"code":"vip"}`) // which is no event
	p.call(t, key, "user/update", `{"xcUserID":"ana","fullName":"An\u001b[31ma"}`)
	l.stdout.wait(t, l, regexp.MustCompile(`(?m)^20\S+ \S+  user.created  user "ana"$`))
	l.stdout.wait(t, l, regexp.MustCompile(`(?m)^    Webhook-Signature: v1,\S+$`))
	l.stdout.wait(t, l, regexp.MustCompile(`(?m)^ +"fullname": "`))
	l.stdout.wait(t, l, regexp.MustCompile(`(?m)^    -> taken: HTTP 200 in `))
	if text := l.stdout.String(); strings.ContainsRune(text, '\x1b') {
		t.Errorf("a user's name commands the terminal: %q", text)
	}
	got := <-calls
	if err := client.VerifyWebhook(secret, got.header, got.body); err != nil {
		t.Errorf("the forwarded call: %v: %v", err, got.header)
	}
	if events, err := client.DecodeWebhook(got.body); err != nil || events[0].Data.User.XCID != "ana" {
		t.Errorf("the forwarded call holds %+v, %v", events, err)
	}
	p.call(t, key, "user/update", `{"xcUserID":"bo","fullName":"Refused"}`)
	l.stdout.wait(t, l, regexp.MustCompile(`(?m)^    -> not taken, and not tried again: HTTP 418 in `))

	// The server is killed, and started again where it was.
	address := strings.TrimPrefix(p.url, "http://")
	p.stop(t, syscall.SIGKILL)
	l.stdout.wait(t, l, regexp.MustCompile(`the server is away, it is tried again`))
	p = launch(t, nil, "--listen", address, "--data", dir)
	p.stderr.wait(t, p, regexp.MustCompile(`msg="parlor is ready"`))
	p.url = "http://" + address
	p.call(t, key, "user/update", `{"xcUserID":"cy","fullName":"Cy"}`)
	l.stdout.wait(t, l, regexp.MustCompile(`(?s)the server is there again.*user "cy"`))
	if code := l.stop(t, syscall.SIGINT); code != 0 || l.stderr.String() != "" {
		t.Errorf("exit code %d: %s", code, l.stderr)
	}
}

// TestWebhookListenRefusals: what listen cannot do it says at once.
func TestWebhookListenRefusals(t *testing.T) {
	t.Parallel()
	p := start(t, nil, "--data", t.TempDir())
	key := bannerKey(t, p, "server")
	listen := func(args ...string) []string { return append([]string{"webhook", "listen", "--url", p.url}, args...) }
	fail(t, nil, "49103", listen("--key", "nobody:secret")...)
	fail(t, nil, `has "nonsense", which is no type of events`, listen("--key", key, "--types", "nonsense")...)
	fail(t, nil, "a secret is whsec_", listen("--key", key, "--secret", "abc")...)
	fail(t, nil, "--forward must be an address", listen("--key", key, "--forward", "localhost:80")...)
	fail(t, nil, "a key is", listen("--key", "nonsense")...)
}

// TestWebhookVerify checks calls by hand.
func TestWebhookVerify(t *testing.T) {
	t.Parallel()
	secret, body := webhook.NewSecret(), `{"id":"evt_1-1"}`
	type parts struct{ secret, id, timestamp, signature, body string }
	signed := func(at time.Time) parts {
		signature, err := webhook.Sign([]chat.WebhookSecret{{Secret: secret}}, "evt_1-1", at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return parts{secret, "evt_1-1", strconv.FormatInt(at.Unix(), 10), signature, body}
	}
	now := time.Now()
	tests := []struct {
		name   string
		change func(*parts)
		want   string // "" for valid
	}{
		{"valid", func(*parts) {}, ""},
		{"another secret", func(p *parts) { p.secret = webhook.NewSecret() }, "not valid: no signature in the header"},
		{"no secret", func(p *parts) { p.secret = "whsec_" }, "not valid: a secret is whsec_"},
		{"another id", func(p *parts) { p.id = "evt_1-2" }, "not valid: no signature in the header"},
		{"another body", func(p *parts) { p.body = "{}" }, "not valid: no signature in the header"},
		{"a line's end", func(p *parts) { p.body += "\n" }, "it would be without the line's end behind the body"},
		{"no time", func(p *parts) { p.timestamp = "today" }, "not valid: the header webhook-timestamp must be Unix seconds"},
		{"old", func(p *parts) { *p = signed(now.Add(-time.Hour)) }, "the signature is right, but a receiver refuses the call by now"},
		{"old and wrong", func(p *parts) { *p = signed(now.Add(-time.Hour)); p.body = "{}" }, "not valid: no signature in the header"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := signed(now)
			tt.change(&p)
			cmd := exec.CommandContext(t.Context(), binary, "webhook", "verify",
				"--secret", p.secret, "--id", p.id, "--timestamp", p.timestamp, "--signature", p.signature)
			cmd.Stdin = strings.NewReader(p.body)
			out, err := cmd.CombinedOutput()
			switch {
			case tt.want == "" && (err != nil || string(out) != "valid\n"):
				t.Errorf("%v: %s", err, out)
			case tt.want != "" && (err == nil || !strings.HasPrefix(string(out), "parlor: ") || !strings.Contains(string(out), tt.want)):
				t.Errorf("%v: %s, want %q", err, out, tt.want)
			}
		})
	}
}

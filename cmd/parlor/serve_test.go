package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"parlor/internal/config"
)

// bannerKey finds a new key in what serve prints.
func bannerKey(t *testing.T, p *process, kind string) string {
	t.Helper()
	return p.stdout.wait(t, p, regexp.MustCompile(`(?m)^ +`+kind+` +key  (\S+:\S+)$`))[1]
}

// TestFirstStart: the first start shows two keys and a call to paste, which works; the
// second shows nothing, and the keys still serve.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	p := start(t, nil, "--data", dir)
	server, app := bannerKey(t, p, "server"), bannerKey(t, p, "app")
	p.stdout.wait(t, p, regexp.MustCompile(regexp.QuoteMeta(p.url+"/docs")))

	curl := regexp.MustCompile(`(?s)    curl .*?'\n`).FindString(p.stdout.String())
	out, err := exec.Command("bash", "-c", curl).Output()
	if err != nil {
		t.Fatalf("%v running %q", err, curl)
	}
	if a := decode(t, out); a.Status != 200 || !strings.HasPrefix(a.Data.Room.RoomID, "g") {
		t.Errorf("the call of the banner answers %s", out)
	}
	if code := p.refuses(t, app); code != "49104" {
		t.Errorf("the app key answers %q", code)
	}
	for _, secret := range []string{server, app} {
		_, secret, _ = strings.Cut(secret, ":")
		if strings.Count(p.stdout.String(), secret) != 1 || strings.Contains(p.stderr.String(), secret) {
			t.Errorf("a secret is not shown exactly once:\n%s%s", p.stdout, p.stderr)
		}
	}
	if code := p.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}

	p = start(t, nil, "--data", dir)
	if a := p.call(t, server, "room/get", `{"xcRoomID":"HELLO-1"}`); a.Data.Room.Name != "My first room" {
		t.Errorf("after a restart: %+v", a)
	}
	if code := p.stop(t, syscall.SIGINT); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if p.stdout.String() != "" {
		t.Errorf("the second start prints\n%s", p.stdout)
	}
	if info, err := os.Stat(filepath.Join(dir, "parlor.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database is open to others: %v, %v", info, err)
	}
}

// TestBannerAddress: a server on all addresses shows one that can be called, and logs in
// the form that was asked for.
func TestBannerAddress(t *testing.T) {
	t.Parallel()
	p := launch(t, nil, "--listen", "0.0.0.0:0", "--data", t.TempDir(), "--log-format", "json")
	port := p.stderr.wait(t, p,
		regexp.MustCompile(`(?m)^{"time":.*"level":"INFO","msg":"parlor is ready".*"address":"[^"]*:(\d+)"`))[1]
	p.stdout.wait(t, p, regexp.MustCompile(`http://127\.0\.0\.1:`+port+`/docs`))
}

func TestPrintConfig(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "parlor.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:1\nlog-level: warn\ngrace: 1s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	got := run(t, []string{
		"PARLOR_GRACE=2s", "PARLOR_LOG_LEVEL=error", "PARLOR_SERVER_KEY=srv:hunter2", "PARLOR_APP_KEY=app:hunter2",
		"PARLOR_DATABASE=postgres://u:hunter2@h/d?sslpassword=hunter2",
	}, "serve", "--config", file, "--log-level", "debug", "--data", data, "--print-config")
	if got.code != 0 || got.stderr != "" {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	for _, line := range []string{
		"listen: 127.0.0.1:1", "grace: 2s", "log-level: debug", "data: " + data, "server-key: srv:***", "app-key: app:***",
		"database: postgres://u:xxxxx@h/d?sslpassword=xxxxx",
	} {
		if !strings.Contains(got.stdout, "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, got.stdout)
		}
	}
	if strings.Contains(got.stdout, "hunter2") {
		t.Errorf("a secret is shown:\n%s", got.stdout)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("printing has made the data folder: %v", err)
	}
}

// TestFlags: every setting that is no secret has a flag.
func TestFlags(t *testing.T) {
	t.Parallel()
	flags := map[string]string{
		"listen": "127.0.0.1:1", "data": "/flag", "database": "postgres://u@h/d",
		"app-title": "The Shop", "trusted-proxies": "10.0.0.7", "log-level": "debug", "log-format": "json",
		"public-url": "https://chat.example.com", "files": "/files", "max-file-size": `"4096"`,
		"app-file-quota": `"8"`, "user-file-quota": `"9"`,
		"s3-endpoint": "https://s3.example.com", "s3-region": "eu-1", "s3-key-id": "KEY",
		"grace": "3s", "write-queue": `"5"`, "write-batch": `"6"`, "audit-retention": "1h0m0s",
		"nats": "nats://h:4222", "max-sessions": `"7"`, "origins": "https://a.example", "ticket-lifetime": "4s",
		"access-token-lifetime": "5s", "refresh-token-lifetime": "6s",
		"fcm-credentials": "/account", "fcm-url": "https://fcm.example.com", "apns-key": "/key", "apns-key-id": "ABCDE12345",
		"apns-team-id": "TEAM123456", "apns-topic": "com.example", "apns-url": "https://apns.example.com",
		"vapid-contact": "mailto:a@example.com", "push-private-network": `"true"`,
		"events-keep": "2h0m0s", "webhook-private-network": `"true"`,
		"search": `"false"`,
	}
	args := []string{"serve", "--print-config"}
	for name, value := range flags {
		args = append(args, "--"+name+"="+strings.Trim(value, `"`))
	}
	got := succeed(t, args...)
	for _, s := range config.Settings() {
		if value, ok := flags[s.Name]; ok == s.Secret || ok && !strings.Contains(got, "\n"+s.Name+": "+value+"\n") {
			t.Errorf("%s: want %q in\n%s", s.Name, value, got)
		}
	}
}

// TestKeysFromEnvironment: they exist after the start, however often it happens, and
// nothing is printed. Another secret under the same id takes the old one's place.
func TestKeysFromEnvironment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := []string{"PARLOR_SERVER_KEY=mine:one secret: with a colon", "PARLOR_APP_KEY=app:another long secret"}
	for range 2 {
		p := start(t, env, "--data", dir, "--log-level", "debug")
		if !p.accepts(t, "mine:one secret: with a colon") {
			t.Error("the key is refused")
		}
		if code := p.stop(t, syscall.SIGTERM); code != 0 || p.stdout.String() != "" {
			t.Errorf("exit code %d, output %q", code, p.stdout)
		}
		if log := p.stderr.String(); strings.Contains(log, "secret: with") ||
			strings.Contains(log, "another long") || !strings.Contains(log, "path=/v1/server/role/list") {
			t.Errorf("log:\n%s", log)
		}
	}
	if got := succeed(t, "key", "list", "--data", dir); strings.Count(got, "\n") != 3 || strings.Count(got, "mine ") != 1 {
		t.Errorf("keys:\n%s", got)
	}
	env[0] = "PARLOR_SERVER_KEY=mine:a new secret of some length"
	p := start(t, env, "--data", dir)
	if !p.accepts(t, "mine:a new secret of some length") || p.refuses(t, "mine:one secret: with a colon") != "49102" {
		t.Error("the new secret did not take the old one's place")
	}
	p.stop(t, syscall.SIGTERM)

	// The id of one kind is not the other's.
	fail(t, []string{"PARLOR_APP_KEY=mine:x"}, `app-key: the key id "mine" belongs to another app or is of the other kind`,
		"serve", "--listen", "127.0.0.1:0", "--data", dir)
}

// TestWeakAndRevokedKeys: serve warns, and does not bring a revoked key back to life.
func TestWeakAndRevokedKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := []string{"PARLOR_SERVER_KEY=mine:short", "PARLOR_APP_KEY=app:long enough a secret"}
	p := start(t, env, "--data", dir)
	p.stderr.wait(t, p,
		regexp.MustCompile(`level=WARN msg="this secret is short enough to be guessed" setting=server-key key=mine`))
	succeed(t, "key", "revoke", "--data", dir, "mine")
	p.stop(t, syscall.SIGTERM)
	p = start(t, env, "--data", dir)
	p.stderr.wait(t, p,
		regexp.MustCompile(`level=WARN msg="this key was revoked and stays so; set another id" setting=server-key key=mine`))
	if code := p.refuses(t, "mine:short"); code != "49106" {
		t.Errorf("the revoked key answers %q", code)
	}
}

// TestSecondServer: two servers on one folder would break each other's data.
func TestSecondServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	k := bannerKey(t, p, "server")
	fail(t, nil, "another parlor serves the data in "+dir, "serve", "--listen", "127.0.0.1:0", "--data", dir)
	if !p.accepts(t, k) {
		t.Error("the first server suffered from the second")
	}
	// The lock goes with the process, however that ends.
	p.stop(t, syscall.SIGKILL)
	if p := start(t, nil, "--data", dir); !p.accepts(t, k) {
		t.Error("the key is gone")
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }() // nobody has connected
	dir := t.TempDir()
	got := run(t, nil, "serve", "--listen", ln.Addr().String(), "--data", dir)
	if got.code != 1 || !strings.Contains(got.stderr, "parlor: listen: ") ||
		!strings.Contains(got.stderr, ln.Addr().String()+": bind: address already in use") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	// The keys of the first start have not been made without being shown.
	p := start(t, nil, "--data", dir)
	bannerKey(t, p, "server")
}

func TestBadSettings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		env  string
		args []string
		want string
	}{
		{"flag", "", []string{"--listen", "8080"}, "listen: want host:port"},
		{"environment", "PARLOR_GRACE=soon", nil, "grace in the environment: "},
		{"secret", "PARLOR_SERVER_KEY=hunter2", nil, "server-key: want id:secret"},
		{"file", "", []string{"--config", "/does/not/exist.yaml"}, "/does/not/exist.yaml: no such file"},
		{"folder", "", []string{"--data", "/dev/null/data"}, "data folder: "},
		{
			"database", "",
			[]string{"--database", "postgres://u:hunter2@127.0.0.1:1/d?connect_timeout=5"},
			"connection refused",
		},
		{"database address", "", []string{"--database", "postgres://u:hunter2%zz@127.0.0.1:1/d"}, "database address: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := run(t, []string{tt.env}, append([]string{"serve"}, tt.args...)...)
			if got.code != 1 || !strings.HasPrefix(got.stderr, "parlor: ") || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("exit code %d, want %q in\n%s", got.code, tt.want, got.stderr)
			}
			if strings.Contains(got.stderr+got.stdout, "hunter2") {
				t.Errorf("a secret is shown:\n%s", got.stderr)
			}
		})
	}
}

// TestMisspeltVariable: a variable that is no setting is named, with the one that was meant.
func TestMisspeltVariable(t *testing.T) {
	t.Parallel()
	fail(t, []string{"PARLOR_LISTNE=127.0.0.1:1"},
		"the environment has PARLOR_LISTNE, which is no setting; did you mean PARLOR_LISTEN?",
		"serve", "--data", t.TempDir())
	fail(t, []string{"PARLOR_DATABASE_URL=postgres://u:hunter2@h/d"},
		"the environment has PARLOR_DATABASE_URL, which is no setting",
		"key", "list", "--data", t.TempDir())
}

// TestSecondSignal: the first lets calls under way finish, the second ends the process at
// once, as the log has said.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	p := start(t, []string{"PARLOR_SERVER_KEY=mine:a secret of some length"}, "--data", t.TempDir(), "--grace", "10m")
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // the server is gone by then
	// A call whose body does not come, under way once the server asks for it.
	_, err = conn.Write([]byte("POST /v1/server/role/list HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n" +
		"Server-Key: bWluZTphIHNlY3JldCBvZiBzb21lIGxlbmd0aA==\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.stderr.wait(t, p, regexp.MustCompile(`parlor is stopping; a second signal ends it at once`))
	select {
	case <-p.ended:
		t.Fatal("the first signal did not wait for the call")
	default:
	}
	if code := p.stop(t, syscall.SIGTERM); code != 1 ||
		!strings.HasSuffix(p.stderr.String(), "parlor: ended at once by a second signal\n") {
		t.Errorf("exit code %d:\n%s", code, p.stderr)
	}
}

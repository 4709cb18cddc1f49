package docs_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a first start of the program in an empty folder, as in `make run`.
type server struct {
	dir     string // the folder of bin/parlor and data
	address string // host:port
	key     string // the server key, id:secret
	paste   string // the first call, as the banner shows it
}

var (
	bannerKey  = regexp.MustCompile(`server key  (\S+:\S+)`)
	bannerCurl = regexp.MustCompile(`(?s)( +curl .*?)\n\n`)
	bannerDocs = regexp.MustCompile(`http://(\S+)/docs`)
)

func start(t *testing.T) server {
	t.Helper()
	s := server{dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(s.dir, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(binary, filepath.Join(s.dir, "bin", "parlor")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bin/parlor", "serve")
	cmd.Dir, cmd.Env = s.dir, append(environment(), "PARLOR_LISTEN=127.0.0.1:0")
	var log strings.Builder
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killer := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }) // so that no test waits forever
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v:\n%s", err, log.String())
		}
		killer.Stop()
	})
	banner := ""
	for lines := bufio.NewScanner(out); s.address == ""; {
		if !lines.Scan() {
			t.Fatalf("the server showed no keys: %q", banner)
		}
		banner += lines.Text() + "\n"
		if m := bannerDocs.FindStringSubmatch(banner); m != nil {
			s.address = m[1]
		}
	}
	key, paste := bannerKey.FindStringSubmatch(banner), bannerCurl.FindStringSubmatch(banner)
	if key == nil || paste == nil {
		t.Fatalf("the banner has no key or no call:\n%s", banner)
	}
	s.key, s.paste = key[1], paste[1]
	return s
}

// environment is that of a reader who has set nothing of Parlor's.
func environment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PARLOR_") {
			env = append(env, v)
		}
	}
	return env
}

// TestBanner pastes the call that a first start shows.
func TestBanner(t *testing.T) {
	t.Parallel()
	s := start(t)
	out, err := exec.Command("bash", "-euo", "pipefail", "-c", s.paste).CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"xcRoomID":"HELLO-1"`) {
		t.Errorf("%s\nanswered %v: %s", s.paste, err, out)
	}
}

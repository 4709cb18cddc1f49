package e2e

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parlor/internal/config"
	"parlor/internal/server"
	"parlor/test/env/natstest"
	"parlor/test/env/s3test"
	"parlor/test/env/servertest"
)

// inBucket are settings with files in the bucket "files" of a store, or of what stands before it.
func inBucket(cfg config.Config, url string) config.Config {
	cfg.Files, cfg.S3Endpoint, cfg.S3Region = "s3://files/parlor", url, s3test.Region
	cfg.S3KeyID, cfg.S3Secret = s3test.KeyID, s3test.Secret
	return cfg
}

// TestFilesOfTwoNodes: what is uploaded to one node is there on the other, and the store may fail in
// between.
func TestFilesOfTwoNodes(t *testing.T) {
	t.Parallel()
	store := s3test.Run(t)
	store.Bucket(t, "files")
	proxy := s3test.NewProxy(t, store)
	cfg := inBucket(servertest.Postgres(t), proxy.URL)
	cfg.NATS = natstest.Run(t).URL()
	one := servertest.Start(t, cfg, nil).Default()
	cfg.Data = t.TempDir() // of another machine
	two := servertest.Start(t, cfg, nil).Default()
	ana, bo := one.SignIn(t, "ana", "a1"), two.SignIn(t, "bo", "b1")
	pair := pairOf(ana, bo)

	picture := servertest.PNG(t, 900, 700)
	up := ana.MustUpload(t, pair, "boat.png", picture)
	share(t, ana, pair, obj{"fileID": up.FileID, "url": up.URL})
	resp, got := download(t, bo, pair, up.FileID, nil)
	if !bytes.Equal(got, picture) || resp.ContentLength != int64(len(picture)) {
		t.Errorf("downloaded %d bytes of %d, announced %d", len(got), len(picture), resp.ContentLength)
	}
	path := addressPath(t, up.URL)
	resp, got = two.Fetch(t, http.MethodGet, path, nil, "")
	if !bytes.Equal(got, picture) {
		t.Errorf("at its address: status %d, %d bytes", resp.StatusCode, len(got))
	}
	checkConditions(t, two, path, picture, resp.Header.Get("ETag"))
	if _, small := two.Fetch(t, http.MethodGet, path+"/thumbnail", nil, ""); servertest.Measure(t, small) != "jpeg 320x248" {
		t.Errorf("the small picture is a %s", servertest.Measure(t, small))
	}

	proxy.Fail(s3test.Busy)
	answer := ana.Upload(t, "chat/file/upload", servertest.FormOf("f", []byte("x"), nil))
	if answer.Error.Code != "50301" || !strings.Contains(answer.Error.Message, "nothing was stored") {
		t.Errorf("an upload while the store is busy: %s", answer.Body)
	}
	if resp, got := download(t, bo, pair, up.FileID, nil); refusal(resp, got) != "50301" {
		t.Errorf("a download while the store is busy: %s", got)
	}
	if resp, _ := two.Fetch(t, http.MethodGet, path, nil, ""); resp.StatusCode != http.StatusServiceUnavailable ||
		resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("at its address while the store is busy: status %d, %v", resp.StatusCode, resp.Header)
	}
	proxy.Recover()
	if _, got := download(t, bo, pair, up.FileID, nil); !bytes.Equal(got, picture) {
		t.Errorf("after it is back: %d bytes", len(got))
	}
	ana.MustUpload(t, pair, "f", []byte("x"))

	object := filepath.Join(store.Folder("files"), "parlor", "objects", up.FileID)
	if err := os.Truncate(object, 100); err != nil {
		t.Fatal(err)
	}
	if resp, got := download(t, bo, pair, up.FileID, nil); refusal(resp, got) != "50301" || !strings.Contains(string(got), "damaged") {
		t.Errorf("of half an object: %s", got)
	}
	if err := os.Remove(object); err != nil {
		t.Fatal(err)
	}
	if resp, got := download(t, bo, pair, up.FileID, nil); refusal(resp, got) != "50301" || !strings.Contains(string(got), "missing") {
		t.Errorf("after the loss of the object: %s", got)
	}
	if left := filesBelow(t, filepath.Join(cfg.Data, "spool")); len(left) > 0 {
		t.Errorf("left over in the spool: %v", left)
	}
}

// TestBucketOfOneDatabase: a server does not take the part of a bucket that another has for its own,
// nor go on with an empty one, and says what is wrong with its settings, but not its secret.
func TestBucketOfOneDatabase(t *testing.T) {
	t.Parallel()
	store := s3test.Run(t)
	store.Bucket(t, "files")
	cfg := inBucket(servertest.SQLite(t), store.URL())
	s := servertest.Start(t, cfg, nil)
	s.Default().SignIn(t, "ana", "1").MustUpload(t, "", "a.txt", []byte("a"))
	s.Stop(t)
	refused := func(what string, cfg config.Config, says string) {
		t.Helper()
		err := server.Run(t.Context(), cfg, server.Options{Log: slog.New(slog.DiscardHandler), Out: io.Discard})
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), cfg.S3Secret) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("another database", inBucket(servertest.SQLite(t), store.URL()), "belongs to another database")
	empty := cfg
	empty.Files = "s3://files/elsewhere"
	refused("an empty prefix", empty, "is not the folder or bucket that they are in")
	wrong := cfg
	wrong.S3Secret = "hunter2"
	refused("a wrong secret", wrong, "files: s3://files/parlor/ cannot be used: list the bucket: ")
	gone := cfg
	gone.Files = "s3://gone"
	refused("no bucket", gone, "make the bucket gone")
	s.StartAgain(t)
	s.Default().SignIn(t, "ana", "1").MustUpload(t, "", "b.txt", []byte("b"))
}

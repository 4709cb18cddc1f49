package faults

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"parlor/client"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// uploader uploads files, and keeps what of them was acknowledged.
type uploader struct {
	user string
	in   *client.Device
	rng  *rand.Rand

	mu    sync.Mutex
	acked map[client.FileID][sha256.Size]byte // hashes of content
}

func newUploader(t *testing.T, p *parlor, user string, rng *rand.Rand) *uploader {
	t.Helper()
	u := &uploader{user: user, rng: rand.New(rand.NewPCG(rng.Uint64(), 0)), acked: map[client.FileID][sha256.Size]byte{}}
	u.signIn(t, p)
	return u
}

func (u *uploader) signIn(t *testing.T, p *parlor) {
	t.Helper()
	ticket, err := p.backend.RequestTicket(t.Context(), client.Profile{XCID: u.user, Fullname: u.user})
	if err != nil {
		t.Fatal(err)
	}
	app, err := client.NewApp(client.Config{URL: p.url, Key: appKey, HTTP: p.http, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	if u.in, err = app.SignIn(t.Context(), ticket.Text, client.DeviceOptions{ID: "phone"}); err != nil {
		t.Fatal(err)
	}
}

// upload uploads one file of size bytes that nobody else has.
func (u *uploader) upload(ctx context.Context, size int) error {
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(u.rng.Uint32())
	}
	f, err := u.in.Upload(ctx, client.Upload{Name: "f.bin", Content: bytes.NewReader(content)})
	if err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.acked[f.ID] = sha256.Sum256(content)
	return nil
}

func (u *uploader) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.acked)
}

// check fetches all that was acknowledged.
func (u *uploader) check(t *testing.T) {
	t.Helper()
	for id, want := range u.acked {
		c, err := u.in.Download(t.Context(), "", id)
		if err != nil {
			t.Errorf("a file of %s's is lost: %v", u.user, err)
			continue
		}
		content, err := io.ReadAll(c)
		if err != nil || sha256.Sum256(content) != want {
			t.Errorf("a file of %s's has come back as %d other bytes (%v)", u.user, len(content), err)
		}
		_ = c.Close() // all of it was read
	}
}

// spools are uploads that have not ended, or were left.
func spools(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "spool", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// TestKilledUnderUploads ends the program while files come. What it has acknowledged is there,
// byte for byte; what it has a row of is whole; and what the files take is counted right.
func TestKilledUnderUploads(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		folder := filepath.Join(t.TempDir(), "files")
		rng := newRand(t)
		p := start(t, o, "--files", folder)
		var all []*uploader
		for i := range 4 {
			all = append(all, newUploader(t, p, fmt.Sprint("user ", i), rng))
		}
		for range 3 {
			var busy sync.WaitGroup
			before := 0
			for _, u := range all {
				before += u.count()
				busy.Go(func() {
					for err := error(nil); err == nil; {
						err = u.upload(t.Context(), 1+u.rng.IntN(600<<10))
						if refusal(err) != nil && !isUnavailable(err) {
							t.Error(err)
						}
					}
				})
			}
			enough := before + 1 + rng.IntN(12)
			eventually(t, "some are stored and others come", func() bool {
				n := 0
				for _, u := range all {
					n += u.count()
				}
				return n >= enough && len(spools(t, folder)) > 0
			})
			p.Kill()
			busy.Wait()
			p = start(t, o, "--files", folder)
			if left := spools(t, folder); o.DSN == "" && len(left) > 0 {
				t.Errorf("the killed process has left %q", left)
			}
			for _, u := range all {
				u.signIn(t, p)
				u.check(t)
			}
			storetest.Audit(t, o)
			checkObjects(t, o, folder)
		}
	})
}

// checkObjects looks for the content of each row, acknowledged or not.
func checkObjects(t *testing.T, o store.Options, folder string) {
	t.Helper()
	for _, row := range storetest.Query(t, o, "SELECT id || ' ' || size || ' ' || checksum FROM files") {
		var id, checksum string
		var size int
		if _, err := fmt.Sscan(row, &id, &size, &checksum); err != nil {
			t.Fatal(err)
		}
		content := readFile(t, filepath.Join(folder, "objects", id[:2], id))
		if sum := sha256.Sum256(content); len(content) != size || fmt.Sprintf("%x", sum) != checksum {
			t.Errorf("file %s has %d bytes of %d, or others", id, len(content), size)
		}
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	return b
}

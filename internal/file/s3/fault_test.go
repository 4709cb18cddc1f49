package s3_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/file"
	"parlor/internal/file/s3"
	"parlor/test/env/s3test"
)

// spoilt is a bucket behind a proxy.
type spoilt struct {
	*s3.Bucket
	proxy  *s3test.Proxy
	store  *s3test.Server
	spools *file.Spools
}

func newSpoilt(t *testing.T) spoilt {
	t.Helper()
	s := spoilt{store: s3test.Run(t)}
	s.store.Bucket(t, "files")
	s.proxy = s3test.NewProxy(t, s.store)
	s.Bucket = open(t, s.proxy.URL, func(o *s3.Options) { o.Stall, o.Call = time.Second, 2*time.Second })
	var err error
	if s.spools, err = file.OpenSpools(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFaults: whatever the store does, each call ends with an error that says what failed, and works
// again once the store does.
func TestFaults(t *testing.T) {
	s := newSpoilt(t)
	content := random(3 << 20)
	put(t, s, s.spools, "kept", content)
	broken := func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }
	for _, fault := range []struct {
		name  string
		fault s3test.Fault
		says  string
	}{
		{"hangs", s3test.Hang, ""},
		{"busy", s3test.Busy, "reduce your request rate"},
		{"no right", s3test.Forbid, "give the key TESTKEY the rights"},
		{"breaks off", broken, "is there an object store at " + s.proxy.URL},
	} {
		t.Run(fault.name, func(t *testing.T) {
			s.proxy.Fail(fault.fault)
			sp := spool(t, s.spools, content)
			asked := s.proxy.Asked()
			calls := map[string]func() error{
				"put": func() error { return s.Put(t.Context(), "new0", sp) },
				"open": func() error {
					_, err := s.Open(t.Context(), "kept")
					return err
				},
				"delete": func() error { return s.Delete(t.Context(), "kept") },
				"list":   func() error { return s.List(t.Context(), func(file.Object) error { return nil }) },
				"mark": func() error {
					_, err := s.Mark(t.Context())
					return err
				},
				"set mark": func() error { return s.SetMark(t.Context(), "x") },
				"try":      func() error { return s.Try(t.Context()) },
			}
			var all sync.WaitGroup
			for what, call := range calls {
				all.Go(func() {
					begun := time.Now()
					err := call()
					switch took := time.Since(begun); {
					case err == nil || errors.Is(err, file.ErrNotFound):
						t.Errorf("%s: %v", what, err)
					case !strings.Contains(err.Error(), fault.says) && what != "open": // of which there is no body
						t.Errorf("%s: the error does not say %q: %v", what, fault.says, err)
					case took > 15*time.Second:
						t.Errorf("%s: it took %v", what, took)
					case strings.Contains(err.Error(), s3test.Secret):
						t.Errorf("%s: the secret is in %v", what, err)
					}
				})
			}
			all.Wait()
			// Each three times, and once more where a connection had been closed before.
			if n := s.proxy.Asked() - asked; n < int64(len(calls)) || n > int64(6*len(calls)) {
				t.Errorf("the store was asked %d times by %d calls", n, len(calls))
			}
			s.proxy.Recover()
			if err := s.Put(t.Context(), "new0", sp); err != nil {
				t.Error(err)
			}
			if got, err := io.ReadAll(get(t, s, "kept")); err != nil || !bytes.Equal(got, content) {
				t.Errorf("read %d bytes (%v)", len(got), err)
			}
		})
	}
}

// TestBrokenContent: a content that breaks off, stalls or is another one's is never taken for whole,
// and is read on where it was if the store comes back.
func TestBrokenContent(t *testing.T) {
	s := newSpoilt(t)
	content := random(1 << 20)
	put(t, s, s.spools, "kept", content)
	for name, fault := range map[string]s3test.Fault{"short": s3test.Short, "stall": s3test.Stall, "other range": s3test.Whole} {
		t.Run(name, func(t *testing.T) {
			c := get(t, s, "kept")
			s.proxy.Fail(fault)
			got, err := io.ReadAll(c)
			if err == nil || len(got) >= len(content) || !bytes.Equal(got, content[:len(got)]) {
				t.Errorf("read %d bytes (%v)", len(got), err)
			}
			var times atomic.Int64
			s.proxy.Fail(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if times.Add(1) > 2 {
					next.ServeHTTP(w, r)
					return
				}
				fault(w, r, next)
			})
			again := get(t, s, "kept") // a first request
			if got, err = io.ReadAll(again); err != nil || !bytes.Equal(got, content) {
				t.Errorf("after two faults: read %d bytes (%v)", len(got), err)
			}
			s.proxy.Recover()
		})
	}
	c := get(t, s, "kept")
	if err := os.Remove(filepath.Join(s.store.Folder("files"), "some", "where", "objects", "kept")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); err == nil || !strings.Contains(err.Error(), "read some/where/objects/kept") {
		t.Errorf("a lost object was read: %v", err)
	}
	if _, err := s.Open(t.Context(), "kept"); !errors.Is(err, file.ErrNotFound) {
		t.Errorf("a lost object is there: %v", err)
	}
}

// TestDamagedOnTheWay: content that comes to the store other than it was sent is not stored.
func TestDamagedOnTheWay(t *testing.T) {
	s := newSpoilt(t)
	s.proxy.Fail(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		body[len(body)/2] ^= 1
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
	if err := s.Put(t.Context(), "kept", spool(t, s.spools, random(100_000))); err == nil {
		t.Error("damaged content was stored")
	}
	s.proxy.Recover()
	if _, err := s.Open(t.Context(), "kept"); !errors.Is(err, file.ErrNotFound) {
		t.Errorf("there is something: %v", err)
	}
}

// TestTry: a start says what is wrong with the settings.
func TestTry(t *testing.T) {
	store := s3test.Run(t)
	store.Bucket(t, "files")
	gone := s3test.Run(t)
	for name, tt := range map[string]struct {
		change func(*s3.Options)
		says   string
	}{
		"all is well":   {func(*s3.Options) {}, ""},
		"no prefix":     {func(o *s3.Options) { o.Prefix = "" }, ""},
		"no bucket":     {func(o *s3.Options) { o.Bucket = "other" }, "make the bucket other"},
		"unknown key":   {func(o *s3.Options) { o.KeyID = "NOBODY" }, "does not know the key NOBODY"},
		"wrong secret":  {func(o *s3.Options) { o.Secret = "hunter2" }, "s3-secret is not the secret of the key TESTKEY"},
		"other region":  {func(o *s3.Options) { o.Region = "elsewhere" }, "Set s3-region"},
		"nobody there":  {func(o *s3.Options) { o.Endpoint = "http://127.0.0.1:1" }, "is there an object store at http://127.0.0.1:1"},
		"no TLS there":  {func(o *s3.Options) { o.Endpoint = "https" + strings.TrimPrefix(gone.URL(), "http") }, "s3-endpoint"},
		"no such thing": {func(o *s3.Options) { o.Endpoint = "http://no-such-host.invalid" }, "s3-endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			err := open(t, store.URL(), tt.change).Try(t.Context())
			if tt.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("want %q: %v", tt.says, err)
			}
		})
	}
}

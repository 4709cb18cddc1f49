package s3_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"parlor/internal/file"
	"parlor/internal/file/s3"
	"parlor/test/env/s3test"
)

// places runs a test on both implementations of file.Place. below is the folder in which the content is,
// as files by their keys or, of a Folder, in folders below it.
func places(t *testing.T, test func(t *testing.T, place file.Place, spools *file.Spools, below string)) {
	t.Run("folder", func(t *testing.T) {
		dir := t.TempDir()
		place, spools, err := file.OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		test(t, place, spools, filepath.Join(dir, "objects"))
	})
	t.Run("s3", func(t *testing.T) {
		store := s3test.Run(t)
		store.Bucket(t, "files")
		spools, err := file.OpenSpools(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		test(t, open(t, store.URL(), func(o *s3.Options) {}), spools, filepath.Join(store.Folder("files"), "some", "where", "objects"))
	})
}

// open is the bucket "files" of a test store.
func open(t *testing.T, url string, change func(*s3.Options)) *s3.Bucket {
	t.Helper()
	o := s3.Options{
		Endpoint: url, Region: s3test.Region, Bucket: "files", Prefix: "some/where/", KeyID: s3test.KeyID, Secret: s3test.Secret,
	}
	change(&o)
	b, err := s3.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func spool(t *testing.T, s *file.Spools, content []byte) *file.Spool {
	t.Helper()
	sp, err := s.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sp.Discard(); err != nil {
			t.Error(err)
		}
	})
	if _, err := sp.Write(content); err != nil {
		t.Fatal(err)
	}
	return sp
}

func put(t *testing.T, place file.Objects, spools *file.Spools, key string, content []byte) {
	t.Helper()
	if err := place.Put(t.Context(), key, spool(t, spools, content)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, place file.Objects, key string) file.Content {
	t.Helper()
	c, err := place.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// random is content in which every part differs from every other.
func random(n int) []byte {
	content := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(content) // it never fails
	return content
}

// TestObjects: content goes in whole, is read from anywhere, and goes for good.
func TestObjects(t *testing.T) {
	places(t, func(t *testing.T, place file.Place, spools *file.Spools, _ string) {
		for _, size := range []int{1, 256<<10 - 1, 256 << 10, 256<<10 + 1, 5<<20 + 7} {
			content := random(size)
			put(t, place, spools, "abcd", content)
			c := get(t, place, "abcd")
			if c.Size() != int64(size) {
				t.Errorf("%d bytes of %d", c.Size(), size)
			}
			if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, content) {
				t.Errorf("of %d bytes: read %d (%v)", size, len(got), err)
			}
			for _, from := range []int{0, size / 2, size - 1, size, size / 3} {
				length := min(100, size-from)
				at, err := c.Seek(int64(from), io.SeekStart)
				if err != nil || at != int64(from) {
					t.Fatalf("at %d, want %d (%v)", at, from, err)
				}
				part := make([]byte, length)
				if _, err := io.ReadFull(c, part); err != nil || !bytes.Equal(part, content[from:from+length]) {
					t.Errorf("of %d bytes: from %d on it differs (%v)", size, from, err)
				}
			}
			if at, err := c.Seek(-1, io.SeekEnd); err != nil || at != int64(size)-1 {
				t.Errorf("at %d (%v)", at, err)
			}
			if at, err := c.Seek(1, io.SeekCurrent); err != nil || at != int64(size) {
				t.Errorf("at %d (%v)", at, err)
			}
			if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("at the end: %d bytes (%v)", n, err)
			}
			if _, err := c.Seek(-1, io.SeekStart); err == nil {
				t.Error("read before the begin")
			}
		}
		for range 2 { // the second time there is nothing
			if err := place.Delete(t.Context(), "abcd"); err != nil {
				t.Error(err)
			}
		}
		if _, err := place.Open(t.Context(), "abcd"); !errors.Is(err, file.ErrNotFound) {
			t.Errorf("opened after its end: %v", err)
		}
	})
}

// TestList: everything is listed, and once, whatever is removed meanwhile, and however much there is.
func TestList(t *testing.T) {
	places(t, func(t *testing.T, place file.Place, spools *file.Spools, below string) {
		if err := place.List(t.Context(), func(o file.Object) error { return errors.New(o.Key) }); err != nil {
			t.Errorf("of nothing there is %v", err)
		}
		put(t, place, spools, "aaaa", []byte("x"))
		const many = 2100 // more than two of S3's pages
		for i := range many {
			name := filepath.Join(below, "zz"+string(rune('a'+i/100))+string(rune('a'+i/10%10))+string(rune('a'+i%10)))
			if err := os.WriteFile(name, []byte("y"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := place.SetMark(t.Context(), "mine"); err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		if err := place.List(t.Context(), func(o file.Object) error {
			if seen[o.Key]++; o.Stored.IsZero() {
				t.Errorf("%s has no time", o.Key)
			}
			if len(seen)%50 == 0 {
				return os.Remove(filepath.Join(below, o.Key)) // not "aaaa", which comes first
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(seen) != many+1 {
			t.Errorf("%d are listed, of %d", len(seen), many+1)
		}
		for key, n := range seen {
			if n != 1 {
				t.Errorf("%s is listed %d times", key, n)
			}
		}
		enough := errors.New("enough")
		if err := place.List(t.Context(), func(file.Object) error { return enough }); !errors.Is(err, enough) {
			t.Errorf("it goes on: %v", err)
		}
	})
}

// TestMark: whose a place is stays.
func TestMark(t *testing.T) {
	places(t, func(t *testing.T, place file.Place, _ *file.Spools, _ string) {
		for _, want := range []string{"", "one", "two"} {
			if want != "" {
				if err := place.SetMark(t.Context(), want); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := place.Mark(t.Context()); got != want || err != nil {
				t.Errorf("mark %q (%v), want %q", got, err, want)
			}
		}
	})
}

package store_test

import (
	"errors"
	"os"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store/storetest"
)

// TestFilesThatAreGone: health and writes say so, in words for a caller.
func TestFilesThatAreGone(t *testing.T) {
	const want = "The database's files were deleted, moved or replaced while Parlor runs; nothing was stored"
	o := storetest.SQLite(t)
	st := storetest.Open(t, o)
	makeApp(t, st, "a")
	if err := st.Health(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(o.Path, o.Path+".moved"); err != nil {
		t.Fatal(err)
	}
	_, err := st.CreateApp(t.Context(), "b")
	for what, err := range map[string]error{"health": st.Health(t.Context()), "a write": err} {
		wantCode(t, what, err, chat.CodeUnavailable)
		var told *chat.Error
		if !errors.As(err, &told) || told.Message != want {
			t.Errorf("%s: %v", what, err)
		}
	}
}

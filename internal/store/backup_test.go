package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestBackupUnderWrites copies a database that many write to. The copy is whole and
// sound; it has every message that was acknowledged before the copying began, and of
// each writer no message without those before it.
func TestBackupUnderWrites(t *testing.T) {
	o := storetest.SQLite(t)
	st := storetest.Open(t, o)
	app := makeApp(t, st, "a")
	users := makeUsers(t, st, app, "u", 8)
	r := makeRoom(t, st, app, "r")
	localID := func(writer, n int) string { return fmt.Sprintf("message %d of %d", n, writer) }

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var mu sync.Mutex
	acked := make([]int, len(users))
	var wg sync.WaitGroup
	for i, u := range users {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				m := chat.Message{App: app.ID, Room: r.ID, Sender: u.ID, LocalID: localID(i, n), Body: "some words of no weight"}
				list := []store.NewMessage{{Message: m}}
				if _, err := st.AppendMessages(context.Background(), store.Author{}, int64(r.ID), list); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acked[i] = n + 1
				mu.Unlock()
			}
		})
	}
	count := func() (sum int) {
		mu.Lock()
		defer mu.Unlock()
		for _, n := range acked {
			sum += n
		}
		return sum
	}
	for copyNo := range 3 {
		want := count() + 200
		eventually(t, "messages are written", func() bool { return count() >= want })
		mu.Lock()
		before := append([]int(nil), acked...)
		mu.Unlock()
		file := filepath.Join(t.TempDir(), fmt.Sprint("copy", copyNo))
		if err := store.Backup(t.Context(), o.Path, file, store.BackupOptions{}); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the copy is for everybody's eyes: %v (%v)", info.Mode(), err)
		}
		kept := store.Options{Path: file}
		storetest.Audit(t, kept)
		has := storetest.LocalIDs(t, kept)
		for i, n := range before {
			for k := range n {
				if !has[localID(i, k)] {
					t.Fatalf("%q was acknowledged before the copy began and is not in it", localID(i, k))
				}
			}
			for n > 0 && has[localID(i, n)] {
				n++
			}
			if has[localID(i, n+1)] {
				t.Errorf("%q is in the copy without the one before it", localID(i, n+1))
			}
		}
		copied := storetest.Open(t, kept) // and a server can go on with it
		if got, err := copied.Room(t.Context(), app.ID, "r"); err != nil || got.ID != r.ID {
			t.Errorf("the room in the copy: %+v (%v)", got, err)
		}
		say(t, copied, chat.Message{App: app.ID, Room: r.ID, Sender: users[0].ID, LocalID: "into the copy"})
	}
	stop()
	wg.Wait()
	storetest.Audit(t, o)
}

package e2e

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parlor/internal/config"
	"parlor/internal/store"
	"parlor/test/env/servertest"
)

// logText is what a server logs.
type logText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// take is what was logged since the last time.
func (l *logText) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.String()
	l.text.Reset()
	return text
}

// TestSearchIndexIsMadeAgain: an index that is gone, damaged, cut off, or of another past, is made from the messages,
// and until then no search answers with less than there is.
func TestSearchIndexIsMadeAgain(t *testing.T) {
	t.Parallel()
	log := &logText{}
	server := servertest.StartTold(t, servertest.SQLite(t), slog.New(slog.NewTextHandler(log, nil)), nil)
	s := server.Default()
	putUsers(t, s, "ana")
	putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana"}})
	var want []string
	say := func(text string) {
		t.Helper()
		send(t, s, "ana", "r", text)
		want = append([]string{text}, want...)
		finds(t, s, obj{"query": "word"}, want...)
	}
	for i := range 450 { // more than are indexed at a time
		send(t, s, "ana", "r", fmt.Sprint("filler ", i))
	}
	say("word one")
	index := filepath.Join(server.Config.Data, "search.db")
	database := filepath.Join(server.Config.Data, "parlor.db")
	again := func(do func()) string {
		t.Helper()
		server.Stop(t)
		log.take()
		do()
		server.StartAgain(t)
		finds(t, s, obj{"query": "word"}, want...)
		finds(t, s, obj{"query": "filler 7"}, "filler 7")
		return log.take()
	}
	if text := again(func() {}); strings.Contains(text, `msg="the search index`) {
		t.Errorf("a start without a reason to has said of the index:\n%s", text)
	}
	say("word two")
	remove := func() {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(index + suffix); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
	}
	if text := again(remove); !strings.Contains(text, "there is none") {
		t.Errorf("with its file removed:\n%s", text)
	}
	say("word three")
	if text := again(func() { overwrite(t, index, 0) }); !strings.Contains(text, "damaged") {
		t.Errorf("with its file spoilt:\n%s", text)
	}
	say("word four")

	// The database falls back to a copy, and goes on to other things than it did before.
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := store.Backup(t.Context(), database, copied, store.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	kept := want
	say("word of a past that is forgotten")
	send(t, s, "ana", "r", "nothing more of it")
	want = kept
	text := again(func() {
		b, err := os.ReadFile(copied)
		if err == nil {
			err = os.WriteFile(database, b, 0o600)
		}
		for _, suffix := range []string{"-wal", "-shm"} {
			_ = os.Remove(database + suffix)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if !strings.Contains(text, "another past") {
		t.Errorf("on an older database:\n%s", text)
	}
	say("word of another past")

	// What is damaged in the middle shows when it is read.
	log.take()
	server.Stop(t)
	overwrite(t, index, 4096)
	server.StartAgain(t)
	finds(t, s, obj{"query": "word"}, want...)
}

// overwrite spoils a file from an offset on.
func overwrite(t *testing.T, path string, from int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := from; i < len(b); i++ {
		b[i] = 0x5a
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSearchIsSwitchedOff: without it, and without the events that it needs, a search says which setting it wants,
// and no index is left behind; with it again, all is found.
func TestSearchIsSwitchedOff(t *testing.T) {
	t.Parallel()
	for name, newConfig := range map[string]func(testing.TB) config.Config{"sqlite": servertest.SQLite, "postgres": servertest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servertest.Start(t, newConfig(t), nil)
			s := server.Default()
			putUsers(t, s, "ana")
			putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana"}})
			send(t, s, "ana", "r", "word one")
			finds(t, s, obj{"query": "word"}, "word one")
			for i, without := range []string{"search", "events-keep"} {
				server.Stop(t)
				server.Config.Search, server.Config.EventsKeep = without != "search", 168*time.Hour
				if without == "events-keep" {
					server.Config.EventsKeep = 0
				}
				server.StartAgain(t)
				a := call(t, s, "message/search", obj{"query": "word"})
				if a.Error.Code != "40901" || !strings.Contains(a.Error.Message, "'"+without+"'") {
					t.Errorf("without %s it says %+v", without, a.Error)
				}
				send(t, s, "ana", "r", fmt.Sprint("word unheard ", i))
				if server.Config.Database == "" {
					eventually(t, "the file is gone", func() bool {
						_, err := os.Stat(filepath.Join(server.Config.Data, "search.db"))
						return os.IsNotExist(err)
					})
				}
			}
			server.Stop(t)
			server.Config.Search, server.Config.EventsKeep = true, 168*time.Hour
			server.StartAgain(t)
			finds(t, s, obj{"query": "word"}, "word unheard 1", "word unheard 0", "word one")
		})
	}
}

// TestSearchOnSeveralNodes: what either node stores is found by both, and one goes on when the other stops.
func TestSearchOnSeveralNodes(t *testing.T) {
	t.Parallel()
	cfg := servertest.Postgres(t)
	first := servertest.Start(t, cfg, nil)
	second := servertest.Start(t, cfg, nil)
	a, b := first.Default(), second.Default()
	putUsers(t, a, "ana")
	putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana"}})
	send(t, a, "ana", "r", "word one")
	send(t, b, "ana", "r", "word two")
	finds(t, a, obj{"query": "word"}, "word two", "word one")
	finds(t, b, obj{"query": "word"}, "word two", "word one")
	first.Stop(t)
	send(t, b, "ana", "r", "word three")
	finds(t, b, obj{"query": "word"}, "word three", "word two", "word one")
	first.StartAgain(t)
	second.Stop(t)
	send(t, a, "ana", "r", "word four")
	finds(t, a, obj{"query": "word"}, "word four", "word three", "word two", "word one")
}

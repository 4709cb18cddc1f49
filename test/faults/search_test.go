package faults

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"parlor/client"
	"parlor/internal/store"
)

// TestKilledWhileIndexing kills the program again and again while messages come, are edited and deleted, and while
// the search index is made. Each message is found as it is then, and once.
func TestKilledWhileIndexing(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		kills := 3
		if o.DSN != "" {
			kills = 1 // the next process waits for the lease of the one before
		}
		p := start(t, o)
		if err := p.put(t.Context(), "ana"); err != nil {
			t.Fatal(err)
		}
		for r := range 3 {
			room := client.RoomSettings{XCID: fmt.Sprint("r", r), Type: client.Group, Name: "R", Participants: []string{"ana"}}
			if _, err := p.backend.PutRoom(t.Context(), room); err != nil {
				t.Fatal(err)
			}
		}
		for kill := range kills {
			killWhileWriting(t, p, 60*(kill+1))
			if o.DSN == "" && kill == 1 { // it is made anew, and killed in it
				if err := os.Remove(filepath.Join(filepath.Dir(o.Path), "search.db")); err != nil {
					t.Fatal(err)
				}
			}
			p = start(t, o)
		}
		var want []string
		for r := range 3 {
			for m, err := range p.backend.Messages(t.Context(), client.MessageFilter{XCRoomID: fmt.Sprint("r", r)}) {
				if err != nil {
					t.Fatal(err)
				}
				if !m.Deleted && m.Type == client.TextMessage {
					want = append(want, m.Body)
				}
			}
		}
		slices.Sort(want)
		var got []string
		eventually(t, "all messages are found", func() bool {
			got = nil
			for m, err := range p.backend.Search(t.Context(), client.MessageSearch{Query: "word"}) {
				if err != nil {
					return false // the index is being made
				}
				got = append(got, m.Body)
			}
			slices.Sort(got)
			return slices.Equal(got, want)
		})
		if len(want) < 40*kills {
			t.Errorf("%d messages are too few for a test", len(want))
		}
	})
}

// killWhileWriting has messages sent, edited and deleted, and kills the program once so many were sent.
func killWhileWriting(t *testing.T, p *parlor, sends int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	enough := make(chan struct{})
	var all sync.WaitGroup
	var mu sync.Mutex
	sent := 0
	for r := range 3 {
		all.Go(func() { // ends with the program
			room := fmt.Sprint("r", r)
			for i := 0; ctx.Err() == nil; i++ {
				text := fmt.Sprintf("word %s %d %s", room, i, client.NewLocalID())
				if _, err := p.backend.Send(ctx, client.BackendMessage{Text: text, SenderXCID: "ana", XCRoomID: room}); err != nil {
					return
				}
				mu.Lock()
				if sent++; sent == sends {
					close(enough)
				}
				mu.Unlock()
				if i%7 > 1 {
					continue
				}
				for m, err := range p.backend.Messages(ctx, client.MessageFilter{XCRoomID: room}) {
					switch { // the program may be gone
					case err != nil:
						return
					case i%7 == 0:
						_, _ = p.backend.DeleteMessages(ctx, m.ID)
					default:
						_, _, _ = p.backend.EditMessage(ctx, client.MessageEdit{ID: m.ID, Text: m.Body + " edited"})
					}
					break
				}
			}
		})
	}
	<-enough
	p.Kill()
	cancel()
	all.Wait()
}

package client_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

// TestUntaken ends a program before it has taken all that came, and the server with it or not. What the program had
// not come back for comes to the next stream of the device.
func TestUntaken(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		t.Run(fmt.Sprintf("server restarted %t", restarted), func(t *testing.T) {
			s := servertest.Start(t, servertest.SQLite(t), nil)
			b, bo := backendOf(t, s), signIn(t, s, "bo", "b")
			observer := connect(t, signIn(t, s, "ana", "a"), client.StreamOptions{})
			group(t, b, "room", "ana", "bo")
			stream := connect(t, bo, client.StreamOptions{})
			for _, s := range []*client.Stream{observer, stream} {
				next[client.Connected](t, s, nil)
			}
			texts := []string{"0", "1", "2", "3", "4"}
			for _, text := range texts {
				m := client.BackendMessage{Text: text, SenderXCID: "ana", XCRoomID: "room"}
				if _, err := b.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			for _, want := range texts {
				if text := nextText(t, observer); text != want {
					t.Fatalf("the observer is shown %q, want %q", text, want)
				}
			}
			for _, want := range texts[:2] { // and does not come back for the second one
				if text := nextText(t, stream); text != want {
					t.Fatalf("the program is shown %q, want %q", text, want)
				}
			}
			// A stream that closed in order would say now that it has all that is older than a second.
			time.Sleep(1500 * time.Millisecond)
			stream.Close()
			if restarted {
				s.Stop(t)
				s.StartAgain(t)
			}

			again := connect(t, bo, client.StreamOptions{})
			var shown []string
			for !slices.Contains(shown, "4") {
				shown = append(shown, nextText(t, again))
			}
			// The first two may come again, since nobody has told the server that they had arrived.
			if got := shown[max(len(shown)-3, 0):]; !slices.Equal(got, texts[2:]) {
				t.Errorf("the next stream is shown %v, and lacks some of %v", shown, texts[2:])
			}
		})
	}
}

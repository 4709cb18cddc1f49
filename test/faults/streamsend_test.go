package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/client"
	"parlor/internal/store/storetest"
	"parlor/test/env/process"
)

// TestSendingOverStreamsSurvivesKills ends the server at random moments while users send and edit over streams of the
// Go client. Send and Edit last through the kills, and what they have returned is stored once and shown once.
func TestSendingOverStreamsSurvivesKills(t *testing.T) {
	t.Parallel()
	o, rng := sqliteIn(t.TempDir()), newRand(t)
	port, err := process.FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) // streams come back to the one they know
	p := start(t, o, "--listen", address)
	s := newSenders(t, p.url)
	writers := []*writer{
		{viewer: s.view(t, p.url, "ann", client.StreamOptions{EchoTimeout: patience})},
		{viewer: s.view(t, p.url, "bob", client.StreamOptions{EchoTimeout: 200 * time.Millisecond})}, // a kill lasts longer
	}
	ctx, cancel := context.WithTimeout(t.Context(), crowdTime)
	var busy sync.WaitGroup
	defer busy.Wait()
	defer cancel()
	var done atomic.Int64
	stop := make(chan struct{})
	for _, w := range writers {
		busy.Go(func() { w.write(ctx, t, s.rooms["busy"], &done, stop) }) // ends with stop, or when its time is over
	}
	for range 6 {
		for _, w := range writers {
			w.awaitOpen(t, true)
		}
		want := done.Load() + 10 + rng.Int64N(40)
		eventually(t, "more messages are acknowledged", func() bool { return done.Load() >= want })
		p.Kill()
		for _, w := range writers {
			w.awaitOpen(t, false)
		}
		p = start(t, o, "--listen", address)
	}
	close(stop)
	busy.Wait()

	stored := s.read(t, p.url)
	for _, w := range writers {
		// Not the order: while a stream gets its first list, what its own user says meanwhile may come behind.
		w.verifyOnce(t, stored)
		w.checkStored(t, s, p.url)
	}
	if n := writers[0].noEchos; n > 0 {
		t.Errorf("%s had to send %d times what the stream should have sent again by itself", writers[0].xc, n)
	}
	storetest.Audit(t, o)
}

// writer is a user who sends over a stream, one message after the other.
type writer struct {
	*viewer
	sent    []client.Message // as Send and then Edit have returned them
	noEchos int              // how often it was sent once more
}

func (w *writer) write(
	ctx context.Context, t *testing.T, room client.RoomID, done *atomic.Int64, stop <-chan struct{},
) {
	t.Helper()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		draft := client.Draft{RoomID: room, LocalID: client.NewLocalID(), Text: fmt.Sprint(w.xc, " says ", n)}
		m, err := w.untilEchoed(ctx, draft, w.stream.Send)
		if err == nil && n%4 == 3 {
			draft.Text += ", or so"
			m, err = w.untilEchoed(ctx, draft, w.stream.Edit)
		}
		if text, _ := m.Text(); err != nil || m.LocalID != draft.LocalID || text != draft.Text {
			t.Errorf("%s: %q has become %q of %+v, %v", w.xc, draft.Text, text, m, err)
			return
		}
		w.sent = append(w.sent, m)
		done.Add(1)
	}
}

// untilEchoed does what a program does that wants to be sure: the same again, as long as there is no echo.
func (w *writer) untilEchoed(
	ctx context.Context, d client.Draft, do func(context.Context, client.Draft) (client.Message, error),
) (client.Message, error) {
	for {
		m, err := do(ctx, d)
		if !errors.Is(err, client.ErrNoEcho) {
			return m, err
		}
		w.noEchos++
	}
}

// checkStored compares what the writer has sent with what another device is answered.
func (w *writer) checkStored(t *testing.T, s *senders, url string) {
	t.Helper()
	stored := map[client.MessageID]string{}
	s.eachStored(t, url, func(m client.Message) {
		text, err := m.Text()
		if err != nil {
			t.Errorf("message %s: %v", m.LocalID, err)
		}
		stored[m.ID] = text
	})
	for _, m := range w.sent {
		if text, _ := m.Text(); stored[m.ID] != text {
			t.Errorf("%s was told that message %s says %q, and it says %q", w.xc, m.ID, text, stored[m.ID])
		}
	}
	t.Logf("%s has sent %d messages, and went on without an echo %d times", w.xc, len(w.sent), w.noEchos)
}

package faults

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/client"
	"parlor/internal/store"
)

// keyedSend is a message that is sent under an Idempotency-Key, and the answer to it, once there is one.
type keyedSend struct {
	key    string
	answer client.Sent
	acked  bool
}

// send sends it once, and checks the answer against the one that came before.
func (k *keyedSend) send(t *testing.T, s *server) error {
	ctx := client.WithIdempotencyKey(t.Context(), k.key)
	sent, err := s.backend.Send(ctx, client.BackendMessage{Text: k.key, SenderXCID: "ana", XCRoomID: "r"})
	if err != nil {
		return err
	}
	if k.acked && sent != k.answer {
		t.Errorf("%s is answered %+v, and was answered %+v", k.key, sent, k.answer)
	}
	k.answer, k.acked = sent, true
	return nil
}

// TestKilledBetweenChangeAndAnswer ends the program at random moments while messages are sent under keys, without
// ids of their own, and sends all of them again: each is there once, and each has one answer.
func TestKilledBetweenChangeAndAnswer(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		rng := newRand(t)
		p := start(t, o)
		for _, xc := range []string{"ana", watch} {
			if err := p.put(t.Context(), xc); err != nil {
				t.Fatal(err)
			}
		}
		_, err := p.backend.PutRoom(t.Context(), client.RoomSettings{
			XCID: "r", Type: client.Group, Name: "r", Participants: []string{"ana", watch},
		})
		if err != nil {
			t.Fatal(err)
		}
		var all []*keyedSend
		for round := range 4 {
			var mu sync.Mutex
			var wg sync.WaitGroup
			var acked atomic.Int64
			stop := make(chan struct{})
			for worker := range 8 {
				wg.Go(func() {
					for n := 0; ; n++ {
						k := &keyedSend{key: fmt.Sprintf("k-%d-%d-%d", round, worker, n)}
						mu.Lock()
						all = append(all, k)
						mu.Unlock()
						if k.send(t, p.server) != nil {
							return
						}
						acked.Add(1)
						select {
						case <-stop:
							return
						default:
						}
					}
				})
			}
			least := 1 + rng.Int64N(150)
			eventually(t, "messages are stored", func() bool { return acked.Load() >= least })
			p.Kill()
			close(stop)
			wg.Wait()
			p = start(t, o)
		}
		inParallel(all, func(k *keyedSend) {
			for {
				err := k.send(t, p.server)
				if err == nil {
					return
				}
				if client.CodeOf(err) != client.CodeUnderWay { // of a process that is no more; it ends by itself
					t.Errorf("%s: %v", k.key, err)
					return
				}
				select {
				case <-time.After(200 * time.Millisecond):
				case <-t.Context().Done():
					return
				}
			}
		})
		unread := readUnread(t, p.backend)["r"]
		if unread != int64(len(all))+1 { // and that the room was made
			t.Errorf("%d messages were sent, %d are there", len(all), unread-1)
		}
		t.Logf("%d messages", len(all))
	})
}

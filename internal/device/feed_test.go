package device

import (
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
)

// TestFeedsWaitForNoOther: devices that are slow to read an answer keep no feed of others waiting,
// and where feeds wait, a call of their device does not.
func TestFeedsWaitForNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(nil, nil, Limits{})
		type begun struct {
			end func()
			err error
		}
		feeds := make(chan begun, feedsAtOnce+1)
		feed := func(k turn) { // ends when all is over
			end, err := d.feedTurn(t.Context(), k)
			feeds <- begun{end, err}
		}
		var answers []func()
		for user := range chat.UserID(feedsAtOnce) {
			over, err := d.turns.take(t.Context(), turn{user, "phone"})
			if err != nil {
				t.Fatal(err)
			}
			answers = append(answers, over)
			go feed(turn{user, "phone"})
		}
		synctest.Wait()
		since := time.Now()
		if end, err := d.feedTurn(t.Context(), turn{100, "phone"}); err != nil || time.Since(since) > 0 {
			t.Errorf("the feed of another device begins after %v: %v", time.Since(since), err)
		} else {
			end()
		}

		for _, over := range answers {
			over()
		}
		synctest.Wait() // these have all places
		waiting := turn{101, "phone"}
		go feed(waiting)
		synctest.Wait()
		since = time.Now()
		if over, err := d.turns.take(t.Context(), waiting); err != nil || time.Since(since) > 0 {
			t.Errorf("a call of a device whose feed waits is served after %v: %v", time.Since(since), err)
		} else {
			over()
		}
		for range feedsAtOnce + 1 {
			f := <-feeds
			if f.err != nil {
				t.Errorf("a feed does not begin: %v", f.err)
				continue
			}
			f.end()
		}
		if _, free := d.turns.try(waiting); !free || len(d.feeding) > 0 {
			t.Errorf("when all is over, %d places are taken, and the turn is free: %t", len(d.feeding), free)
		}
	})
}

package service

import (
	"context"
	"testing"
	"testing/synctest"
)

// TestShares: whoever has their share in use waits, or leaves; others do not, and what
// nobody uses is forgotten.
func TestShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShares(10)
		first, err := s.take(t.Context(), 1, 8)
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan func())
		go func() {
			release, err := s.take(context.Background(), 1, 99) // more than there is: all of it
			if err != nil {
				t.Error(err)
			}
			got <- release
		}()
		synctest.Wait()
		other, err := s.take(t.Context(), 2, 10)
		if err != nil {
			t.Fatal(err)
		}
		other()
		left, leave := context.WithCancel(t.Context())
		leave()
		if _, err := s.take(left, 1, 5); err == nil {
			t.Error("somebody who left got a share")
		}
		select {
		case <-got:
			t.Error("got more than the share")
		default:
		}
		first()
		(<-got)()
		if len(s.users) > 0 {
			t.Errorf("%d users are remembered", len(s.users))
		}
	})
}

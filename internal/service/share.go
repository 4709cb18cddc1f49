package service

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"parlor/internal/chat"
)

// shares gives each user a share of something that all use. Whoever asks for more than
// that at a time waits for themselves, and nobody else does.
type shares struct {
	size int64

	mu    sync.Mutex
	users map[chat.UserID]*share // of those who hold or wait for some
}

type share struct {
	sem  *semaphore.Weighted
	uses int // who holds or waits
}

func newShares(size int64) *shares {
	return &shares{size: size, users: map[chat.UserID]*share{}}
}

// take waits until user may have n more, at most all of the share. release gives it back.
func (s *shares) take(ctx context.Context, user chat.UserID, n int64) (release func(), err error) {
	n = min(n, s.size)
	s.mu.Lock()
	mine := s.users[user]
	if mine == nil {
		mine = &share{sem: semaphore.NewWeighted(s.size)}
		s.users[user] = mine
	}
	mine.uses++
	s.mu.Unlock()
	over := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if mine.uses--; mine.uses == 0 {
			delete(s.users, user)
		}
	}
	if err := mine.sem.Acquire(ctx, n); err != nil {
		over()
		return nil, err
	}
	return func() {
		mine.sem.Release(n)
		over()
	}, nil
}

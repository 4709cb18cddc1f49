package live

import (
	"context"
	"errors"
	"time"

	"parlor/internal/chat"
)

// errUnderWay says that the change of an event may still be committed.
var errUnderWay = errors.New("the transaction may still be under way")

// underWay reports whether an event tells of a change that is neither committed nor rolled back
// yet, as far as is known: the connection broke in its commit, and the database may go on with it.
func (s *shard) underWay(ctx context.Context, e chat.InRoom) (bool, error) {
	change, ok := e.(chat.Recorded)
	if !ok || !change.OfChange().Unsure {
		return false, nil
	}
	number := change.OfChange().Number
	// One commit may have many events, and each question may wait for others' transactions.
	if number >= s.horizon && time.Since(s.asked) >= retryDelay {
		horizon, err := s.live.o.Store.Horizon(ctx)
		if err != nil {
			return false, err
		}
		s.horizon, s.asked = horizon, time.Now()
	}
	return number >= s.horizon, nil
}

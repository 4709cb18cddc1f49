package socket

import (
	"context"
	"math"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
)

const (
	// checkInterval is how long after one look at all logins the next one begins.
	checkInterval = 2 * time.Second
	// loginsAtOnce bounds the logins of one question to the database, checkPause is the
	// time between two: a hundred thousand take less than two seconds.
	loginsAtOnce = 2000
	checkPause   = 20 * time.Millisecond
)

// EndSignedOut ends, until ctx does, those of this node's sessions whose login is over or
// whose user is deleted. Usually that happens at once; this is for nodes that do not learn of
// it, because they have no bus or because the bus has lost it.
func (h *Handler) EndSignedOut(ctx context.Context) error {
	tick := time.NewTicker(checkInterval)
	defer tick.Stop()
	seen := int64(-1)
	failed := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		n, known := h.o.Service.LoginsEnded()
		if known && n == seen {
			continue // no login has ended since all were looked at
		}
		err := h.checkLogins(ctx)
		if err == nil {
			seen = n
		}
		if ctx.Err() == nil && (err != nil) != failed { // once, and not at every turn
			failed = err != nil
			h.o.Log.Info("whether sessions' logins are over", "known", !failed, "error", err)
		}
	}
}

// checkLogins looks at the logins of all sessions, a part at a time.
func (h *Handler) checkLogins(ctx context.Context) error {
	for place := math.MaxInt; place > 0; {
		var sessions []*hub.Session
		sessions, place = h.o.Hub.SessionsBelow(place, loginsAtOnce)
		if len(sessions) == 0 {
			return nil
		}
		if err := h.endThose(ctx, sessions); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(checkPause):
		}
	}
	return nil
}

// endThose ends those of sessions whose login is over.
func (h *Handler) endThose(ctx context.Context, sessions []*hub.Session) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	byLogin := make(map[chat.LoginID][]*hub.Session, len(sessions))
	logins := make([]chat.LoginID, 0, len(sessions))
	for _, s := range sessions {
		if byLogin[s.Login] == nil {
			logins = append(logins, s.Login)
		}
		byLogin[s.Login] = append(byLogin[s.Login], s)
	}
	over, err := h.o.Service.LoginsOver(ctx, logins)
	for _, login := range over {
		for _, s := range byLogin[login] {
			s.Stop(hub.StopToken, "signed out")
		}
	}
	return err
}

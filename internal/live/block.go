package live

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/powertalk/wire"
	"parlor/internal/store"
)

// blocked notifies a user's devices that the user has blocked somebody, or no longer does. Whom they
// have blocked is not told. By a second try that may have been changed again: what is there counts.
func (l *Live) blocked(ctx context.Context, e *chat.BlockChanged, again bool) error {
	if !l.hub.Here(e.App, e.User) {
		return nil
	}
	on := e.On
	if again || e.Unsure || l.o.Bus != nil { // of two changes made on two nodes the older one may arrive last
		var err error
		if on, err = l.o.Store.HasBlocked(ctx, store.Block{Owner: e.User, Blocked: e.Blocked}); err != nil {
			return err
		}
	}
	u, err := l.views.User(ctx, e.App, e.Blocked)
	if err != nil {
		return err
	}
	l.hub.Notify(e.App, []chat.UserID{e.User}, hub.NewFrame(wire.BlockEvent(u, on)))
	return nil
}

package live

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/powertalk/wire"
	"parlor/internal/store"
)

// changed shows everybody in the room an edited or deleted message: as it is now, since of two
// changes made on two nodes the older one may arrive last.
func (l *Live) changed(ctx context.Context, e *chat.MessageChanged) error {
	members, err := l.hub.Members(ctx, e.App, e.Room, 0)
	if err != nil || len(members) == 0 {
		return err
	}
	key := store.MessageKey{Room: e.Room, CreatedAt: e.Message.CreatedAt}
	list, err := l.views.Now(ctx, e.App, key, members)
	for _, shown := range list {
		l.hub.Notify(e.App, shown.Viewers, messageFrame(wire.EventUpdateMessage, shown.View, shown.Viewers[0]))
	}
	return err
}

package live

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/powertalk/wire"
)

// scheduled notifies a user's devices that what the user has scheduled for a room has changed. A
// personal room may not be there yet.
func (l *Live) scheduled(ctx context.Context, e *chat.ScheduleChanged) error {
	if !l.hub.Here(e.App, e.User) {
		return nil
	}
	ref, ok := chat.ParseRoomID(e.RoomID)
	if !ok {
		return nil
	}
	room := &chat.Room{App: e.App, ID: ref.ID, Type: ref.Type, Pair: ref.Pair}
	if e.Room != 0 {
		var err error
		if room, err = l.views.Room(ctx, e.App, e.Room, 0); err != nil {
			return err
		}
	}
	partner, err := l.views.Partner(ctx, room, e.User)
	if err != nil {
		return err
	}
	l.hub.Notify(e.App, []chat.UserID{e.User}, hub.NewFrame(wire.ScheduleEvent(room, partner, e.At)))
	return nil
}

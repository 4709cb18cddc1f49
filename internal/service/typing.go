package service

import (
	"context"

	"parlor/internal/chat"
)

// Typing tells the others in a room that the member has started to write, or stopped.
func (me Member) Typing(ctx context.Context, roomID string, on bool) error {
	ref, ok := chat.ParseRoomID(roomID)
	if !ok || ref.Type == chat.Personal && !ref.Pair.Has(me.User) {
		return chat.RoomNotFound()
	}
	room, err := me.writableRoom(ctx, ref)
	if err != nil {
		return err
	}
	if room.Blocks != 0 {
		return nil // neither hears of the other, and neither is told so
	}
	me.live.Publish(&chat.Typing{Place: room.Place(), User: me.User, Started: on})
	return nil
}

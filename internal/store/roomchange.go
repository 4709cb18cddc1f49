package store

import (
	"context"

	"parlor/internal/chat"
)

// roomChange locks the room's row and returns the time and number of what changes in it
// now: at is later than that of every earlier change of the room.
func (tx *Tx) roomChange(ctx context.Context, room chat.RoomID) (at, number int64, err error) {
	at, err = tx.roomNow(ctx, room)
	return at, at, err
}

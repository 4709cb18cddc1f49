package view

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Rooms lists the rooms that user is in, the newest visible message first, as
// store.Store.RoomList finds them.
func Rooms(
	ctx context.Context, st *store.Store, user *chat.User, only []string, page chat.Page,
) (list []chat.RoomSummary, more bool, err error) {
	lines, more, err := st.RoomList(ctx, user, only, page)
	if err != nil {
		return nil, false, err
	}
	list = make([]chat.RoomSummary, len(lines))
	for i, l := range lines {
		v := Message(l.Message, l.Room, l.Receipts, user.ID)
		v.Sender, v.Partner = l.Sender, l.Partner
		list[i] = chat.RoomSummary{Last: v, Unread: l.Unread}
	}
	return list, more, nil
}

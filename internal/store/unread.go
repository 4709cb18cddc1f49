package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// UnreadCount counts what a user has not read in all their rooms: the sum of what RoomList says,
// without a message being read for it.
func (s *Store) UnreadCount(ctx context.Context, user *chat.User) (n int64, err error) {
	lines, err := s.unreadLines(ctx, user, func(string) string { return "" },
		user.ID, user.App, user.Role.Code, chat.MaxAnswer, 0)
	for _, l := range lines {
		n += l.unread
	}
	return n, s.explain(err)
}

// unreadLines are the lines of the list query, without those of rooms of which nothing shows any more.
func (s *Store) unreadLines(
	ctx context.Context, user *chat.User, filter func(column string) string, args ...any,
) (lines []listLine, err error) {
	var row listScan
	dest := sparseDest(s.eng, row.dest())
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		err := r.Scan(dest...)
		if err == nil {
			err = row.decode()
		}
		lines = append(lines, row.listLine)
		return err
	}, roomListQuery(s.eng, filter, ""), args...)
	if err == nil {
		err = s.settleLines(ctx, user.ID, lines)
	}
	return slices.DeleteFunc(lines, func(l listLine) bool { return l.CreatedAt == 0 }), err
}

package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// UnreadCount counts what a user has not read in all their rooms: the sum of what RoomList says,
// without a message being read for it.
func (s *Store) UnreadCount(ctx context.Context, user *chat.User) (n int64, err error) {
	var row listScan
	var lines []listLine
	dest := sparseDest(s.eng, row.dest())
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		err := r.Scan(dest...)
		if err == nil {
			err = row.decode()
		}
		lines = append(lines, row.listLine)
		return err
	}, roomListQuery(s.eng, func(string) string { return "" }, ""), user.ID, user.App, user.Role.Code, chat.MaxAnswer, 0)
	if err == nil {
		err = s.settleLines(ctx, user.ID, lines)
	}
	for _, l := range lines {
		if l.CreatedAt > 0 { // otherwise nothing in it shows any more
			n += l.unread
		}
	}
	return n, s.explain(err)
}

package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// unreadCount is how many messages that show in a room r a user has not read, deleted ones included; p is the user's
// row of participants, or nothing.
//
// Counters are of all messages that ever showed. Of those that are gone from the room (Tx.ExpireMessages) a user who
// has read at least as far has written or read each; in both counters they cancel out. One who has not come so far
// has read nothing of what is left: who reads something, or leaves a hole behind, counts as having read what
// is gone (receiptSet.hold).
const unreadCount = `CASE WHEN COALESCE(p.read_upto, 0) < r.expired_upto
			THEN r.visible_count - r.expired_count - COALESCE(p.sent_count - p.sent_expired, 0)
			ELSE r.visible_count - COALESCE(p.sent_count + p.read_count, 0) END`

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

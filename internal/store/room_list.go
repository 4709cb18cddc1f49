package store

import (
	"cmp"
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// roomListQuery finds the rooms of user $1 in App $2: those they were put into by name
// and those of their role $3. It walks the user's own index entries, so it costs what
// the user's rooms cost, however many others there are.
//
// Deleted messages that the user had not read are taken off here: few lie behind what somebody has read.
//
// filter narrows both halves by their room_id, and more are further columns of r.
func roomListQuery(eng engine.SQL, filter func(column string) string, more string) string {
	mostly0 := func(value string) string {
		if eng.Sparse() {
			return "NULLIF(" + value + ", 0)"
		}
		return value
	}
	const deleted = `(SELECT COUNT(*) FROM messages d WHERE d.room_id = r.id AND d.deleted_at > 0
		AND d.created_at > COALESCE(p.read_upto, 0) AND NOT d.is_hidden AND d.sender_id <> $1)`
	// What of it shows on the newest visible message, or counts.
	const read = `CASE WHEN p.has_gaps OR p.hides > 0 OR p.read_upto >= r.last_visible_at THEN p.read_spans END`
	return `SELECT r.id AS room_id, r.last_visible_at AS at, ` + unreadCount + `,
			` + mostly0(deleted) + `, p.read_upto, ` + mostly0("p.has_gaps") + `, ` + mostly0("p.hides") + `,
			` + mostly0("p.cleared_at") + `, ` + read + `, p.delivered_spans` + more + `
		FROM participants p JOIN rooms r ON r.id = p.room_id
		WHERE p.user_id = $1 AND p.is_explicit AND r.app_id = $2 AND r.deleted_at = 0
			AND r.last_visible_at > p.cleared_at` + filter("p.room_id") + `
	UNION ALL
	SELECT r.id, r.last_visible_at, ` + unreadCount + `,
			` + mostly0(deleted) + `, COALESCE(p.read_upto, 0), ` + mostly0("COALESCE(p.has_gaps, FALSE)") + `,
			` + mostly0("COALESCE(p.hides, 0)") + `, ` + mostly0("COALESCE(p.cleared_at, 0)") + `, ` + read + `, p.delivered_spans` + more + `
		FROM room_roles rr JOIN rooms r ON r.id = rr.room_id
		LEFT JOIN participants p ON p.user_id = $1 AND p.room_id = rr.room_id
		WHERE rr.app_id = $2 AND rr.role_code = $3 AND r.deleted_at = 0 AND r.last_visible_at > COALESCE(p.cleared_at, 0)
			AND NOT COALESCE(p.is_explicit, FALSE) AND COALESCE(p.banned_until, 0) = 0` + filter("rr.room_id") + `
	ORDER BY 2 DESC, 1 DESC LIMIT $4 OFFSET $5`
}

// RoomList returns the rooms that user is in, the newest visible message first, with
// that message and the count of unread ones. only, unless empty, names the rooms to
// look at by the customer's ids. more says that the page was not the last.
func (s *Store) RoomList(
	ctx context.Context, user *chat.User, only []string, page chat.Page,
) (list []RoomLine, more bool, err error) {
	args := []any{user.ID, user.App, user.Role.Code, page.Limit + 1, page.Offset}
	filter := func(string) string { return "" }
	if len(only) > 0 {
		ids, err := s.roomIDs(ctx, user.App, only)
		if err != nil {
			return nil, false, s.explain(err)
		}
		filter = func(column string) string { return " AND " + s.eng.IDInList(column, "$6") }
		args = append(args, s.eng.IDListArg(ids))
	}
	lines, err := s.listLines(ctx, filter, args)
	if err != nil {
		return nil, false, s.explain(err)
	}
	if more = len(lines) > page.Limit; more {
		lines = lines[:page.Limit]
	}
	if err := s.settleLines(ctx, user.ID, lines); err != nil {
		return nil, false, s.explain(err)
	}
	// Where all that showed is hidden from the user there is no line.
	lines = slices.DeleteFunc(lines, func(l listLine) bool { return l.CreatedAt == 0 })
	list, err = s.summaries(ctx, user, lines)
	return list, more, s.explain(err)
}

// listLines runs the list query. Where the cache has nothing, rooms, messages and what others
// have read come along: one round trip costs less than three.
func (s *Store) listLines(ctx context.Context, filter func(string) string, args []any) (lines []listLine, err error) {
	if s.cache.enabled {
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
		return lines, err
	}
	var row wholeListScan
	dest := sparseDest(s.eng, row.dest())
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		err := r.Scan(dest...)
		if err != nil {
			return err
		}
		l, err := row.whole()
		lines = append(lines, l)
		return err
	}, wholeListQuery(s.eng, filter), args...)
	slices.SortFunc(lines, func(a, b listLine) int {
		return -cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.Room, b.Room))
	})
	return lines, err
}

// listLine is what the list query says of one room.
type listLine struct {
	MessageKey // of its newest visible message
	unread     int64
	deleted    int64 // deleted messages of others behind readUpTo
	readUpTo   int64
	hasHoles   bool
	hides      int64
	clearedAt  int64
	receipts   chat.Receipts // the viewer's own, as far as they are needed

	// What was read along, nil if nothing was.
	room    *chat.Room
	message *chat.Message  // the one that MessageKey named then
	anybody *chat.Receipts // of the room, if the message is the viewer's
}

// RoomLine is a room in somebody's list, with all that is needed to show it.
type RoomLine struct {
	Room     *chat.Room
	Message  *chat.Message // the newest that the viewer sees
	Sender   *chat.User    // of the message
	Partner  *chat.User    // the other user of a personal room, nil in others
	Unread   int64
	ReadUpTo int64         // Unix ms: the viewer has read all that was created until then
	Receipts chat.Receipts // as far as they concern the message
}

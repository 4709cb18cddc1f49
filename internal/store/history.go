package store

import (
	"context"
	"math"
	"slices"
	"time"

	"parlor/internal/chat"
)

// messageList runs a query for messages.
func (s *Store) messageList(ctx context.Context, query string, args ...any) (list []chat.Message, err error) {
	err = each(ctx, s.eng, func(r scanner) error {
		m, err := scanMessage(r)
		list = append(list, m)
		return err
	}, messageSelect+query, args...)
	return list, s.explain(err)
}

// MessagesBefore lists up to limit messages of a room that were created after low and
// before high, the newest first.
func (s *Store) MessagesBefore(ctx context.Context, room chat.RoomID, low, high int64, limit int) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at < $3
		ORDER BY m.created_at DESC LIMIT $4`, room, low, high, limit)
}

// MessagesAfter lists up to limit messages of a room that were created after low and not
// after high, the oldest first.
func (s *Store) MessagesAfter(ctx context.Context, room chat.RoomID, low, high int64, limit int) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at <= $3
		ORDER BY m.created_at LIMIT $4`, room, low, high, limit)
}

// ChangedMessages lists up to limit messages of a room, created after low and not after
// high, that were edited or deleted for everyone at since or later, the oldest change first.
func (s *Store) ChangedMessages(ctx context.Context, room chat.RoomID, low, high, since int64, limit int) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND m.updated_at >= $2 AND m.updated_at > m.created_at
		AND m.created_at > $3 AND m.created_at <= $4 ORDER BY m.updated_at LIMIT $5`, room, since, low, high, limit)
}

// searched bounds the messages of a span that MessagesIn looks at: a span may hold the
// whole room.
const searched = 2000

// MessagesIn lists up to limit messages of a room that lie in spans, the newest first:
// those of sender if own, or else those of everybody but sender.
func (s *Store) MessagesIn(ctx context.Context, room chat.RoomID, spans chat.Spans, sender chat.UserID, own bool, limit int) (list []chat.Message, err error) {
	operator := "<>"
	if own {
		operator = "="
	}
	for _, span := range slices.Backward(spans) {
		if len(list) >= limit {
			break
		}
		part, err := s.messageList(ctx, `FROM (SELECT * FROM messages WHERE room_id = $1 AND created_at >= $2 AND created_at <= $3
			ORDER BY created_at DESC LIMIT $4) m WHERE m.sender_id `+operator+` $5 ORDER BY m.created_at DESC LIMIT $6`,
			room, span.From, span.To, searched, sender, limit-len(list))
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
	}
	return list, nil
}

// UnreadMessages lists up to limit messages of a room that reader has not read, the newest first.
func (s *Store) UnreadMessages(ctx context.Context, room chat.RoomID, reader chat.UserID, upTo int64, limit int) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.sender_id <> $3
		AND NOT m.is_hidden AND m.deleted_at = 0 ORDER BY m.created_at DESC LIMIT $4`, room, upTo, reader, limit)
}

// MessagesByID finds messages of the App; those that do not exist drop out.
func (s *Store) MessagesByID(ctx context.Context, app chat.AppID, ids []int64) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE +m.app_id = $1 AND `+s.eng.idInList("m.id", "$2"), app, s.eng.idListArg(ids))
}

// MessagesAt finds messages of a room by their times, in no order.
func (s *Store) MessagesAt(ctx context.Context, room chat.RoomID, times []int64) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND `+s.eng.idInList("m.created_at", "$2"), room, s.eng.idListArg(times))
}

// MessageByLocalID finds a message by the id that its sender chose, or CodeNotFound.
func (s *Store) MessageByLocalID(ctx context.Context, app chat.AppID, localID string) (chat.Message, error) {
	m, err := scanMessage(s.eng.row(ctx, messageSelect+`FROM messages m WHERE m.app_id = $1 AND m.local_id = $2`, app, localID))
	if noRows(err) {
		return m, chat.Missing(chat.Errorf(chat.CodeNotFound, "Message is not found"), localID)
	}
	return m, s.explain(err)
}

// Hidden returns which messages of the room, by their times, user has deleted for himself,
// each with the time at which he did.
func (s *Store) Hidden(ctx context.Context, room chat.RoomID, user chat.UserID, low, high int64) (map[int64]int64, error) {
	hidden := map[int64]int64{}
	err := each(ctx, s.eng, func(r scanner) error {
		var created, at int64
		err := r.Scan(&created, &at)
		hidden[created] = at
		return err
	}, `SELECT created_at, hidden_at FROM hidden_messages WHERE user_id = $1 AND room_id = $2
		AND created_at >= $3 AND created_at <= $4`, user, room, low, high)
	return hidden, s.explain(err)
}

// HiddenSince returns the times of those messages of the room that user has deleted for
// himself at since or later.
func (s *Store) HiddenSince(ctx context.Context, room chat.RoomID, user chat.UserID, since int64, limit int) (times []int64, err error) {
	err = each(ctx, s.eng, func(r scanner) error {
		var created int64
		err := r.Scan(&created)
		times = append(times, created)
		return err
	}, `SELECT created_at FROM hidden_messages WHERE user_id = $1 AND room_id = $2 AND hidden_at >= $3
		ORDER BY created_at DESC LIMIT $4`, user, room, since, limit)
	return times, s.explain(err)
}

// ChangedRooms lists up to limit rooms of the user, deleted ones included, in which
// something may have changed at since or later: a message, an edit, or a receipt.
func (s *Store) ChangedRooms(ctx context.Context, user *chat.User, since int64, limit int) (rooms []chat.RoomID, err error) {
	const changed = ` (r.last_message_at >= $4 OR COALESCE(p.marked_at, 0) >= $4
		OR EXISTS (SELECT 1 FROM messages m WHERE m.room_id = r.id AND m.updated_at >= $4 AND m.updated_at > m.created_at)
		OR EXISTS (SELECT 1 FROM room_receipts a WHERE a.room_id = r.id AND a.changed_at >= $4))`
	err = each(ctx, s.eng, func(r scanner) error {
		var id chat.RoomID
		err := r.Scan(&id)
		rooms = append(rooms, id)
		return err
	}, `SELECT r.id FROM participants p JOIN rooms r ON r.id = p.room_id
		WHERE p.user_id = $1 AND (p.is_explicit OR p.left_at >= $4) AND r.app_id = $2 AND `+changed+`
		UNION SELECT r.id FROM room_roles rr JOIN rooms r ON r.id = rr.room_id
		LEFT JOIN participants p ON p.user_id = $1 AND p.room_id = r.id
		WHERE rr.app_id = $2 AND rr.role_code = $3 AND rr.role_code <> '' AND `+changed+` LIMIT $5`,
		user.ID, user.App, user.Role.Code, since, limit)
	return rooms, s.explain(err)
}

// MessagesSentSince lists the messages of all Apps that were created at since or later, in
// the order of their ids. complete is false when there are more than limit.
func (s *Store) MessagesSentSince(ctx context.Context, since time.Time, limit int) (list []chat.Message, complete bool, err error) {
	const page = 1000
	before := int64(math.MaxInt64)
	for len(list) < limit {
		part, err := s.messageList(ctx, `FROM messages m WHERE m.id < $1 ORDER BY m.id DESC LIMIT $2`, before, page)
		if err != nil {
			return nil, false, err
		}
		fresh := 0
		for _, m := range part {
			if m.CreatedAt >= since.UnixMilli() {
				list = append(list, m)
				fresh++
			}
		}
		if fresh == 0 || len(part) < page { // a whole page of older ones: nothing newer lies behind it
			slices.Reverse(list)
			return list, true, nil
		}
		before = int64(part[len(part)-1].ID)
	}
	return nil, false, nil
}

// SharedMessages lists up to limit pictures, videos, files and links of a room that were
// created after low and before high, the newest first, or the oldest first.
func (s *Store) SharedMessages(ctx context.Context, room chat.RoomID, low, high int64, oldestFirst bool, limit int) ([]chat.Message, error) {
	order := "DESC"
	if oldestFirst {
		order = "ASC"
	}
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at < $3
		AND m.type IN (1002, 1003, 1004, 1010) AND m.deleted_at = 0 AND NOT m.is_hidden ORDER BY m.created_at `+order+` LIMIT $4`,
		room, low, high, limit)
}

package store

import (
	"context"
	"errors"
	"math"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// messageList runs a query for messages.
func (s *Store) messageList(ctx context.Context, query string, args ...any) (list []chat.Message, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		m, err := scanMessage(r)
		list = append(list, m)
		return err
	}, messageSelect+query, args...)
	return list, s.explain(err)
}

// pageBytes bounds the texts of one page of messages, in bytes. A single message may be larger.
const pageBytes = 2 << 20

// errFull ends a page that has enough.
var errFull = errors.New("the page is full")

// MessagesBefore lists up to limit messages of a room that were created after low and
// before high, the newest first, and no more than a page may hold; more says that there
// are others.
func (s *Store) MessagesBefore(ctx context.Context, room chat.RoomID, low, high int64, limit int) (list []chat.Message, more bool, err error) {
	size := 0
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		m, err := scanMessage(r)
		if err != nil {
			return err
		}
		size += len(m.Body) + len(m.Data) + len(m.Quote.Content)
		if len(list) == limit || len(list) > 0 && size > pageBytes {
			return errFull
		}
		list = append(list, m)
		return nil
	}, messageSelect+`FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at < $3
		ORDER BY m.created_at DESC LIMIT $4`, room, low, high, limit+1)
	if errors.Is(err, errFull) {
		return list, true, nil
	}
	return list, false, s.explain(err)
}

// MessagesAfter lists up to limit messages of a room that were created after low and not
// after high, the oldest first.
func (s *Store) MessagesAfter(ctx context.Context, room chat.RoomID, low, high int64, limit int) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at <= $3
		ORDER BY m.created_at LIMIT $4`, room, low, high, limit)
}

// UnreadKeys lists up to limit messages of a room that reader, who has read everything up to
// a time, may not have read, the newest first.
func (s *Store) UnreadKeys(ctx context.Context, room chat.RoomID, reader chat.UserID, upTo int64, limit int) ([]SizedKey, error) {
	return s.sizedKeys(ctx, ` FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.sender_id <> $3
		AND NOT m.is_hidden AND m.deleted_at = 0 ORDER BY m.created_at DESC LIMIT $4`, room, upTo, reader, limit)
}

// MessagesByID finds messages of the App; those that do not exist drop out.
func (s *Store) MessagesByID(ctx context.Context, app chat.AppID, ids []int64) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE +m.app_id = $1 AND `+s.eng.IDInList("m.id", "$2"), app, s.eng.IDListArg(ids))
}

// MessagesAt finds messages of a room by their times, in no order.
func (s *Store) MessagesAt(ctx context.Context, room chat.RoomID, times []int64) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND `+s.eng.IDInList("m.created_at", "$2"), room, s.eng.IDListArg(times))
}

// MessageByLocalID finds a message by the id that its sender chose, or CodeNotFound.
func (s *Store) MessageByLocalID(ctx context.Context, app chat.AppID, localID string) (chat.Message, error) {
	m, err := scanMessage(s.eng.Row(ctx, messageSelect+`FROM messages m WHERE m.app_id = $1 AND m.local_id = $2`, app, localID))
	if engine.NoRows(err) {
		return m, chat.Missing(chat.Errorf(chat.CodeNotFound, "Message is not found"), localID)
	}
	return m, s.explain(err)
}

// Hide is when (Unix ms), and by the change of which number, a user has deleted a message
// for themself.
type Hide struct{ At, Number int64 }

// Hidden returns which messages of the room, by their times, user has deleted for themself.
func (s *Store) Hidden(ctx context.Context, room chat.RoomID, user chat.UserID, low, high int64) (map[int64]Hide, error) {
	hidden := map[int64]Hide{}
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var created int64
		var by Hide
		err := r.Scan(&created, &by.At, &by.Number)
		hidden[created] = by
		return err
	}, `SELECT created_at, hidden_at, changed FROM hidden_messages WHERE user_id = $1 AND room_id = $2
		AND created_at >= $3 AND created_at <= $4`, user, room, low, high)
	return hidden, s.explain(err)
}

// MessagesAddedSince lists the messages of all Apps that changes numbered from or higher have
// appended, in the order of their ids. complete is false when there are more than limit.
func (s *Store) MessagesAddedSince(ctx context.Context, from int64, limit int) (list []chat.Message, complete bool, err error) {
	const page = 1000
	before := int64(math.MaxInt64)
	for len(list) < limit {
		part, err := s.messageList(ctx, `FROM messages m WHERE m.id < $1 ORDER BY m.id DESC LIMIT $2`, before, page)
		if err != nil {
			return nil, false, err
		}
		fresh := 0
		for _, m := range part {
			if m.Added >= from {
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

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
	err = s.eachMessage(ctx, func(m chat.Message) error {
		list = append(list, m)
		return nil
	}, query, args...)
	return list, s.explain(err)
}

// eachMessage calls do for each message that a query finds, until that fails.
func (s *Store) eachMessage(ctx context.Context, do func(chat.Message) error, query string, args ...any) error {
	var row messageScan
	dest := sparseDest(s.eng, row.dest())
	return engine.Each(ctx, s.eng, func(r engine.Row) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		m, err := row.message()
		if err != nil {
			return err
		}
		return do(m)
	}, s.statements.messages+query, args...)
}

// PageBytes bounds the texts of one page of messages, in bytes. A single message may be larger.
const PageBytes = 2 << 20

// errFull ends a page that has enough.
var errFull = errors.New("the page is full")

// MessagesBefore lists up to limit messages of a room that viewer may ever see and that were
// created after low and before high, the newest first, and no more than a page may hold; more says that there
// are others.
func (s *Store) MessagesBefore(
	ctx context.Context, room chat.RoomID, viewer chat.UserID, low, high int64, limit int,
) (list []chat.Message, more bool, err error) {
	size := 0
	err = s.eachMessage(ctx, func(m chat.Message) error {
		size += len(m.Body) + len(m.Data) + len(m.Quote.Content)
		if len(list) == limit || len(list) > 0 && size > PageBytes {
			return errFull
		}
		list = append(list, m)
		return nil
	}, `FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at < $3
		AND (NOT m.withheld OR m.sender_id = $5)
		ORDER BY m.created_at DESC LIMIT $4`, room, low, high, limit+1, viewer)
	if errors.Is(err, errFull) {
		return list, true, nil
	}
	return list, false, s.explain(err)
}

// MessagesAfter lists up to limit messages of a room that were created after low and not
// after high, the oldest first.
func (s *Store) MessagesAfter(
	ctx context.Context, room chat.RoomID, low, high int64, limit int,
) ([]chat.Message, error) {
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at <= $3
		ORDER BY m.created_at LIMIT $4`, room, low, high, limit)
}

// MessagesAddedSince lists the messages of all Apps that changes numbered from or higher have
// appended, in the order of their ids. complete is false when there are more than limit.
func (s *Store) MessagesAddedSince(
	ctx context.Context, from int64, limit int,
) (list []chat.Message, complete bool, err error) {
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

// SharedMessages lists up to limit pictures, videos, files and links of a room that viewer may
// ever see and that were created in a window.
func (s *Store) SharedMessages(
	ctx context.Context, room chat.RoomID, viewer chat.UserID, w chat.Window, limit int,
) ([]chat.Message, error) {
	order := "DESC"
	if w.OldestFirst {
		order = "ASC"
	}
	return s.messageList(ctx, `FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at < $3
		AND m.type IN (1002, 1003, 1004, 1010) AND m.deleted_at = 0 AND NOT m.is_hidden
		AND (NOT m.withheld OR m.sender_id = $5)
		ORDER BY m.created_at `+order+` LIMIT $4`, room, w.After, w.Before, limit, viewer)
}

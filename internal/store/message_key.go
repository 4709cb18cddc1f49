package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
)

// MessageKey finds a message: no two of a room are created at the same time.
type MessageKey struct {
	Room      chat.RoomID
	CreatedAt int64
}

// SizedKey is a message's key, and how much its texts take, in bytes.
type SizedKey struct {
	MessageKey
	Size int64
}

// Compare orders keys by room, and by time within it.
func (k MessageKey) Compare(other MessageKey) int {
	if k.Room != other.Room {
		if k.Room < other.Room {
			return -1
		}
		return 1
	}
	switch {
	case k.CreatedAt < other.CreatedAt:
		return -1
	case k.CreatedAt > other.CreatedAt:
		return 1
	}
	return 0
}

// keysAtOnce bounds the messages of one query.
const keysAtOnce = 200

// MessagesByKey finds messages of the App, in the order of keys; those that do not exist
// drop out.
func (s *Store) MessagesByKey(ctx context.Context, app chat.AppID, keys []SizedKey) ([]chat.Message, error) {
	list := make([]chat.Message, 0, len(keys))
	for part := range slices.Chunk(keys, keysAtOnce) {
		pairs := make([][2]int64, len(part))
		for i, k := range part {
			pairs[i] = [2]int64{int64(k.Room), k.CreatedAt}
		}
		found, err := s.messageList(ctx, s.eng.ForEach(s.eng.Pairs("$2"), "messages",
			"m.room_id = k.a AND m.created_at = k.b")+`
			WHERE +m.app_id = $1`, app, s.eng.PairsArg(pairs))
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	slices.SortFunc(list, func(a, b chat.Message) int {
		return MessageKey{a.Room, a.CreatedAt}.Compare(MessageKey{b.Room, b.CreatedAt})
	})
	return list, nil
}

package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Messages are looked at in parts, and of one page no more than these: where few pass the filter, a
// page may be empty and not the last.
const (
	messagesAtOnce = 250
	messagesLooked = 2000
)

// MessagePage lists up to limit messages of a room of the App that pass a filter, deleted ones included,
// and no more than a page may hold. It begins behind the one that was created at after, 0 for the
// beginning. next is where the next page begins; more says that there may be one.
//
// The order is that of their times, which never change, so a page goes on where the one before it ended,
// whatever came or was deleted meanwhile. Where the list is of types without texts, those of each type are
// walked; otherwise the room. A sender has no index, which every message would pay for.
func (s *Store) MessagePage(
	ctx context.Context, app chat.AppID, room chat.RoomID, f chat.MessageFilter, after int64, limit int,
) (list []chat.Message, next int64, more bool, err error) {
	keys, next, more, err := s.messageKeys(ctx, room, f, after, limit)
	if err != nil {
		return nil, after, false, err
	}
	list, err = s.MessagesByKey(ctx, app, keys)
	if !f.OldestFirst {
		slices.Reverse(list)
	}
	return list, next, more, err
}

// messageKeys finds the messages of a page without reading their texts.
func (s *Store) messageKeys(
	ctx context.Context, room chat.RoomID, f chat.MessageFilter, after int64, limit int,
) (keys []SizedKey, next int64, more bool, err error) {
	size, full := int64(0), false
	next = after
	for looked := 0; looked < messagesLooked && !full; {
		w := s.messageWalk(room, f, next)
		part := messagesAtOnce
		if w.exact {
			part = limit - len(keys) + 1 // all that it finds passes
		}
		found := 0
		err := engine.Each(ctx, s.eng, func(r engine.Row) error {
			var k SizedKey
			var kind int64
			var sender chat.UserID
			err := r.Scan(&k.Room, &k.CreatedAt, &k.Size, &kind, (*int64)(&sender))
			found++
			if err != nil || full {
				return err
			}
			if f.Admits(sender, chat.MessageType(kind)) {
				if full = len(keys) == limit || len(keys) > 0 && size+k.Size > PageBytes; full {
					return nil
				}
				size += k.Size
				keys = append(keys, k)
			}
			next = k.CreatedAt
			return nil
		}, w.query, w.args(part)...)
		if err != nil {
			return nil, after, false, s.explain(err)
		}
		if !full && found < part {
			return keys, next, false, nil
		}
		looked += found
	}
	return keys, next, true, nil
}

// messageWalk is the order in which messages of a room are looked at, found by one index.
type messageWalk struct {
	query string
	exact bool  // all that is found passes the filter
	bound []any // room, times and what the index is searched for
}

// args are the parameters for so many messages.
func (w *messageWalk) args(limit int) []any {
	return slices.Concat(w.bound[:3], []any{limit}, w.bound[3:])
}

// messageWalk chooses the index.
func (s *Store) messageWalk(room chat.RoomID, f chat.MessageFilter, after int64) messageWalk {
	low, high, order := f.From-1, int64(math.MaxInt64), "DESC"
	if f.Until > 0 {
		high = f.Until + 1
	}
	switch {
	case f.OldestFirst:
		order, low = "ASC", max(low, after)
	case after > 0:
		high = min(high, after)
	}
	w := messageWalk{exact: true, bound: []any{room, low, high}}
	var branches []string
	where := func(index, condition string, args ...any) {
		branches = append(branches, fmt.Sprintf(`SELECT * FROM (SELECT `+sizedKey+` AS size, m.type, m.sender_id
			FROM messages m`+s.eng.By(index)+` WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at < $3`+condition+`
			ORDER BY m.created_at `+order+` LIMIT $4) b%d`, len(branches)))
		w.bound = append(w.bound, args...)
	}
	switch {
	case len(f.Types) > 0 && !slices.Contains(f.Types, chat.TextMessage):
		for i, t := range chat.Unique(f.Types) { // the index is without texts, which the condition has to say
			where(`messages_type`, fmt.Sprintf(` AND m.type = $%d AND m.type <> 1001`, 5+i), t)
		}
		w.exact = f.Sender == 0
	default:
		where(`messages_room`, ``)
		w.exact = len(f.Types) == 0 && f.Sender == 0
	}
	w.query = strings.Join(branches, ` UNION ALL `) + ` ORDER BY created_at ` + order + ` LIMIT $4`
	return w
}

// MessageKeysByID finds messages of the App by their ids; those that do not exist drop out.
func (s *Store) MessageKeysByID(
	ctx context.Context, app chat.AppID, ids []chat.MessageID,
) (map[chat.MessageID]SizedKey, error) {
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = int64(id)
	}
	found := make(map[chat.MessageID]SizedKey, len(ids))
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var k SizedKey
		var id chat.MessageID
		err := r.Scan(&k.Room, &k.CreatedAt, &k.Size, (*int64)(&id))
		found[id] = k
		return err
	}, `SELECT `+sizedKey+`, m.id FROM messages m WHERE +m.app_id = $1 AND `+s.eng.IDInList("m.id", "$2"),
		app, s.eng.IDListArg(numbers))
	return found, s.explain(err)
}

package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// hole is what lies between two spans of a set, and how many messages of it count.
type hole struct {
	after, before int64
	count         int
}

// filledAtOnce bounds the holes that one write fills.
const filledAtOnce = 100

// FillHoles makes the set of what reader has read in a room small again, after AddReceipts
// has said that it is crowded: what lies in its oldest holes counts as read from then on.
//
// A hole may hold a million messages. They are counted before the write, which holds only
// as long as a few rows take, and the count stays true: nothing is ever put between two
// messages. Whether these are still the oldest holes is seen in the write.
func (s *Store) FillHoles(ctx context.Context, shard int64, room chat.RoomID, reader chat.UserID) error {
	for {
		holes, err := s.holesToFill(ctx, room, reader)
		if err != nil || len(holes) == 0 {
			return s.explain(err)
		}
		err = s.Write(ctx, shard, func(ctx context.Context, tx *Tx) error {
			return tx.fillHoles(ctx, room, reader, holes)
		})
		if err != nil {
			return err
		}
	}
}

// holesToFill finds and counts the oldest holes of a crowded set.
func (s *Store) holesToFill(ctx context.Context, room chat.RoomID, reader chat.UserID) (holes []hole, err error) {
	spans, err := readSpans(ctx, s.eng, room, reader, "")
	if err != nil {
		return nil, err
	}
	for spans.Crowded() && len(holes) < filledAtOnce {
		var h hole
		h.after, h.before = spans.OldestHole()
		spans = spans.FillOldestHole(0, 0)
		holes = append(holes, h)
	}
	for i := range holes {
		err := s.heavily(ctx, func() error {
			return s.eng.Row(ctx, `SELECT COUNT(*) FROM messages m
				WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at < $3
				AND m.sender_id <> $4 AND NOT m.is_hidden`,
				room, holes[i].after, holes[i].before, reader).Scan(&holes[i].count)
		})
		if err != nil {
			return nil, err
		}
	}
	return holes, nil
}

func (tx *Tx) fillHoles(ctx context.Context, room chat.RoomID, reader chat.UserID, holes []hole) error {
	own := receiptSet{tx: tx, room: room, reader: reader, kind: chat.Read}
	var err error
	if own.at, own.number, err = tx.roomChange(ctx, room); err != nil {
		return err
	}
	if own.spans, err = readSpans(ctx, tx.conn, room, reader, tx.store.eng.ForUpdate("p")); err != nil {
		return err
	}
	done, count := 0, 0
	for _, h := range holes {
		after, before := own.spans.OldestHole()
		if !own.spans.Crowded() || after != h.after || before != h.before {
			break // filled by receipts meanwhile: what is the oldest hole now is counted in the next round
		}
		own.spans = own.spans.FillOldestHole(own.at, own.number)
		done++
		count += h.count
	}
	if done == 0 {
		return nil
	}
	return own.saveRead(ctx, count)
}

func readSpans(
	ctx context.Context, c engine.Conn, room chat.RoomID, reader chat.UserID, lock string,
) (chat.Spans, error) {
	var packed []byte
	err := c.Row(ctx, `SELECT p.read_spans FROM participants p WHERE p.user_id = $1 AND p.room_id = $2`+lock,
		reader, room).Scan(&packed)
	if engine.NoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return chat.DecodeSpans(packed)
}

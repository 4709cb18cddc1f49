package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Stretch is a part of a room's messages: those created after After and not after Last.
type Stretch struct {
	Room        chat.RoomID
	After, Last int64
}

// Numbers is a range of change numbers, From included and Below not.
type Numbers struct{ From, Below int64 }

const (
	sizedKey = `m.room_id, m.created_at, octet_length(m.body) + octet_length(m.data) + octet_length(m.quote)`
	// addedNumber is the number of a message's append.
	addedNumber = `CASE WHEN m.added > 0 THEN m.added ELSE m.created_at END`
)

func (s *Store) sizedKeys(ctx context.Context, query string, args ...any) (list []SizedKey, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var k SizedKey
		err := r.Scan(&k.Room, &k.CreatedAt, &k.Size)
		list = append(list, k)
		return err
	}, `SELECT `+sizedKey+query, args...)
	return list, s.explain(err)
}

// AddedKeys lists up to limit messages of the stretches that changes of these numbers have
// appended, in the order of keys.
func (s *Store) AddedKeys(ctx context.Context, in []Stretch, numbers Numbers, limit int) ([]SizedKey, error) {
	begin, err := s.firstAdded(ctx, in, numbers.From)
	if err != nil || len(begin) == 0 {
		return nil, err
	}
	return s.sizedKeys(ctx, s.inStretches(``)+` WHERE `+addedNumber+` < $2 ORDER BY m.room_id, m.created_at LIMIT $3`,
		stretchRows(begin), numbers.Below, limit)
}

// inStretches is the FROM of the messages in the stretches of parameter 1 for which more holds.
func (s *Store) inStretches(more string) string {
	return s.eng.ForEach(s.eng.RowsOf("$1", 3), "messages",
		"m.room_id = k.a AND m.created_at > k.b AND m.created_at <= k.c"+more)
}

func stretchRows(in []Stretch) string {
	list := make([][3]int64, len(in))
	for i, s := range in {
		list[i] = [3]int64{int64(s.Room), s.After, s.Last}
	}
	return engine.JSON(list)
}

// glance is how many of a stretch's newest messages are looked at before it is searched.
const glance = 8

// firstAdded cuts off what of each stretch was appended before a change number. Stretches
// with nothing behind it drop out. Within a room numbers rise with times.
func (s *Store) firstAdded(ctx context.Context, in []Stretch, from int64) ([]Stretch, error) {
	const newest = `(SELECT m.created_at, ` + addedNumber + ` AS number FROM messages m
		WHERE m.room_id = k.a AND m.created_at > k.b AND m.created_at <= k.c ORDER BY m.created_at DESC LIMIT $3) w`
	place := make(map[chat.RoomID]int, len(in))
	for i, p := range in {
		place[p.Room] = i
	}
	var begin, long []Stretch
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var room chat.RoomID
		var first, seen int64
		if err := r.Scan(&room, &first, &seen); err != nil {
			return err
		}
		part := in[place[room]]
		part.After = max(part.After, first-1)
		switch {
		case first == 0:
		case seen == glance: // all that was looked at is new, and there may be more
			long = append(long, part)
		default:
			begin = append(begin, part)
		}
		return nil
	}, `SELECT k.a, COALESCE((SELECT MIN(w.created_at) FROM `+newest+` WHERE w.number >= $2), 0),
		(SELECT COUNT(*) FROM `+newest+` WHERE w.number >= $2) FROM `+s.eng.RowsOf("$1", 3)+` k`,
		stretchRows(in), from, glance)
	if err != nil {
		return nil, s.explain(err)
	}
	for _, part := range long {
		first, err := s.searchAdded(ctx, in[place[part.Room]].After, part, from)
		if err != nil {
			return nil, s.explain(err)
		}
		part.After = first - 1
		begin = append(begin, part)
	}
	return begin, nil
}

// searchAdded finds the time of the first message after a time that was appended by a change
// numbered from or higher. The one that begins known is such a message.
func (s *Store) searchAdded(ctx context.Context, after int64, known Stretch, from int64) (int64, error) {
	low, first := after, known.After+1
	for high := first; high-low > 1; {
		middle := low + (high-low)/2
		var at, number int64
		err := s.eng.Row(ctx, `SELECT m.created_at, `+addedNumber+` FROM messages m
			WHERE m.room_id = $1 AND m.created_at >= $2 ORDER BY m.created_at LIMIT 1`, known.Room, middle).Scan(&at, &number)
		if err != nil {
			return 0, err
		}
		if number >= from {
			first, high = at, middle
		} else {
			low = at
		}
	}
	return first, nil
}

// EditedKeys lists up to limit messages of the stretches that changes of these numbers have
// edited or deleted for everyone, in the order of keys.
func (s *Store) EditedKeys(ctx context.Context, in []Stretch, numbers Numbers, limit int) ([]SizedKey, error) {
	return s.sizedKeys(ctx, s.inStretches(` AND m.updated_at > m.created_at AND m.changed >= $2 AND m.changed < $3`)+`
		ORDER BY m.room_id, m.created_at LIMIT $4`, stretchRows(in), numbers.From, numbers.Below, limit)
}

// HiddenKeys is EditedKeys for what user has deleted for themselves.
func (s *Store) HiddenKeys(
	ctx context.Context, user chat.UserID, in []Stretch, numbers Numbers, limit int,
) ([]SizedKey, error) {
	rows := `(SELECT m.room_id AS a, m.created_at AS b` + s.eng.ForEach(s.eng.RowsOf("$1", 3), "hidden_messages",
		`m.user_id = $2 AND m.room_id = k.a AND m.created_at > k.b AND m.created_at <= k.c
			AND m.changed >= $3 AND m.changed < $4`) + `)`
	return s.sizedKeys(ctx, s.eng.ForEach(rows, "messages", "m.room_id = k.a AND m.created_at = k.b")+`
		ORDER BY m.room_id, m.created_at LIMIT $5`, stretchRows(in), user, numbers.From, numbers.Below, limit)
}

// KeysBySender lists up to limit messages of the stretches whose sender is user if own, or
// else anybody but user, in the order of keys.
func (s *Store) KeysBySender(
	ctx context.Context, in []Stretch, user chat.UserID, own bool, limit int,
) ([]SizedKey, error) {
	operator := "<>"
	if own {
		operator = "="
	}
	return s.sizedKeys(ctx, s.inStretches(``)+` WHERE m.sender_id `+operator+` $2
		ORDER BY m.room_id, m.created_at LIMIT $3`, stretchRows(in), user, limit)
}

// NumberBefore is the number of the last message of a room that was created before a time
// (Unix ms), 0 where there is none. What changed at that time or later has no lower number.
func (s *Store) NumberBefore(ctx context.Context, room chat.RoomID, at int64) (n int64, err error) {
	err = s.eng.Row(ctx, `SELECT `+addedNumber+` FROM messages m WHERE m.room_id = $1 AND m.created_at < $2
		ORDER BY m.created_at DESC LIMIT 1`, room, at).Scan(&n)
	if engine.NoRows(err) {
		return 0, nil
	}
	return n, s.explain(err)
}

// UnreadKeys lists up to limit messages of a room, of before a time, that reader, who has read
// everything up to another, may not have read, the newest first.
func (s *Store) UnreadKeys(
	ctx context.Context, room chat.RoomID, reader chat.UserID, upTo, before int64, limit int,
) ([]SizedKey, error) {
	return s.sizedKeys(ctx, ` FROM messages m WHERE m.room_id = $1 AND m.created_at > $2 AND m.created_at < $3
		AND m.sender_id <> $4 AND NOT m.is_hidden AND m.deleted_at = 0 ORDER BY m.created_at DESC LIMIT $5`,
		room, upTo, before, reader, limit)
}

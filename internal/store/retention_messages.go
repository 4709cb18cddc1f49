package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

const (
	// expiredBytes bounds the texts and data that one transaction removes, so that it is short: a large
	// one is many pages of the database.
	expiredBytes = 1 << 20
	// settledAtOnce bounds the readers with holes of whom one transaction settles what they have read.
	settledAtOnce = 50
)

// dueForRemoval holds for a message m of a room r that a rule no longer keeps. A room keeps its newest message, and
// the newest that shows: lists of rooms show it, and numbers, times and ids go on from it. It is emptied, unless it
// is a system message that says nothing but who came and went.
func dueForRemoval() string {
	return fmt.Sprintf(`(m.created_at NOT IN (r.last_visible_at, r.last_message_at)
		OR m.deleted_at = 0 AND (m.type <> %d OR m.action IN ('%s', '%s', '%s')))`,
		chat.SystemMessage, chat.ActionUpdateRoom, chat.ActionPinMessage, chat.ActionUnpinMessage)
}

// Expired is what ExpireMessages has done.
type Expired struct {
	Freed  chat.Freed
	Latest []chat.MessageID // is to be emptied: the room keeps it, since it is the newest
	More   bool             // there may be more in the room
}

// ExpireMessages removes the oldest messages of a room that were created up to a time (Unix ms), limit at most, and
// all that rests on them. The transaction must hold the room's row.
//
// Counts go on counting what is gone, so that nobody's row has to be changed: see unreadCount. Only who has
// read something behind a hole could not tell then how much of it is gone, so what is gone counts as read for
// them from here on.
func (tx *Tx) ExpireMessages(
	ctx context.Context, app chat.AppID, room chat.RoomID, until int64, limit int,
) (done Expired, err error) {
	x := expiry{tx: tx, app: app, room: room}
	if done.More, err = x.find(ctx, until, limit); err != nil {
		return done, err
	}
	if settled, err := x.settleReaders(ctx); err != nil || !settled {
		done.More = true
		return done, err
	}
	done.Latest, done.Freed.Bytes, done.Freed.Messages = x.latest, x.bytes, int64(len(x.gone))
	files, err := x.freeFiles(ctx)
	done.Freed.Add(files)
	if err == nil && len(x.gone) > 0 {
		err = x.remove(ctx)
	}
	return done, err
}

// expiry is messages of a room that are about to be removed.
type expiry struct {
	tx     *Tx
	app    chat.AppID
	room   chat.RoomID
	gone   []expiring       // in the order of their times
	latest []chat.MessageID // are to be emptied
	bytes  int64            // of all of them
	upTo   int64            // all that shows and was created until then is among gone, or was before; 0 for nothing
}

type expiring struct {
	id        chat.MessageID
	createdAt int64
	sender    chat.UserID
	hidden    bool
}

// find finds the messages. more says that there may be others.
func (x *expiry) find(ctx context.Context, until int64, limit int) (more bool, err error) {
	n := 0
	err = engine.Each(ctx, x.tx.conn, func(r engine.Row) error {
		var m expiring
		var size, lastVisible int64
		var latest bool
		err := r.Scan((*int64)(&m.id), &m.createdAt, (*int64)(&m.sender), &m.hidden, &size, &latest, &lastVisible)
		if n++; n > limit || n > 1 && x.bytes+size > expiredBytes {
			more = true
		}
		if more || err != nil {
			return err
		}
		x.bytes += size
		if latest {
			x.latest = append(x.latest, m.id)
			return nil
		}
		x.gone = append(x.gone, m)
		if m.createdAt < lastVisible { // hidden ones behind it count nowhere
			x.upTo = m.createdAt
		}
		return nil
	}, `SELECT m.id, m.created_at, m.sender_id, m.is_hidden,
			octet_length(m.body) + octet_length(m.data) + octet_length(m.quote),
			m.created_at IN (r.last_visible_at, r.last_message_at), r.last_visible_at
		FROM rooms r JOIN messages m ON m.room_id = r.id
		WHERE r.id = $1 AND r.app_id = $4 AND m.room_id = $1 AND m.created_at <= $2 AND `+dueForRemoval()+`
		ORDER BY m.created_at LIMIT $3`, x.room, until, limit+1, x.app)
	return more, err
}

// settleReaders has what is about to be removed count as read for those who have read something behind a hole, some
// at a time. settled is false where there are more of them: then nothing may be removed yet.
func (x *expiry) settleReaders(ctx context.Context) (settled bool, err error) {
	if x.upTo == 0 {
		return true, nil
	}
	type reader struct {
		id   chat.UserID
		read chat.Spans
	}
	var readers []reader
	err = engine.Each(ctx, x.tx.conn, func(r engine.Row) error {
		var who reader
		var packed []byte
		err := r.Scan((*int64)(&who.id), &packed)
		if err == nil {
			who.read, err = chat.DecodeSpans(packed)
		}
		readers = append(readers, who)
		return err
	}, `SELECT p.user_id, p.read_spans FROM participants p WHERE p.room_id = $1 AND p.has_gaps AND p.read_upto < $2
		ORDER BY p.user_id LIMIT $3`+x.tx.store.eng.ForUpdate("p"), x.room, x.upTo, settledAtOnce)
	if err != nil {
		return false, err
	}
	for _, r := range readers {
		if err := x.settle(ctx, r.id, r.read); err != nil {
			return false, err
		}
	}
	return len(readers) < settledAtOnce, nil
}

// settle is settleReaders for one of them.
func (x *expiry) settle(ctx context.Context, reader chat.UserID, read chat.Spans) error {
	unread := 0
	for _, m := range x.gone {
		if m.createdAt <= x.upTo && !m.hidden && m.sender != reader && !read.Has(m.createdAt) {
			unread++
		}
	}
	own := receiptSet{tx: x.tx, room: x.room, reader: reader, kind: chat.Read}
	holes, err := own.holes(ctx, [][2]int64{{x.upTo, read.After(x.upTo)}})
	if err != nil {
		return err
	}
	read = read.FillUpTo(x.upTo, !holes[x.upTo])
	upTo := read.UpTo()
	_, err = x.tx.conn.Exec(ctx, `UPDATE participants SET read_spans = $1, read_upto = $2, has_gaps = $3,
			read_count = read_count + $4 WHERE user_id = $5 AND room_id = $6`,
		read.Encode(), upTo, read[len(read)-1].To > upTo, unread, reader, x.room)
	return err
}

// freeFiles has the messages name no files any more, and says which of those nothing names now.
func (x *expiry) freeFiles(ctx context.Context) (freed chat.Freed, err error) {
	ids := slices.Clone(x.latest)
	for _, m := range x.gone {
		ids = append(ids, m.id)
	}
	if len(ids) == 0 {
		return freed, nil
	}
	conn, list := x.tx.conn, x.tx.store.eng.IDListArg(idsOf(ids))
	var files []chat.FileID
	err = engine.Each(ctx, conn, func(r engine.Row) error {
		var id chat.FileID
		err := r.Scan((*string)(&id))
		files = append(files, id)
		return err
	}, `SELECT DISTINCT fm.file_id FROM file_messages fm WHERE `+x.tx.store.eng.IDInList("fm.message_id", "$1")+
		` ORDER BY fm.file_id`, list)
	if err != nil || len(files) == 0 {
		return freed, err
	}
	_, err = conn.Exec(ctx, `DELETE FROM file_messages WHERE `+x.tx.store.eng.IDInList("message_id", "$1"), list)
	for _, id := range files {
		if err == nil {
			err = x.tx.releaseFile(ctx, x.app, id)
		}
		if err != nil {
			return freed, err
		}
		var bytes int64
		err = conn.Row(ctx, `SELECT f.size + f.thumbnail FROM files f WHERE f.id = $1 AND f.app_id = $2 AND f.unused_since > 0`,
			string(id), x.app).Scan(&bytes)
		if err == nil {
			freed.Add(chat.Freed{Files: 1, Bytes: bytes})
		}
		err = ignoreNoRows(err)
	}
	return freed, err
}

// remove removes the messages, and what rests on them.
func (x *expiry) remove(ctx context.Context) error {
	ids, times := make([]int64, len(x.gone)), make([]int64, len(x.gone))
	sent := map[chat.UserID]int64{} // how many that show, by their senders
	visible := int64(0)
	for i, m := range x.gone {
		ids[i], times[i] = int64(m.id), m.createdAt
		if !m.hidden {
			sent[m.sender]++
			visible++
		}
	}
	counts := make([][2]int64, 0, len(sent))
	for sender, n := range sent {
		counts = append(counts, [2]int64{int64(sender), n})
	}
	eng := x.tx.store.eng
	list := eng.IDListArg(ids)
	for _, s := range []engine.Statement{
		{
			Query: `UPDATE rooms SET expired_upto = ` + eng.Greatest("expired_upto", "$1") + `, expired_count = expired_count + $2,
					expired_hidden = expired_hidden + $3 WHERE id = $4 AND app_id = $5`,
			Args: []any{x.upTo, visible, int64(len(x.gone)) - visible, x.room, x.app},
		},
		{
			// Each by its key, which an UPDATE with such a list is not on SQLite. The App has no row.
			Query: `INSERT INTO participants (user_id, room_id, is_explicit, sent_expired)
				SELECT k.a, $2, FALSE, k.b FROM ` + eng.RowsOf("$1", 2) + ` k
				WHERE EXISTS (SELECT 1 FROM participants p WHERE p.user_id = k.a AND p.room_id = $2 AND p.sent_count > 0)
				ON CONFLICT (user_id, room_id) DO UPDATE SET sent_expired = participants.sent_expired + excluded.sent_expired`,
			Args: []any{engine.JSON(counts), x.room},
		},
		{Query: `DELETE FROM message_pins WHERE ` + eng.IDInList("message_id", "$1"), Args: []any{list}},
		{Query: `DELETE FROM message_stars WHERE ` + eng.IDInList("message_id", "$1"), Args: []any{list}},
		{
			Query: `DELETE FROM messages WHERE +app_id = $1 AND +room_id = $2 AND ` + eng.IDInList("id", "$3"),
			Args:  []any{x.app, x.room, list},
		},
	} {
		if _, err := x.tx.conn.Exec(ctx, s.Query, s.Args...); err != nil {
			return err
		}
	}
	touch(x.tx, roomMessages{x.room})
	return x.unhide(ctx, times)
}

// unhide forgets who has deleted messages of these times for themselves.
func (x *expiry) unhide(ctx context.Context, times []int64) error {
	conn, eng := x.tx.conn, x.tx.store.eng
	list := eng.IDListArg(times)
	hides := map[chat.UserID]int64{}
	err := engine.Each(ctx, conn, func(r engine.Row) error {
		var user chat.UserID
		var n int64
		err := r.Scan((*int64)(&user), &n)
		hides[user] = n
		return err
	}, `SELECT h.user_id, COUNT(*) FROM hidden_messages h WHERE h.room_id = $1 AND `+eng.IDInList("h.created_at", "$2")+`
		GROUP BY h.user_id`, x.room, list)
	if err != nil || len(hides) == 0 {
		return err
	}
	_, err = conn.Exec(ctx, `DELETE FROM hidden_messages WHERE room_id = $1 AND `+eng.IDInList("created_at", "$2"), x.room, list)
	for _, user := range slices.Sorted(maps.Keys(hides)) {
		if err == nil {
			_, err = conn.Exec(ctx, `UPDATE participants SET hides = hides - $1 WHERE user_id = $2 AND room_id = $3`,
				hides[user], user, x.room)
		}
	}
	return err
}

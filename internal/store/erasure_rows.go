package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// ErasedInRooms counts what EraseInRooms has taken away.
type ErasedInRooms struct{ Hidden, Stars, Data int64 }

// EraseInRooms takes up to limit rows of each kind away of what a user has kept in rooms, and of what backends
// keep about the user there: also in rooms in which nothing else says that the user was there.
func (tx *Tx) EraseInRooms(ctx context.Context, user chat.UserID, limit int) (n ErasedInRooms, err error) {
	for _, step := range []struct {
		table appTable
		count *int64
	}{
		{appTable{name: "hidden_messages", key: "user_id, room_id, created_at"}, &n.Hidden},
		{appTable{name: "message_stars", key: "user_id, room_id, message_id"}, &n.Stars},
		{appTable{name: "participant_data", key: "room_id, user_id"}, &n.Data},
	} {
		if *step.count, err = tx.purge(ctx, step.table, "user_id = $1", user, limit); err != nil {
			return n, err
		}
	}
	return n, nil
}

// ErasePreferences takes away how a user has set up to limit rooms behind after, by their ids. It returns how many
// were set, and the last room that it has seen: after itself where there is none. That the user was there, and
// what was read, stays: others' counts rest on it.
func (tx *Tx) ErasePreferences(
	ctx context.Context, user chat.UserID, after chat.RoomID, limit int,
) (n int64, last chat.RoomID, err error) {
	last = after
	err = tx.conn.Row(ctx, `SELECT COALESCE(MAX(x.room_id), $2) FROM (SELECT p.room_id FROM participants p
		WHERE p.user_id = $1 AND p.room_id > $2 ORDER BY p.room_id LIMIT $3) x`, user, after, limit).Scan((*int64)(&last))
	if err != nil || last == after {
		return 0, after, err
	}
	const these = ` WHERE user_id = $1 AND room_id > $2 AND room_id <= $3`
	n, err = tx.conn.Exec(ctx, `UPDATE participants SET muted_until = 0, pinned_at = 0, marked_unread = FALSE`+these+
		` AND (muted_until > 0 OR pinned_at > 0 OR marked_unread)`, user, after, last)
	if err == nil { // of hidden messages, which are counted themselves
		_, err = tx.conn.Exec(ctx, `UPDATE participants SET hides = 0`+these+` AND hides > 0`, user, after, last)
	}
	return n, last, err
}

// EraseContacts takes up to limit contacts of a user away, in both directions.
func (tx *Tx) EraseContacts(ctx context.Context, user chat.UserID, limit int) (n int64, err error) {
	// Not one statement: each of the two is found by an index of its own.
	for _, query := range []string{
		`DELETE FROM contacts WHERE owner_id = $1 AND contact_id IN
			(SELECT c.contact_id FROM contacts c WHERE c.owner_id = $1 LIMIT $2)`,
		`DELETE FROM contacts WHERE contact_id = $1 AND owner_id IN
			(SELECT c.owner_id FROM contacts c WHERE c.contact_id = $1 LIMIT $2)`,
	} {
		more, err := tx.conn.Exec(ctx, query, user, limit)
		if n += more; err != nil {
			return n, err
		}
	}
	return n, nil
}

// EraseReports takes up to limit reports by a user away, and as many about the user.
func (tx *Tx) EraseReports(ctx context.Context, user chat.UserID, limit int) (n int64, err error) {
	for _, query := range []string{
		`DELETE FROM reports WHERE id IN (SELECT r.id FROM reports r WHERE r.reporter_id = $1 LIMIT $2)`,
		`DELETE FROM reports WHERE id IN (SELECT r.id FROM reports r WHERE r.user_id = $1 LIMIT $2)`,
	} {
		more, err := tx.conn.Exec(ctx, query, user, limit)
		if n += more; err != nil {
			return n, err
		}
	}
	return n, nil
}

// EraseDevices forgets how far a user's devices have come, and how often the user has looked for phone
// numbers.
func (tx *Tx) EraseDevices(ctx context.Context, user chat.UserID) (n int64, err error) {
	if _, err := tx.conn.Exec(ctx, `DELETE FROM phone_lookups WHERE user_id = $1`, user); err != nil {
		return 0, err
	}
	return tx.conn.Exec(ctx, `DELETE FROM devices WHERE user_id = $1`, user)
}

// EraseBroadcasts empties what was sent to many rooms in a user's name, or is yet to be: which a deleted user
// no longer does.
func (tx *Tx) EraseBroadcasts(ctx context.Context, app chat.AppID, user chat.UserID) (n int64, err error) {
	return tx.conn.Exec(ctx, `UPDATE broadcasts SET body = '', data = '', quote = '', filter_id = ''
		WHERE app_id = $1 AND sender_id = $2 AND (body <> '' OR data <> '' OR quote <> '' OR filter_id <> '')`, app, user)
}

// ScheduledNaming looks through up to limit scheduled messages of all Apps behind after, by their ids. It returns
// those of the App that refer to messages of the user of an erasure, and which of their references do, and the
// last id that it has seen: after itself where there is none.
func (s *Store) ScheduledNaming(
	ctx context.Context, e chat.Erasure, after chat.ScheduledID, limit int,
) (found []chat.Scheduled, named []Naming, last chat.ScheduledID, err error) {
	err = s.eng.Row(ctx, `SELECT COALESCE(MAX(p.id), $1) FROM
		(SELECT s.id FROM scheduled_messages s WHERE s.id > $1 ORDER BY s.id LIMIT $2) p`, after, limit).Scan((*int64)(&last))
	if err != nil || last == after {
		return nil, nil, after, s.explain(err)
	}
	list, err := eachScheduled(ctx, s.eng, `WHERE s.id > $1 AND s.id <= $2 AND +s.app_id = $3
		AND (s.reply_to <> '' OR s.forward_from <> '') ORDER BY s.id`, after, last, e.App)
	if err != nil {
		return nil, nil, last, s.explain(err)
	}
	refs := make([]chat.Reference, 0, 2*len(list))
	for i := range list {
		refs = append(refs, list[i].Message.ReplyTo, list[i].Message.Forward)
	}
	senders, err := s.SendersOf(ctx, e.App, refs)
	if err != nil {
		return nil, nil, last, err
	}
	is := func(i int, at int64) bool { return e.Named(refs[i], at) || senders[i] == e.User }
	for i := range list {
		n := Naming{ReplyTo: is(2*i, list[i].UpdatedAt), Forward: is(2*i+1, list[i].UpdatedAt)}
		if n.ReplyTo || n.Forward {
			found, named = append(found, list[i]), append(named, n)
		}
	}
	return found, named, last, nil
}

// RedactScheduled stores the quote and the references of a scheduled message, which the transaction holds.
func (tx *Tx) RedactScheduled(ctx context.Context, s chat.Scheduled) error {
	values, err := scheduledValues(s.Message)
	if err != nil {
		return err
	}
	quote, reply, forward := values[6], values[7], values[8]
	_, err = tx.conn.Exec(ctx, `UPDATE scheduled_messages SET quote = $1, reply_to = $2, forward_from = $3, updated_at = $4
		WHERE id = $5`, quote, reply, forward, max(tx.Now(), s.UpdatedAt+1), s.ID)
	return err
}

// BlocksWith lists up to limit blocks that a user has made or is the aim of.
func (s *Store) BlocksWith(ctx context.Context, user chat.UserID, limit int) (list []Block, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var b Block
		err := r.Scan((*int64)(&b.Owner), (*int64)(&b.Blocked))
		list = append(list, b)
		return err
	}, `SELECT b.owner_id, b.blocked_id FROM blocks b WHERE b.owner_id = $1
		UNION ALL SELECT b.owner_id, b.blocked_id FROM blocks b WHERE b.blocked_id = $1 LIMIT $2`, user, limit)
	return list, s.explain(err)
}

// ErasePhotos takes the photos of a user's profile away. Their files are named by nothing then, or by
// what else names them.
func (tx *Tx) ErasePhotos(ctx context.Context, app chat.AppID, user chat.UserID) (n int64, err error) {
	var files []chat.FileID
	err = engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.FileID
		err := r.Scan((*string)(&id))
		files = append(files, id)
		return err
	}, `SELECT p.file_id FROM user_photos p WHERE p.user_id = $1 ORDER BY p.file_id`, user)
	if err != nil || len(files) == 0 {
		return 0, err
	}
	if n, err = tx.conn.Exec(ctx, `DELETE FROM user_photos WHERE user_id = $1`, user); err != nil {
		return n, err
	}
	for _, id := range files {
		if err := tx.releaseFile(ctx, app, id); err != nil {
			return n, err
		}
	}
	return n, nil
}

// FilesOf lists up to limit files that a user has uploaded, behind an id, and whether anything names them.
func (s *Store) FilesOf(
	ctx context.Context, user chat.UserID, after chat.FileID, limit int,
) (list []chat.File, unused []bool, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var none bool
		f, err := scanFile(r, &none)
		list, unused = append(list, f), append(unused, none)
		return err
	}, `SELECT `+fileColumns+`, `+fileUnused+` FROM files f WHERE f.owner_id = $1 AND f.id > $2 ORDER BY f.id LIMIT $3`,
		user, string(after), limit)
	return list, unused, s.explain(err)
}

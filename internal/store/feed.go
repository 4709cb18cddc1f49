package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// maxFeedUsers bounds the users that one event names; a crowd has several events.
const maxFeedUsers = 500

// Record writes an event into the feed of its App, with the change that it tells of. Of a room it
// must be recorded behind the change of the room's row: then it has its place among the room's
// other events.
func (tx *Tx) Record(ctx context.Context, e chat.FeedEvent) error {
	if !tx.store.feed {
		return nil
	}
	if e.At == 0 {
		e.At = tx.store.nowMS()
	}
	if e.Room != 0 && tx.number == 0 {
		if err := tx.numberRoom(ctx, e.Room); err != nil {
			return err
		}
	}
	users := e.Data.Users
	for {
		part := users
		if len(part) > maxFeedUsers {
			part = part[:maxFeedUsers]
		}
		e.Data.Users, users = part, users[len(part):]
		data, err := encodeFeedData(e.Data)
		if err != nil {
			return err
		}
		_, err = tx.conn.Exec(ctx, tx.store.statements.feed, e.App, tx.number, string(e.Kind), e.Room, e.Time, e.User,
			e.At, data, tx.base)
		if err != nil {
			return fmt.Errorf("record %s: %w", e.Kind, err)
		}
		if len(users) == 0 {
			break
		}
	}
	tx.recorded(e.App)
	return nil
}

// recorded notes that the transaction, which is about one App, has recorded an event.
func (tx *Tx) recorded(app chat.AppID) {
	if tx.store.feed {
		tx.feed = app
	}
}

// RecordRoomOpened records that somebody, 0 for the App, has made a room, or brought it back, and who is
// in it.
func (tx *Tx) RecordRoomOpened(ctx context.Context, r chat.Room, by chat.UserID, people []chat.UserID) error {
	e := chat.FeedEvent{App: r.App, Kind: chat.FeedRoomCreated, Room: r.ID, User: by}
	if err := tx.Record(ctx, e); err != nil || len(people) == 0 {
		return err
	}
	e.Kind, e.Data.Users = chat.FeedParticipantAdded, people
	return tx.Record(ctx, e)
}

// numberRoom gives the transaction a number for what it does in a room without telling devices:
// what is committed later in the room has no lower one.
func (tx *Tx) numberRoom(ctx context.Context, room chat.RoomID) error {
	return tx.conn.Row(ctx, tx.store.statements.numberRoom, room, tx.base).Scan(&tx.number)
}

func numberRoomStatement(eng engine.Engine) string {
	return `UPDATE rooms SET changed = ` + eng.Greatest("changed", eng.Number("$2")) + ` WHERE id = $1 RETURNING changed`
}

// feedInsert records one event. Its number is that of the room's change or, where there was none,
// the transaction's.
func feedInsert(eng engine.Engine) string {
	number := `CASE WHEN CAST($2 AS BIGINT) > 0 THEN CAST($2 AS BIGINT) ELSE ` + eng.Number("$9") + ` END`
	if eng.WritesInWith() { // a sequence gives the ids, in the order in which those of a room come
		return `INSERT INTO feed_events (app_id, number, kind, room_id, time, user_id, at, data)
			VALUES ($1, ` + number + `, $3, $4, $5, $6, $7, $8)`
	}
	return `INSERT INTO feed_events (app_id, number, id, kind, room_id, time, user_id, at, data)
		SELECT $1, n, (SELECT COALESCE(MAX(f.id), 0) + 1 FROM feed_events f WHERE f.app_id = $1 AND f.number = n),
			$3, $4, $5, $6, $7, $8 FROM (SELECT ` + number + ` AS n)`
}

// feedOfAppend records a message that is being appended, as a part of a WITH where room is its room's row.
const feedOfAppend = `feed AS (
			INSERT INTO feed_events (app_id, number, kind, room_id, time, user_id, at, data)
			SELECT $1::bigint, changed, '` + string(chat.FeedMessageCreated) + `', $2::bigint, last_message_at,
				$4::bigint, $17::bigint, '' FROM room
		)`

// feedOfOpening records a room that is being made, with its people and its first message, as a part
// of a WITH where room is its row. $41 is the data of who is in it.
const feedOfOpening = `feed AS (
			INSERT INTO feed_events (app_id, number, kind, room_id, time, user_id, at, data)
			SELECT $1::bigint, changed, k.kind, room.id, k.time, k.user_id, $16::bigint, k.data
			FROM room, (VALUES (1, '` + string(chat.FeedRoomCreated) + `', 0::bigint, 0::bigint, ''),
				(2, '` + string(chat.FeedParticipantAdded) + `', 0, 0, $41::text),
				(3, '` + string(chat.FeedMessageCreated) + `', $16, $3, '')) k (place, kind, time, user_id, data)
			WHERE k.place <> 2 OR k.data <> ''
			ORDER BY k.place
		)`

func encodeFeedData(d chat.FeedData) (string, error) {
	b, err := json.Marshal(d)
	if err != nil || string(b) == "{}" {
		return "", err
	}
	return string(b), nil
}

const feedColumns = `number, %s, kind, room_id, time, user_id, at, data`

func scanFeedEvent(r engine.Row, e *chat.FeedEvent, more ...any) error {
	var data string
	dest := append([]any{&e.Number, &e.ID, &e.Kind, &e.Room, &e.Time, &e.User, &e.At, &data}, more...)
	if err := r.Scan(dest...); err != nil || data == "" {
		return err
	}
	return json.Unmarshal([]byte(data), &e.Data)
}

var selectFeed = `SELECT ` + fmt.Sprintf(feedColumns, "id") + ` FROM feed_events
	WHERE app_id = $1 AND (number, id) > ($2, $3) AND number < $4 ORDER BY number, id LIMIT $5`

// FeedEvents lists up to limit events of an App behind a place, those of changes below a number: see
// Horizon. What is committed later stands behind all of them.
func (s *Store) FeedEvents(
	ctx context.Context, app chat.AppID, after chat.FeedPlace, below int64, limit int,
) (list []chat.FeedEvent, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		e := chat.FeedEvent{App: app}
		err := scanFeedEvent(r, &e)
		list = append(list, e)
		return err
	}, selectFeed, app, after.Number, after.ID, below, limit)
	return list, s.explain(err)
}

// FeedPruned is up to where an App's events are no longer kept.
func (s *Store) FeedPruned(ctx context.Context, app chat.AppID) (p chat.FeedPlace, err error) {
	err = s.eng.Row(ctx, `SELECT a.feed_number, a.feed_id FROM apps a WHERE a.id = $1`, app).Scan(&p.Number, &p.ID)
	return p, s.explain(err)
}

// FeedEnd is behind all events that are committed by now: events from now on are behind it.
func (s *Store) FeedEnd(ctx context.Context) (chat.FeedPlace, error) {
	horizon, err := s.Horizon(ctx)
	return chat.FeedPlace{Number: max(horizon-1, 0), ID: 1<<62 - 1}, err
}

// FollowFeed has f learn, after the commit, of which Apps events were recorded by this process. f must
// not block, nor keep the list.
func (s *Store) FollowFeed(f func(apps []chat.AppID)) { s.followFeed.Store(&f) }

// tellOfFeed wakes whoever waits for events.
func (s *Store) tellOfFeed(writes []*write) {
	f := s.followFeed.Load()
	if f == nil {
		return
	}
	var apps []chat.AppID
	for _, w := range writes {
		if app := w.tx.feed; app != 0 && !slices.Contains(apps, app) {
			apps = append(apps, app)
		}
	}
	if len(apps) > 0 {
		(*f)(apps)
	}
}

// PruneFeed forgets some events of an App that are older than a time (Unix ms), and before the places
// up to which its webhooks have got; more says that there may be others.
func (s *Store) PruneFeed(ctx context.Context, app chat.AppID, before int64) (more bool, err error) {
	const oldest = `SELECT number, id, at FROM feed_events WHERE app_id = $1 AND number >= 0 ORDER BY number, id`
	var first chat.FeedPlace
	var at int64
	err = s.eng.Row(ctx, oldest+` LIMIT 1`, app).Scan(&first.Number, &first.ID, &at)
	if err != nil || at >= before {
		return false, s.explain(ignoreNoRows(err))
	}
	err = s.Write(ctx, int64(app), func(ctx context.Context, tx *Tx) error {
		more = false
		n, last, young := 0, chat.FeedPlace{}, false
		err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
			var at int64
			var p chat.FeedPlace
			err := r.Scan(&p.Number, &p.ID, &at)
			if young = young || at >= before; err == nil && !young {
				n, last = n+1, p
			}
			return err
		}, oldest+` LIMIT $2`, app, prunedAtOnce)
		if err != nil || n == 0 {
			return err
		}
		least, err := tx.leastWebhook(ctx, app, last)
		if err != nil || least.Less(first) { // a webhook has not got to any of them
			return err
		}
		more = n == prunedAtOnce && least == last
		if _, err = tx.conn.Exec(ctx, `DELETE FROM feed_events WHERE app_id = $1 AND (number, id) <= ($2, $3)`,
			app, least.Number, least.ID); err != nil {
			return err
		}
		_, err = tx.conn.Exec(ctx, `UPDATE apps SET feed_number = $2, feed_id = $3
			WHERE id = $1 AND (feed_number, feed_id) < ($2, $3)`, app, least.Number, least.ID)
		return err
	})
	return more, err
}

// leastWebhook is the first of a place and those of an App's active webhooks.
func (tx *Tx) leastWebhook(ctx context.Context, app chat.AppID, p chat.FeedPlace) (chat.FeedPlace, error) {
	err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var at chat.FeedPlace
		if err := r.Scan(&at.Number, &at.ID); err != nil {
			return err
		}
		if at.Less(p) {
			p = at
		}
		return nil
	}, `SELECT w.number, w.event_id FROM webhooks w WHERE w.app_id = $1 AND w.id > 0 AND w.state = 'active'`, app)
	return p, err
}

package store

import (
	"context"
	"encoding/json"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// AddBroadcast stores a broadcast to rooms, and the job that works it off. added is false where there is one
// of this id.
func (tx *Tx) AddBroadcast(ctx context.Context, b chat.Broadcast, rooms []chat.BroadcastRoom) (added bool, err error) {
	m := b.Message
	quote, err := jsonOrNothing(storedQuote(m.Quote))
	if err != nil {
		return false, err
	}
	n, err := tx.conn.Exec(ctx, `INSERT INTO broadcasts (app_id, id, sender_id, type, body, data, filter_id, is_hidden, quote,
			file_id, rooms, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (app_id, id) DO NOTHING`,
		b.App, b.ID, m.Sender, m.Type, string(m.Body), string(m.Data), m.FilterID, m.Hidden, quote,
		string(m.File), len(rooms), tx.Now())
	if err != nil || n == 0 {
		return false, err
	}
	places, names := make([]int64, len(rooms)), make([]string, len(rooms))
	for i, r := range rooms {
		places[i], names[i] = int64(i)+1, r.Room
	}
	_, err = tx.conn.Exec(ctx, `INSERT INTO broadcast_rooms (app_id, broadcast_id, place, room, is_xc)
		SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), l.value, l.name, CAST($3 AS BOOLEAN) FROM `+tx.store.eng.Named("$4", "$5")+` l`,
		b.App, b.ID, rooms[0].XC, tx.store.eng.IDListArg(places), tx.store.eng.ListArg(names))
	if err != nil {
		return false, err
	}
	_, err = tx.AddJob(ctx, chat.Job{Kind: chat.JobBroadcast, App: b.App, Payload: b.ID})
	return true, err
}

// OpenBroadcasts counts the broadcasts of an App that are under way.
func (tx *Tx) OpenBroadcasts(ctx context.Context, app chat.AppID) (n int, err error) {
	err = tx.conn.Row(ctx, `SELECT COUNT(*) FROM broadcasts WHERE app_id = $1 AND finished_at = 0`, app).Scan(&n)
	return n, err
}

// Broadcast finds a broadcast of the App, or CodeNotFound.
func (s *Store) Broadcast(ctx context.Context, app chat.AppID, id string) (b chat.Broadcast, err error) {
	b = chat.Broadcast{App: app, ID: id}
	m := &b.Message
	m.App, m.LocalID = app, id
	var quote string
	err = s.eng.Row(ctx, `SELECT b.sender_id, b.type, b.body, b.data, b.filter_id, b.is_hidden, b.quote, b.file_id, b.rooms,
			b.created_at, b.finished_at, b.is_stopped,
			(SELECT COUNT(*) FROM broadcast_rooms r WHERE r.app_id = b.app_id AND r.broadcast_id = b.id AND r.sent_at > 0),
			(SELECT COUNT(*) FROM broadcast_rooms r WHERE r.app_id = b.app_id AND r.broadcast_id = b.id AND r.failure <> '')
		FROM broadcasts b WHERE b.app_id = $1 AND b.id = $2`, app, id).
		Scan((*int64)(&m.Sender), &m.Type, (*string)(&m.Body), (*string)(&m.Data), &m.FilterID, &m.Hidden, &quote,
			(*string)(&m.File), &b.Rooms, &b.CreatedAt, &b.FinishedAt, &b.Stopped, &b.Sent, &b.Failed)
	if engine.NoRows(err) {
		return b, chat.Missing(chat.Errorf(chat.CodeNotFound, "Broadcast is not found"), id)
	}
	if err == nil && quote != "" {
		err = json.Unmarshal([]byte(quote), (*storedQuote)(&m.Quote))
	}
	return b, s.explain(err)
}

// ofState are the conditions of states, on broadcast_rooms r.
var ofState = map[chat.BroadcastState]string{
	chat.BroadcastAny:     ``,
	chat.BroadcastWaiting: ` AND r.sent_at = 0 AND r.failure = ''`,
	chat.BroadcastSent:    ` AND r.sent_at > 0`,
	chat.BroadcastFailed:  ` AND r.failure <> ''`,
}

// BroadcastRooms lists up to limit rooms of a broadcast behind a place, in a state.
func (s *Store) BroadcastRooms(
	ctx context.Context, app chat.AppID, id string, state chat.BroadcastState, after, limit int,
) (list []chat.BroadcastRoom, err error) {
	err = engine.Each(ctx, s.eng, func(row engine.Row) error {
		var r chat.BroadcastRoom
		err := row.Scan(&r.Place, &r.Room, &r.XC, &r.SentAt, (*string)(&r.Code), &r.Failure)
		list = append(list, r)
		return err
	}, `SELECT r.place, r.room, r.is_xc, r.sent_at, r.code, r.failure FROM broadcast_rooms r
		WHERE r.app_id = $1 AND r.broadcast_id = $2 AND r.place > $3`+ofState[state]+` ORDER BY r.place LIMIT $4`, app, id, after, limit)
	return list, s.explain(err)
}

// SettleBroadcast notes that the message is sent to the room at a place, which the transaction does, or that
// it never will be. ok is false where that was noted before: then the transaction must do nothing.
func (tx *Tx) SettleBroadcast(
	ctx context.Context, app chat.AppID, id string, place int, code chat.Code, failure string,
) (ok bool, err error) {
	sentAt := int64(0)
	if failure == "" {
		sentAt = max(tx.Now(), 1)
	}
	n, err := tx.conn.Exec(ctx, `UPDATE broadcast_rooms SET sent_at = $1, code = $2, failure = $3
		WHERE app_id = $4 AND broadcast_id = $5 AND place = $6 AND sent_at = 0 AND failure = ''`,
		sentAt, string(code), failure, app, id, place)
	return n > 0, err
}

// FinishBroadcast notes that nothing of a broadcast is left to do.
func (tx *Tx) FinishBroadcast(ctx context.Context, app chat.AppID, id string) error {
	_, err := tx.conn.Exec(ctx, `UPDATE broadcasts SET finished_at = $1 WHERE app_id = $2 AND id = $3 AND finished_at = 0`,
		max(tx.Now(), 1), app, id)
	return err
}

// PruneBroadcasts forgets some broadcasts that were finished before a time (Unix ms); more says that there
// may be others.
func (s *Store) PruneBroadcasts(ctx context.Context, before int64) (more bool, err error) {
	const atOnce = 10
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		type key struct {
			app chat.AppID
			id  string
		}
		var old []key
		err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
			var k key
			err := r.Scan((*int64)(&k.app), &k.id)
			old = append(old, k)
			return err
		}, `SELECT app_id, id FROM broadcasts WHERE finished_at > 0 AND finished_at < $1 ORDER BY finished_at LIMIT $2`, before, atOnce)
		if err != nil {
			return err
		}
		more = len(old) == atOnce
		for _, k := range old {
			for _, query := range []string{
				`DELETE FROM broadcast_rooms WHERE app_id = $1 AND broadcast_id = $2`,
				`DELETE FROM broadcasts WHERE app_id = $1 AND id = $2`,
			} {
				if _, err := tx.conn.Exec(ctx, query, k.app, k.id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return more, err
}

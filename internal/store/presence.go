package store

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Presence says that a user is connected to a node, or no longer is.
type Presence struct {
	App  chat.AppID
	User chat.UserID
	On   bool
}

// SetPresence notes that a user is connected to a node, or no longer is, and records for backends if
// they have come online by that, or gone. It does nothing where no events are recorded.
func (s *Store) SetPresence(ctx context.Context, node string, p Presence) error {
	if !s.feed {
		return nil
	}
	return s.Write(ctx, userShard(p.App, p.User), func(ctx context.Context, tx *Tx) error {
		if ok, err := tx.holdUser(ctx, p); err != nil || !ok {
			return err
		}
		return tx.setPresence(ctx, node, p)
	})
}

// EndPresence notes that a user of a node that was taken for dead is not connected to it, unless the node has shown
// since that it is alive: then it says itself who is there.
func (s *Store) EndPresence(ctx context.Context, node string, p Presence) error {
	p.On = false
	return s.Write(ctx, userShard(p.App, p.User), func(ctx context.Context, tx *Tx) error {
		if ok, err := tx.holdUser(ctx, p); err != nil || !ok {
			return err
		}
		// With the user in hand: what the node notes of them once it is alive comes behind this.
		var alive bool
		err := tx.conn.Row(ctx, `SELECT EXISTS (SELECT 1 FROM presence_nodes n WHERE n.node = $1 AND n.seen_at > 0)`, node).Scan(&alive)
		if err != nil || alive {
			return err
		}
		return tx.setPresence(ctx, node, p)
	})
}

// userShard keeps the writes about whether a user is there in one lane, whoever makes them: they lock the
// user's row.
func userShard(app chat.AppID, user chat.UserID) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strconv.FormatInt(int64(app), 10) + ":user:" + user.String())) // a hash's Write never fails
	return int64(h.Sum64() >> 1)
}

// holdUser has other nodes wait that say something of the user just now; ok is false where there is no such user.
func (tx *Tx) holdUser(ctx context.Context, p Presence) (ok bool, err error) {
	var user chat.UserID
	err = tx.conn.Row(ctx, `SELECT u.id FROM users u WHERE u.id = $1 AND u.app_id = $2`+tx.store.eng.ForUpdate("u"),
		p.User, p.App).Scan(&user)
	return err == nil, ignoreNoRows(err)
}

func (tx *Tx) setPresence(ctx context.Context, node string, p Presence) error {
	change, kind := `DELETE FROM presence WHERE user_id = $1 AND node = $2 AND app_id = $3`, chat.FeedUserOffline
	if p.On {
		change = `INSERT INTO presence (user_id, node, app_id) VALUES ($1, $2, $3) ON CONFLICT (user_id, node) DO NOTHING`
		kind = chat.FeedUserOnline
	}
	n, err := tx.conn.Exec(ctx, change, p.User, node, p.App)
	if err != nil || n == 0 {
		return err
	}
	var elsewhere bool
	err = tx.conn.Row(ctx, `SELECT EXISTS (SELECT 1 FROM presence x WHERE x.user_id = $1 AND x.node <> $2)`, p.User, node).
		Scan(&elsewhere)
	if err != nil || elsewhere {
		return err
	}
	return tx.Record(ctx, chat.FeedEvent{App: p.App, Kind: kind, User: p.User})
}

// PresenceBeat notes that a node is alive: whom it has noted as connected, is. known says that it was
// noted before, and not taken for dead since.
func (s *Store) PresenceBeat(ctx context.Context, node string) (known bool, err error) {
	if !s.feed {
		return true, nil
	}
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		now := tx.store.nowMS()
		n, err := tx.conn.Exec(ctx, `UPDATE presence_nodes SET seen_at = $2 WHERE node = $1 AND seen_at > 0`, node, now)
		if known = n > 0; err != nil || known {
			return err
		}
		_, err = tx.conn.Exec(ctx, `INSERT INTO presence_nodes (node, seen_at) VALUES ($1, $2)
			ON CONFLICT (node) DO UPDATE SET seen_at = excluded.seen_at`, node, now)
		return err
	})
	return known, err
}

// presenceAtOnce bounds the users that one write notes as gone.
const presenceAtOnce = 200

// StalePresence takes a node for dead that has not been alive since a time, and lists some of those who were
// connected to it: see EndPresence. With nobody left, the node is forgotten; ok is false where there is no such node.
func (s *Store) StalePresence(ctx context.Context, before time.Time) (node string, list []Presence, ok bool, err error) {
	var seen int64
	err = s.eng.Row(ctx, `SELECT n.node, n.seen_at FROM presence_nodes n WHERE n.seen_at < $1 ORDER BY n.seen_at LIMIT 1`,
		before.UnixMilli()).Scan(&node, &seen)
	if err == nil && seen > 0 {
		err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
			_, err := tx.conn.Exec(ctx, `UPDATE presence_nodes SET seen_at = 0 WHERE node = $1 AND seen_at = $2`, node, seen)
			return err
		})
	}
	if err != nil {
		return "", nil, false, s.explain(ignoreNoRows(err))
	}
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var p Presence
		err := r.Scan(&p.App, &p.User)
		list = append(list, p)
		return err
	}, `SELECT p.app_id, p.user_id FROM presence p WHERE p.node = $1 ORDER BY p.user_id LIMIT $2`, node, presenceAtOnce)
	if err != nil || len(list) > 0 {
		return node, list, err == nil, s.explain(err)
	}
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `DELETE FROM presence_nodes WHERE node = $1 AND seen_at = 0`, node)
		return err
	})
	return node, nil, err == nil, err
}

// presenceAge is after how long a node that has not shown that it is alive has nobody.
const presenceAge = time.Minute

// OnlineAmong returns those of users who are noted as connected to a node that is alive. Where this process is
// the only one it notes nothing that it does not know itself, and so it returns nobody.
func (s *Store) OnlineAmong(ctx context.Context, app chat.AppID, users []chat.UserID) (map[chat.UserID]bool, error) {
	online := map[chat.UserID]bool{}
	if len(users) == 0 || s.eng.SoleWriter() {
		return online, nil
	}
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.UserID
		err := r.Scan(&id)
		online[id] = true
		return err
	}, `SELECT p.user_id FROM presence p JOIN presence_nodes n ON n.node = p.node
		WHERE p.app_id = $1 AND `+s.eng.IDInList("p.user_id", "$2")+` AND n.seen_at > $3`,
		app, s.eng.IDListArg(idsOf(users)), s.nowMS()-presenceAge.Milliseconds())
	return online, s.explain(err)
}

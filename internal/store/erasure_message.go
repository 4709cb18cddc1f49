package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// MessagesNaming looks through up to limit messages of all Apps behind after, by their ids. It returns
// those of the App that a user has sent, or that may name or quote the user, by their rooms, and the
// last id that it has seen: after itself where there is none.
func (s *Store) MessagesNaming(
	ctx context.Context, app chat.AppID, user chat.UserID, after chat.MessageID, limit int,
) (found map[chat.RoomID][]chat.MessageID, last chat.MessageID, err error) {
	if last, err = s.messagePage(ctx, after, limit); err != nil || last == after {
		return nil, after, err
	}
	page := naming{user: user, found: map[chat.RoomID][]chat.MessageID{}, asked: map[int64][]namedIn{}}
	err = engine.Each(ctx, s.eng, page.scan, `SELECT m.id, m.room_id, m.sender_id, m.target_user_id, m.reply_to, m.forward_from,
			m.action IN ('`+string(chat.ActionPinMessage)+`', '`+string(chat.ActionUnpinMessage)+`')
		FROM messages m WHERE m.id > $1 AND m.id <= $2 AND +m.app_id = $3
			AND (m.sender_id = $4 OR m.target_user_id = $4 OR m.reply_to <> '' OR m.forward_from <> '' OR m.action <> '')
		ORDER BY m.id`, after, last, app, user)
	if err == nil {
		err = page.resolve(ctx, s)
	}
	return page.found, last, s.explain(err)
}

// naming collects messages that name a user.
type naming struct {
	user  chat.UserID
	found map[chat.RoomID][]chat.MessageID
	// asked are messages that name the user if the message that they name is the user's.
	asked map[int64][]namedIn
}

type namedIn struct {
	room chat.RoomID
	id   chat.MessageID
}

func (n *naming) scan(r engine.Row) error {
	var at namedIn
	var sender, target chat.UserID
	var reply, forward string
	var pin bool
	err := r.Scan((*int64)(&at.id), (*int64)(&at.room), (*int64)(&sender), (*int64)(&target), &reply, &forward, &pin)
	if err != nil {
		return err
	}
	row := messageScan{reply: reply, forward: forward}
	m, err := row.message()
	if err != nil {
		return err
	}
	// What a pin tells of is in its data, which only the service can open.
	if sender == n.user || target == n.user || pin || m.ReplyTo.User == n.user.String() || m.Forward.User == n.user.String() {
		n.found[at.room] = append(n.found[at.room], at.id)
		return nil
	}
	for _, ref := range []chat.Reference{m.ReplyTo, m.Forward} {
		if id, ok := chat.ParseMessageID(ref.Message); ok {
			n.asked[int64(id)] = append(n.asked[int64(id)], at)
		}
	}
	return nil
}

// resolve finds out whose the messages are that others refer to.
func (n *naming) resolve(ctx context.Context, s *Store) error {
	ids := make([]int64, 0, len(n.asked))
	for id := range n.asked {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	return engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id int64
		if err := r.Scan(&id); err != nil {
			return err
		}
		for _, at := range n.asked[id] {
			if !slices.Contains(n.found[at.room], at.id) {
				n.found[at.room] = append(n.found[at.room], at.id)
			}
		}
		return nil
	}, `SELECT m.id FROM messages m WHERE `+s.eng.IDInList("m.id", "$1")+` AND m.sender_id = $2`, s.eng.IDListArg(ids), n.user)
}

// Redact is ChangeMessage that also stores m's references, target and filter, and keeps its file where
// keepFile says so. Where tell is false no device learns of it: the message shows nothing of it.
func (tx *Tx) Redact(ctx context.Context, m chat.Message, keepFile, tell bool) (chat.Message, error) {
	reply, err := jsonOrNothing(storedReference(m.ReplyTo))
	if err != nil {
		return m, err
	}
	forward, err := jsonOrNothing(storedReference(m.Forward))
	if err != nil {
		return m, err
	}
	_, err = tx.conn.Exec(ctx, `UPDATE messages SET reply_to = $1, forward_from = $2, target_xc_id = $3, target_name = $4,
			filter_id = $5 WHERE id = $6 AND app_id = $7`,
		reply, forward, m.Target.XCID, m.Target.Name, m.FilterID, m.ID, m.App)
	if err != nil {
		return m, err
	}
	touch(tx, roomMessages{m.Room})
	if m.Deleted() {
		if err := tx.unindex(ctx, m.ID); err != nil {
			return m, err
		}
	}
	if !tell {
		return m, nil
	}
	if keepFile {
		return tx.changeContent(ctx, m)
	}
	return tx.ChangeMessage(ctx, m)
}

package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Naming is a message that may name or quote a user, and which of its references are to the user's messages.
type Naming struct {
	ID      chat.MessageID
	ReplyTo bool
	Forward bool
}

// MessagesNaming looks through up to limit messages of all Apps behind after, by their ids. It returns
// those of the App that the user of an erasure has sent, or that may name or quote the user, by their rooms,
// and the last id that it has seen: after itself where there is none.
func (s *Store) MessagesNaming(
	ctx context.Context, e chat.Erasure, after chat.MessageID, limit int,
) (found map[chat.RoomID][]Naming, last chat.MessageID, err error) {
	if last, err = s.messagePage(ctx, after, limit); err != nil || last == after {
		return nil, after, err
	}
	page := naming{erasure: e}
	err = engine.Each(ctx, s.eng, page.scan, `SELECT m.id, m.room_id, m.created_at, m.sender_id, m.target_user_id, m.reply_to, m.forward_from,
			m.action IN ('`+string(chat.ActionPinMessage)+`', '`+string(chat.ActionUnpinMessage)+`')
		FROM messages m WHERE m.id > $1 AND m.id <= $2 AND +m.app_id = $3
			AND (m.sender_id = $4 OR m.target_user_id = $4 OR m.reply_to <> '' OR m.forward_from <> '' OR m.action <> '')
		ORDER BY m.id`, after, last, e.App, e.User)
	if err == nil {
		err = page.resolve(ctx, s)
	}
	return page.byRoom(), last, s.explain(err)
}

// naming collects messages that may name the user of an erasure.
type naming struct {
	erasure chat.Erasure
	list    []namedIn
	// refs are references of the messages in list: their places there are in of.
	refs []chat.Reference
	of   []refOf
}

type namedIn struct {
	Naming
	room      chat.RoomID
	createdAt int64
	sure      bool // it is to be looked at, whatever its references are to
}

// refOf says whose a reference is.
type refOf struct {
	place   int
	forward bool
}

func (n *naming) scan(r engine.Row) error {
	var at namedIn
	var sender, target chat.UserID
	var reply, forward string
	var pin bool
	err := r.Scan((*int64)(&at.ID), (*int64)(&at.room), &at.createdAt, (*int64)(&sender), (*int64)(&target), &reply, &forward, &pin)
	if err != nil {
		return err
	}
	row := messageScan{reply: reply, forward: forward}
	m, err := row.message()
	if err != nil {
		return err
	}
	// What a pin tells of is in its data, which only the service can open.
	at.sure = sender == n.erasure.User || target == n.erasure.User || pin
	n.list = append(n.list, at)
	n.ask(m.ReplyTo, false)
	n.ask(m.Forward, true)
	return nil
}

// ask notes a reference of the message that was scanned last.
func (n *naming) ask(r chat.Reference, forward bool) {
	if r == (chat.Reference{}) {
		return
	}
	at := refOf{len(n.list) - 1, forward}
	if n.erasure.Named(r, n.list[at.place].createdAt) {
		n.settle(at)
		return
	}
	n.refs, n.of = append(n.refs, r), append(n.of, at)
}

// settle notes that a reference is to a message of the user's.
func (n *naming) settle(at refOf) {
	if at.forward {
		n.list[at.place].Forward = true
	} else {
		n.list[at.place].ReplyTo = true
	}
}

// resolve finds out whose the messages are that others refer to.
func (n *naming) resolve(ctx context.Context, s *Store) error {
	senders, err := s.SendersOf(ctx, n.erasure.App, n.refs)
	if err != nil {
		return err
	}
	unknown := map[chat.RoomID][]int{}
	for i, sender := range senders {
		switch {
		case sender == n.erasure.User:
			n.settle(n.of[i])
		case sender == 0 && n.refs[i].LocalID != "":
			room := n.list[n.of[i].place].room
			unknown[room] = append(unknown[room], i)
		}
	}
	for room, refs := range unknown {
		if err := n.resolveOlder(ctx, s, room, refs); err != nil {
			return err
		}
	}
	return nil
}

// eraseLookBack is how many messages of a room, before one that names another by a localID that can be taken
// anew, are looked at: it was not stored yet when its device named it so.
const eraseLookBack = 5000

// resolveOlder is resolve for references in a room that nothing is found by.
func (n *naming) resolveOlder(ctx context.Context, s *Store, room chat.RoomID, refs []int) error {
	until := int64(0)
	for _, i := range refs {
		until = max(until, n.list[n.of[i].place].createdAt)
	}
	own := map[string]bool{}
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var localID string
		err := r.Scan(&localID)
		own[localID] = true
		return err
	}, `SELECT b.local_id FROM (SELECT m.local_id, m.sender_id FROM messages m WHERE m.room_id = $1 AND m.created_at < $2
		ORDER BY m.created_at DESC LIMIT $3) b WHERE b.sender_id = $4`, room, until, eraseLookBack, n.erasure.User)
	for _, i := range refs {
		if own[n.refs[i].LocalID] {
			n.settle(n.of[i])
		}
	}
	return err
}

// byRoom are the messages that are to be looked at.
func (n *naming) byRoom() map[chat.RoomID][]Naming {
	found := map[chat.RoomID][]Naming{}
	for _, m := range n.list {
		if m.sure || m.ReplyTo || m.Forward {
			found[m.room] = append(found[m.room], m.Naming)
		}
	}
	return found
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

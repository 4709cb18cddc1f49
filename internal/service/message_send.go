package service

import (
	"context"
	"errors"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Send stores o, in several parts when its body is long, all of them or none. A
// repeated send stores nothing and is answered as the first was. A personal room comes into
// being with its first message. The backend may write into locked rooms too.
func (b Backend) Send(ctx context.Context, o Outgoing) (Sent, error) {
	if err := o.validate(b.dialect); err != nil {
		return Sent{}, err
	}
	if claim := store.ClaimOf(ctx); claim != nil && o.LocalID == "" {
		// The call is done again where a process has died before it could answer. This message is
		// found then, which is none of the caller's concern.
		o.LocalID = b.dialect.PartLocalID(claim.Name(), 0)
		sent, err := b.send(ctx, o)
		sent.Repeated, sent.Differs = false, false
		return sent, err
	}
	return b.send(ctx, o)
}

// send is Send for a message that was looked at.
func (b Backend) send(ctx context.Context, o Outgoing) (Sent, error) {
	by, err := b.author(ctx, o.From, false)
	if err != nil {
		return Sent{}, err
	}
	sent, err := b.sendAs(ctx, by, o)
	if by.XCID == "" || chat.CodeOf(err) != chat.CodeNotFound {
		return sent, err
	}
	// The sender was taken from what was read before, and comes first in what is told.
	now, aerr := b.author(ctx, o.From, true)
	switch {
	case aerr != nil:
		return Sent{}, aerr
	case now != by:
		return b.sendAs(ctx, now, o)
	}
	return sent, err
}

// author finds the user in whose name the backend writes; see store.AuthorOf.
func (b Backend) author(ctx context.Context, name UserName, fresh bool) (store.Author, error) {
	if name.XCID != "" {
		return b.store.AuthorOf(ctx, b.app.ID, name.XCID, fresh)
	}
	id, err := b.resolveUser(ctx, b.app.ID, name)
	return store.Author{User: id}, err
}

// sendAs is Send in the name of a user who was found.
func (b Backend) sendAs(ctx context.Context, by store.Author, o Outgoing) (Sent, error) {
	to, err := b.destination(ctx, o, by.User)
	if err != nil {
		return Sent{}, err
	}
	var file chat.FileID
	if o.Data, file, err = b.withAddress(ctx, o.Data); err != nil {
		return Sent{}, err
	}
	parts, err := o.parts(b.dialect, b.app.ID, by.User)
	if err != nil {
		return Sent{}, err
	}
	parts[len(parts)-1].File = file
	if to.pair == (chat.Pair{}) && o.LocalID == "" {
		for i := range parts {
			parts[i].Room = to.room
		}
		_, err := b.store.AppendMessages(ctx, by, to.shard, parts)
		return Sent{LocalID: parts[len(parts)-1].LocalID}, chat.Missing(err, o.room())
	}
	sent := Sent{LocalID: parts[len(parts)-1].LocalID}
	err = b.store.WriteAs(ctx, by, to.shard, func(ctx context.Context, tx *store.Tx) (err error) {
		if o.LocalID != "" {
			if sent, err = b.repeated(ctx, tx, parts); err != nil || sent.Repeated {
				return err
			}
		}
		err = b.appendTo(ctx, tx, to, parts)
		if o.LocalID != "" && errors.Is(err, store.ErrNotAppended) { // somebody else may have been faster just now
			if again, aerr := b.repeated(ctx, tx, parts); aerr != nil || again.Repeated {
				sent = again
				return aerr
			}
		}
		return err
	})
	if err == nil && sent.Repeated {
		room, err := b.roomIfAny(ctx, to)
		sent.Differs = sent.Differs || sent.room != room
		return sent, err
	}
	return sent, chat.Missing(err, o.room())
}

// roomIfAny is the room of a destination, 0 for a pair that has none yet.
func (b Backend) roomIfAny(ctx context.Context, to destination) (chat.RoomID, error) {
	if to.pair == (chat.Pair{}) {
		return to.room, nil
	}
	room, err := b.store.PersonalRoomID(ctx, b.app.ID, to.pair)
	if chat.CodeOf(err) == chat.CodeNotFound {
		err = nil
	}
	return room, err
}

func (b Backend) appendTo(ctx context.Context, tx *store.Tx, to destination, parts []store.NewMessage) error {
	room := to.room
	if to.pair != (chat.Pair{}) {
		r, err := tx.PersonalRoom(ctx, b.app.ID, to.pair)
		if err != nil {
			return err
		}
		room = r.ID
	}
	for _, m := range parts {
		m.Room = room
		if _, err := tx.AppendMessage(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// Send stores a message of the member's. repeat says that it was stored before: nobody
// but the member is to be told again. A personal room comes into being with its first
// message. Only participants write, and nobody into a locked room.
func (me Member) Send(ctx context.Context, d Draft) (m chat.Message, repeat bool, err error) {
	if m, repeat, err = me.sentBefore(ctx, d.LocalID); err != nil || repeat {
		return m, repeat, err
	}
	if d, err = me.moderated(ctx, d, false); err != nil {
		return m, false, err
	}
	draft, named, err := d.message(me.dialect)
	if err != nil {
		return m, false, err
	}
	if draft.File, err = me.fileToShare(ctx, named, d.RoomID, d.Forward.RoomID); err != nil {
		return m, false, err
	}
	ref, ok := chat.ParseRoomID(d.RoomID)
	if !ok {
		return m, false, chat.RoomNotFound()
	}
	draft.App, draft.Sender = me.App.ID, me.User
	n := store.NewMessage{Message: draft, Guarded: true}
	// What stood in the way may be gone when it is asked for, or have been no more than a change of
	// who may write for which the message has waited: see mayWrite in the store. Or somebody whom it names was
	// erased in between.
	for range sendAttempts {
		m, repeat, err = me.trySending(ctx, ref, n)
		if !errors.Is(err, errNothingInTheWay) && !errors.Is(err, store.ErrErased) {
			return m, repeat, err
		}
	}
	return m, false, errSendAgain()
}

// trySending is Send for a message that was looked at, but for those whom it names.
func (me Member) trySending(
	ctx context.Context, ref chat.RoomRef, n store.NewMessage,
) (m chat.Message, repeat bool, err error) {
	if n.Named, err = me.withoutErased(ctx, &n.Message); err != nil {
		return m, false, err
	}
	if ref.Type == chat.Personal {
		m, err = me.sendPersonally(ctx, ref.Pair, n)
	} else {
		m, err = me.sendToRoom(ctx, ref, n)
	}
	if !errors.Is(err, store.ErrNotAppended) {
		return m, false, err
	}
	return me.whyNotSent(ctx, ref, n)
}

// sendAttempts is how often a message is stored anew for which nothing is found that forbids it.
const sendAttempts = 5

var errNothingInTheWay = errors.New("nothing keeps this message from being stored")

func errSendAgain() error {
	return chat.Errorf(chat.CodeUnavailable, "The message could not be stored; send it again")
}

func (me Member) sendToRoom(ctx context.Context, ref chat.RoomRef, n store.NewMessage) (m chat.Message, err error) {
	shard, err := me.shardOfRef(ctx, me.App.ID, ref)
	if err != nil {
		return m, err
	}
	return me.append(ctx, shard, ref.ID, n)
}

func (me Member) sendPersonally(ctx context.Context, pair chat.Pair, n store.NewMessage) (m chat.Message, err error) {
	if !pair.Has(me.User) {
		return m, chat.RoomNotFound() // a stranger learns nothing of it
	}
	shard := pairShard(me.App.ID, pair)
	room, err := me.store.PersonalRoomID(ctx, me.App.ID, pair)
	if err == nil {
		return me.append(ctx, shard, room, n)
	}
	if chat.CodeOf(err) != chat.CodeNotFound {
		return m, err
	}
	if _, err := me.resolveUser(ctx, me.App.ID, UserName{ID: pair.Other(me.User).String()}); err != nil {
		return m, err
	}
	err = me.write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
		room, err := tx.PersonalRoom(ctx, me.App.ID, pair)
		if err != nil {
			return err
		}
		if room.Blocks != 0 {
			m, _, err = me.appendAcross(ctx, tx, room.ID, n)
			return err
		}
		n.Room = room.ID
		m, err = tx.AppendMessage(ctx, n)
		return err
	})
	return m, err
}

// append stores a message of the member's in a room that is there.
func (me Member) append(
	ctx context.Context, shard int64, room chat.RoomID, n store.NewMessage,
) (m chat.Message, err error) {
	n.Room = room
	list, err := me.store.AppendMessages(ctx, me.author(), shard, []store.NewMessage{n})
	if err != nil {
		return m, err
	}
	return list[0], nil
}

// whyNotSent finds out what kept a message from being stored: it is stored already, or
// one of the rules. Where that is a block, it does what is to be done then.
func (me Member) whyNotSent(ctx context.Context, ref chat.RoomRef, n store.NewMessage) (chat.Message, bool, error) {
	stored, err := me.store.MessageByLocalID(ctx, me.App.ID, n.LocalID)
	switch {
	case err == nil && stored.Sender == me.User && stored.Type != chat.SystemMessage:
		return stored, true, nil
	case err == nil:
		return stored, false, chat.Errorf(chat.CodeConflict, "This localID belongs to another sender's message")
	case chat.CodeOf(err) != chat.CodeNotFound:
		return stored, false, err
	}
	room, err := me.writableRoom(ctx, ref)
	if err != nil {
		return stored, false, err
	}
	if room.Blocks != 0 {
		m, err := me.sendAcross(ctx, room, n)
		return m, false, err
	}
	return stored, false, errNothingInTheWay
}

// Plain is a message that an SDK sends by HTTP, not enciphered. Recipient, a user's id,
// stands in for a personal room's id.
type Plain struct {
	RoomID    string
	Recipient string
	LocalID   string
	Type      chat.MessageType
	Body      string
	Data      string // JSON text of an object or an array, or ""
	FilterID  string
	Hidden    bool
}

// SendPlain is Send for a plain message.
func (me Member) SendPlain(ctx context.Context, p Plain) error {
	if p.RoomID == "" {
		other, ok := chat.ParseUserID(p.Recipient)
		if !ok {
			return chat.Required("roomID")
		}
		p.RoomID = chat.NewPair(me.User, other).String()
	}
	if err := me.dialect.ValidateLocalID(p.LocalID); err != nil {
		return err
	}
	key, err := me.dialect.Cipher(p.LocalID)
	if err != nil {
		return err
	}
	d := Draft{
		RoomID: p.RoomID, LocalID: p.LocalID, Type: p.Type, FilterID: p.FilterID, Hidden: p.Hidden,
		Body: key.Seal(p.Body), Data: chat.Sealed(p.Data),
	}
	_, _, err = me.Send(ctx, d)
	return err
}

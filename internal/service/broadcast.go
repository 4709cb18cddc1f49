package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/store"
)

const (
	// KeepBroadcasts is how long it can be looked up what has become of a broadcast that is finished.
	KeepBroadcasts = 30 * 24 * time.Hour
	// broadcastStep is to how many rooms one job sends, and broadcastPause the time before the next: so
	// others' jobs and writes come between them.
	broadcastStep  = 25
	broadcastPause = 50 * time.Millisecond
	// broadcastLease is how long a step may take, and how late one is whose node was killed over it.
	broadcastLease = 15 * time.Second
	// broadcastTries is how often a step is tried, for days: only a lost database keeps one from its end.
	broadcastTries = 100
)

// Broadcast begins to send a message to many rooms, which are named either by their public ids or by the
// customer's. It is stored to be worked off when Broadcast returns; see BroadcastStatus for what becomes of it.
// The message goes to each room once, whatever dies meanwhile. A broadcast whose LocalID is given, and was used
// before, is not done again; where it was another's, that is CodeConflict.
func (b Backend) Broadcast(ctx context.Context, o Outgoing, rooms []chat.BroadcastRoom) (c chat.Broadcast, err error) {
	o.RoomID = "many" // which stands for the rooms: there is a target
	switch err := o.validate(b.dialect); {
	case err != nil:
		return c, err
	case chat.UTF16Len(o.Body) > chat.BodyPart:
		return c, chat.Invalid("body", "must have at most %d UTF-16 units", chat.BodyPart)
	}
	sender, err := b.resolveUser(ctx, b.app.ID, o.From)
	if err != nil {
		return c, err
	}
	var file chat.FileID
	if o.Data, file, err = b.withAddress(ctx, o.Data); err != nil {
		return c, err
	}
	o.LocalID = b.workID(ctx, o.LocalID)
	parts, err := o.parts(b.dialect, b.app.ID, sender)
	if err != nil {
		return c, err
	}
	c = chat.Broadcast{App: b.app.ID, ID: o.LocalID, Message: parts[0].Message, Rooms: len(rooms)}
	c.Message.File = file
	added := false
	by := store.Author{User: sender} // whoever erases the sender finds it, or was there before
	err = b.store.WriteAs(ctx, by, broadcastShard(c), func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.OpenBroadcasts(ctx, b.app.ID)
		if err != nil {
			return err
		}
		if added, err = tx.AddBroadcast(ctx, c, rooms); added && n >= chat.MaxBroadcasts {
			err = chat.Errorf(chat.CodeForbidden, "An App sends at most %d messages to many rooms at a time", chat.MaxBroadcasts)
		}
		return err
	})
	if err != nil || added {
		return c, err
	}
	return c, b.sameBroadcast(ctx, c, rooms)
}

// sameBroadcast is CodeConflict where what is stored under a broadcast's id is another.
func (b Backend) sameBroadcast(ctx context.Context, c chat.Broadcast, rooms []chat.BroadcastRoom) error {
	stored, err := b.store.Broadcast(ctx, b.app.ID, c.ID)
	if err != nil {
		return err
	}
	there, err := b.store.BroadcastRooms(ctx, b.app.ID, c.ID, chat.BroadcastAny, 0, chat.MaxBroadcastRooms)
	if err != nil {
		return err
	}
	for _, m := range []*chat.Message{&stored.Message, &c.Message} {
		if err := openTexts(b.dialect, m); err != nil {
			return err
		}
	}
	same := stored.Message == c.Message && slices.EqualFunc(there, rooms, func(x, y chat.BroadcastRoom) bool {
		return x.Room == y.Room && x.XC == y.XC
	})
	if !same {
		return chat.Errorf(chat.CodeConflict, "This localID belongs to another message to many rooms")
	}
	return nil
}

// broadcastShard has all broadcasts of an App meet in one lane.
func broadcastShard(c chat.Broadcast) int64 { return shardOf(c.App, "broadcast", "") }

// BroadcastPage is a broadcast, and some of its rooms.
type BroadcastPage struct {
	chat.Broadcast
	List []chat.BroadcastRoom
	Next string // the cursor of the next page, "" behind the last
}

// broadcastCursor is a place in the rooms of a broadcast.
type broadcastCursor struct {
	ID    string              `json:"i"`
	State chat.BroadcastState `json:"s,omitempty"`
	After int                 `json:"a"`
}

// BroadcastStatus tells what has become of a broadcast, with up to limit of its rooms in a state, from a
// cursor on.
func (b Backend) BroadcastStatus(
	ctx context.Context, id string, state chat.BroadcastState, cursor string, limit int,
) (p BroadcastPage, err error) {
	if p.Broadcast, err = b.store.Broadcast(ctx, b.app.ID, id); err != nil {
		return p, err
	}
	var at broadcastCursor
	if !chat.DecodeCursor(cursor, &at) || cursor != "" && (at.ID != id || at.State != state) {
		return p, errCursor()
	}
	if p.List, err = b.store.BroadcastRooms(ctx, b.app.ID, id, state, at.After, limit+1); err != nil {
		return p, err
	}
	if len(p.List) > limit {
		p.List = p.List[:limit]
		p.Next = chat.EncodeCursor(broadcastCursor{id, state, p.List[limit-1].Place})
	}
	return p, nil
}

// BroadcastLocalID is the localID of the message in the room at a place of a broadcast.
func (b Backend) BroadcastLocalID(id string, place int) string {
	return b.dialect.PartLocalID(id, place)
}

// BroadcastKind is what is done about broadcasts.
func (s *Service) BroadcastKind() job.Kind {
	return job.Kind{
		Name: chat.JobBroadcast, Do: s.broadcast, EndsItself: true, AtOnce: 4, Lease: broadcastLease, Attempts: broadcastTries,
	}
}

// broadcast sends the message of a job to the next rooms, each in a transaction that notes it, so that none
// gets it twice, whoever else is at it. Then it leaves the rest to another job.
func (s *Service) broadcast(ctx context.Context, j chat.Job) error {
	c, err := s.store.Broadcast(ctx, j.App, j.Payload)
	if chat.CodeOf(err) == chat.CodeNotFound {
		_, err = s.store.EndJob(ctx, j)
		return err
	}
	if err != nil {
		return err
	}
	rooms, err := s.store.BroadcastRooms(ctx, c.App, c.ID, chat.BroadcastWaiting, 0, broadcastStep)
	if err != nil {
		return err
	}
	b := s.Backend(chat.App{ID: c.App})
	var failed error
	for _, r := range rooms { // one that fails inside keeps none of the others back
		if err := b.sendBroadcast(ctx, c, r); err != nil {
			failed = err
		}
	}
	if failed != nil {
		return failed
	}
	return s.store.Write(ctx, broadcastShard(c), func(ctx context.Context, tx *store.Tx) error {
		if ok, err := tx.EndJob(ctx, j); err != nil || !ok {
			return err
		}
		if len(rooms) < broadcastStep {
			return tx.FinishBroadcast(ctx, c.App, c.ID)
		}
		_, err := tx.AddJob(ctx, chat.Job{
			Kind: j.Kind, App: j.App, Payload: j.Payload, DueAt: tx.Now() + broadcastPause.Milliseconds(),
		})
		return err
	})
}

// sendBroadcast sends the message of a broadcast to one room, or notes why that cannot be.
func (b Backend) sendBroadcast(ctx context.Context, c chat.Broadcast, r chat.BroadcastRoom) error {
	err := b.sendBroadcastTo(ctx, c, r)
	if err == nil || !isRefusal(err) {
		return err
	}
	var known *chat.Error
	if !errors.As(err, &known) {
		return err
	}
	return b.store.Write(ctx, broadcastShard(c), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.SettleBroadcast(ctx, c.App, c.ID, r.Place, known.Code, known.Message)
		return err
	})
}

func (b Backend) sendBroadcastTo(ctx context.Context, c chat.Broadcast, r chat.BroadcastRoom) error {
	m := c.Message
	if err := openTexts(b.dialect, &m); err != nil {
		return err
	}
	o := Outgoing{
		Type: m.Type, Body: string(m.Body), Data: string(m.Data), FilterID: m.FilterID, Hidden: m.Hidden,
		Quote: m.Quote, Quoted: string(m.Quote.Content), LocalID: b.BroadcastLocalID(c.ID, r.Place),
	}
	if o.RoomID = r.Room; r.XC {
		o.RoomID, o.XCRoomID = "", r.Room
	}
	to, err := b.destination(ctx, o, m.Sender)
	if err != nil {
		return err
	}
	parts, err := o.parts(b.dialect, c.App, m.Sender)
	if err != nil {
		return err
	}
	parts[0].File = m.File
	return b.store.WriteAs(ctx, store.Author{User: m.Sender}, to.shard, func(ctx context.Context, tx *store.Tx) error {
		if ok, err := tx.SettleBroadcast(ctx, c.App, c.ID, r.Place, "", ""); err != nil || !ok {
			return err
		}
		return b.appendTo(ctx, tx, to, parts)
	})
}

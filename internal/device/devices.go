package device

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// AnswerTimeout bounds the wait for a connected device to say what has reached it.
const AnswerTimeout = 500 * time.Millisecond

// Sessions is the connected devices.
type Sessions interface {
	// Arrived returns what has reached a device lately through its sessions, on whichever node
	// they are. It asks the device, and waits for the answer until ctx ends. What a session that
	// is ending knows is stored when Arrived returns.
	Arrived(ctx context.Context, app chat.AppID, user chat.UserID, device string) Known
	// Behind starts a feed of what a device lacks, on whichever node it is connected.
	Behind(app chat.AppID, user chat.UserID, device string)
	// Hold keeps back what is sent to a device on this node while a call answers it with
	// messages. release ends that, with what the call has delivered of the changes below a
	// number; more says that the device is to be fed the rest.
	Hold(app chat.AppID, user chat.UserID, device string) (release func(delivered Known, below int64, more bool))
}

// Devices delivers to devices what they lack. It is safe for concurrent use.
type Devices struct {
	store    *store.Store
	sessions Sessions
	limits   Limits
	turns    turns
	feeding  chan struct{} // one for each chunk that is being read
}

// feedsAtOnce bounds the chunks that are read for sockets at the same time: calls come first.
const feedsAtOnce = 4

// New returns Devices. The zero Limits are DefaultLimits.
func New(st *store.Store, sessions Sessions, limits Limits) *Devices {
	if limits == (Limits{}) {
		limits = DefaultLimits()
	}
	return &Devices{store: st, sessions: sessions, limits: limits, feeding: make(chan struct{}, feedsAtOnce)}
}

// Delivery is an answer to a device with what it lacks. It is done once it has arrived, which may
// become known only later: Sent must be called with a function that decides it at once, and
// Arrived when it is decided. Done must be called in any case: the device's next call waits
// for it.
type Delivery struct {
	Messages []chat.MessageView
	Sent     func(decide func())
	Arrived  func(ctx context.Context, arrived bool) error
	Done     func()
	below    int64 // the messages are what changes below this number have done,
	more     bool  // as far as they went into the answer
}

// Lister lists, newest first, what a device gets if it has nothing yet.
type Lister func(context.Context) ([]chat.MessageView, error)

// List delivers what list finds to the caller's device, which then counts as caught up.
func (d *Devices) List(ctx context.Context, c chat.Caller, list Lister) (Delivery, error) {
	return d.inTurn(ctx, c, func() (Delivery, error) { return d.first(ctx, c, list) })
}

// CatchUp delivers to the caller's device what is new to it or has changed, in all rooms,
// oldest first. What does not fit into one answer follows over the device's socket. A device
// that was never seen gets what list finds.
func (d *Devices) CatchUp(ctx context.Context, c chat.Caller, list Lister) (Delivery, error) {
	return d.inTurn(ctx, c, func() (Delivery, error) {
		asking, cancel := context.WithTimeout(ctx, AnswerTimeout)
		arrived := d.sessions.Arrived(asking, c.App.ID, c.User, c.Login.Device)
		cancel()
		// Afterwards: what a session knew that has ended is stored by now.
		p, found, err := d.store.Progress(ctx, c.User, c.Login.Device)
		if err != nil {
			return Delivery{}, err
		}
		if !found {
			first, err := d.first(ctx, c, list)
			slices.Reverse(first.Messages)
			return first, err
		}
		var listed []chat.MessageView
		if p.Offered { // before the walk: what is said meanwhile is the walk's
			if listed, err = list(ctx); err != nil {
				return Delivery{}, err
			}
		}
		s, err := d.step(ctx, c, p, arrived, budget{d.limits.Messages, d.limits.Bytes})
		if err != nil {
			return Delivery{}, err
		}
		if p.Offered {
			s.addList(listed, c.User)
		}
		slices.SortStableFunc(s.fresh, func(a, b chat.MessageView) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) })
		return d.delivery(c, s.fresh, s), nil
	})
}

// delivery is of what was found in a step.
func (d *Devices) delivery(c chat.Caller, views []chat.MessageView, s step) Delivery {
	k := turn{c.User, c.Login.Device}
	var decided atomic.Bool
	return Delivery{
		Messages: views, below: max(s.next.Target, s.next.Cursor), more: s.next.Target != 0,
		Sent: func(decide func()) {
			if d.turns.undecided(k, decide); decided.Load() {
				d.turns.decided(k)
			}
		},
		Arrived: func(ctx context.Context, arrived bool) error {
			defer func() {
				decided.Store(true)
				d.turns.decided(k)
			}()
			if !arrived { // the device's socket does not send it any more
				d.sessions.Behind(c.App.ID, c.User, c.Login.Device)
				return nil
			}
			err := d.save(ctx, c, s)
			if s.next.Target != 0 { // also if that has failed: its socket leaves messages out until it has been fed
				d.sessions.Behind(c.App.ID, c.User, c.Login.Device)
			}
			return err
		},
	}
}

// inTurn runs find in the turn of the caller's device, which lasts until Done is called.
func (d *Devices) inTurn(ctx context.Context, c chat.Caller, find func() (Delivery, error)) (Delivery, error) {
	over, err := d.turns.take(ctx, turn{c.User, c.Login.Device})
	if err != nil {
		return Delivery{}, err
	}
	release := d.sessions.Hold(c.App.ID, c.User, c.Login.Device)
	ok := false
	defer func() {
		if !ok {
			release(nil, 0, false)
			over()
		}
	}()
	delivery, err := find()
	if err != nil {
		return Delivery{}, err
	}
	ok = true
	delivery.Done = func() {
		if delivery.below > 0 {
			delivered := make(Known, len(delivery.Messages))
			delivered.Shows(delivery.Messages, c.User)
			release(delivered, delivery.below, delivery.more)
		} else {
			release(nil, 0, false)
		}
		over()
	}
	return delivery, nil
}

// first delivers what a device gets if it has nothing yet.
func (d *Devices) first(ctx context.Context, c chat.Caller, list Lister) (Delivery, error) {
	cursor, err := d.store.Horizon(ctx)
	if err != nil {
		return Delivery{}, err
	}
	views, err := list(ctx)
	if err != nil {
		return Delivery{}, err
	}
	s := step{next: store.Progress{Cursor: cursor}, known: Known{}, replaces: true}
	s.known.Shows(views, c.User)
	return d.delivery(c, views, s), d.offer(ctx, c, cursor)
}

// offer notes, before a device is sent its first list, that it may have it. If it does not
// become known whether the list has arrived, the device gets it again, together with what has
// changed since.
func (d *Devices) offer(ctx context.Context, c chat.Caller, cursor int64) error {
	if c.Login.Device == "" {
		return nil
	}
	if _, found, err := d.store.Progress(ctx, c.User, c.Login.Device); err != nil || found {
		return err
	}
	return d.store.Write(ctx, shard(c), func(ctx context.Context, tx *store.Tx) error {
		if _, found, err := tx.ProgressForUpdate(ctx, c.User, c.Login.Device); err != nil || found {
			return err
		}
		return tx.SetProgress(ctx, c.User, c.Login.Device, store.Progress{Cursor: cursor, Offered: true})
	})
}

// addList adds to a step what was listed before it, except what the walk brings in any case, in
// the order of each room: now, or in what follows.
func (s *step) addList(listed []chat.MessageView, viewer chat.UserID) {
	has := make(map[chat.MessageID]bool, len(s.fresh))
	for i := range s.fresh {
		has[s.fresh[i].ID] = true
	}
	for i := range listed {
		if v := &listed[i]; v.Added < s.before.Cursor && !has[v.ID] && !s.known.Has(v, viewer) {
			s.fresh = append(s.fresh, *v)
			s.known.Shows(listed[i:i+1], viewer) // of others the answer may have another state
		}
	}
	s.next.Offered = false
}

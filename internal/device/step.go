package device

import (
	"context"
	"hash/fnv"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// step is a part of what a device lacks, and how far the device will be once it has that.
type step struct {
	before   store.Progress
	next     store.Progress
	fresh    []chat.MessageView      // without what the device has already
	added    map[chat.MessageID]bool // those of fresh that are new to the device
	known    Known                   // what the device has then
	replaces bool                    // the device starts over, wherever it was
}

// step reads what comes next for a device that is at p and has received arrived since.
func (d *Devices) step(
	ctx context.Context, c chat.Caller, p store.Progress, arrived Known, left budget,
) (s step, err error) {
	user, err := d.store.User(ctx, c.App.ID, c.User)
	if err != nil {
		return s, err
	}
	s = step{before: p, next: p, known: decodeKnown(p.Known), added: map[chat.MessageID]bool{}}
	s.known.Add(arrived)
	for {
		current := s.next.Target == 0 // nothing older than this step is under way
		below := s.next.Target
		if current {
			if s.next.Target, below, err = d.store.Reach(ctx); err != nil {
				return s, err
			}
			s.next.Room, s.next.At = 0, 0
			// A transaction anywhere in the cluster may hold the horizon for long. What was
			// committed meanwhile is not to wait for it: the cursor does, and known says what
			// the device has beyond it, as long as it can remember all of that.
			if len(s.known)+left.messages > maxKnown {
				below = s.next.Target
			}
		}
		numbers := store.Numbers{From: s.next.Cursor, Below: below}
		w := walk{
			store: d.store, user: user, rooms: d.limits.Rooms, numbers: numbers,
			at: store.MessageKey{Room: s.next.Room, CreatedAt: s.next.At},
		}
		part, err := w.page(ctx, left)
		if err != nil {
			return s, err
		}
		for i := range part.views {
			v := &part.views[i]
			if s.known.Has(v, c.User) {
				continue
			}
			s.fresh = append(s.fresh, *v)
			if _, known := s.known[v.ID]; !known && v.Added >= s.next.Cursor {
				s.added[v.ID] = true
			}
		}
		s.known.Shows(part.views, c.User)
		left.messages, left.bytes = left.messages-len(part.views), left.bytes-part.bytes
		if !part.done {
			s.next.Room, s.next.At = part.next.Room, part.next.CreatedAt
			return s, nil
		}
		s.next = store.Progress{Cursor: s.next.Target, Offered: s.next.Offered}
		if current {
			return s, nil
		}
	}
}

// save stores that the device has a step. If another call was faster, the device stays where
// that call has brought it.
func (d *Devices) save(ctx context.Context, c chat.Caller, s step) error {
	if c.Login.Device == "" {
		return nil
	}
	return d.store.Write(ctx, shard(c), func(ctx context.Context, tx *store.Tx) error {
		p, found, err := tx.ProgressForUpdate(ctx, c.User, c.Login.Device)
		if err != nil {
			return err
		}
		next, known := s.next, Known{}
		if found && !s.replaces {
			known = decodeKnown(p.Known)
			if !samePlace(p, s.before) {
				next = p
			}
		}
		known.Add(s.known)
		known.Forget(next.Cursor)
		if next.Known, err = known.encode(); err != nil {
			return err
		}
		return tx.SetProgress(ctx, c.User, c.Login.Device, next)
	})
}

func samePlace(a, b store.Progress) bool {
	return a.Cursor == b.Cursor && a.Target == b.Target && a.Room == b.Room && a.At == b.At && a.Offered == b.Offered
}

// shard keeps the writes about a user's devices in one lane.
func shard(c chat.Caller) int64 {
	h := fnv.New64a()
	key := strconv.FormatInt(int64(c.App.ID), 10) + ":user:" + c.User.String()
	_, _ = h.Write([]byte(key)) // a hash's Write never fails
	return int64(h.Sum64() >> 1)
}

package service

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// maxReceipts bounds the messages of one call.
const maxReceipts = 10_000

// Acknowledge notes that messages have reached the member, or that they have read them, and returns
// the ids of those for which that is new. Own messages, unknown ids and messages of rooms
// that the member is not in are passed over, as SDKs expect. After an error some may be
// marked.
func (me Member) Acknowledge(
	ctx context.Context, kind chat.ReceiptKind, ids []int64,
) (updated []chat.MessageID, err error) {
	if len(ids) > maxReceipts {
		ids = ids[:maxReceipts]
	}
	me.live.Received(me.App.ID, me.User, me.Login.Device, ids)
	named, err := me.store.Markable(ctx, me.App.ID, me.User, slices.Compact(slices.Sorted(slices.Values(ids))))
	if err != nil {
		return nil, err
	}
	byRoom := map[chat.RoomID][]store.Markable{}
	var rooms []chat.RoomID
	for _, m := range named {
		if byRoom[m.Room] == nil {
			rooms = append(rooms, m.Room)
		}
		byRoom[m.Room] = append(byRoom[m.Room], m)
	}
	for part := range slices.Chunk(rooms, roomsAtOnce) {
		marked, err := me.markInRooms(ctx, kind, part, byRoom)
		if updated = append(updated, marked...); err != nil {
			return updated, err
		}
	}
	slices.Sort(updated)
	return updated, nil
}

const (
	// roomsAtOnce bounds the rooms in which one call marks messages at the same time: they
	// share commits.
	roomsAtOnce = 64
	// markShare bounds what one user has waiting to be marked at the same time, over all
	// calls: each message counts, and each write as much as markWeight. Writes that wait
	// together are one transaction, for which everybody waits.
	markShare  = store.MaxMarked + markWeight
	markWeight = 20
)

// markInRooms marks messages in those of rooms that the member is in.
func (me Member) markInRooms(
	ctx context.Context, kind chat.ReceiptKind, rooms []chat.RoomID, byRoom map[chat.RoomID][]store.Markable,
) (updated []chat.MessageID, err error) {
	readable, err := me.store.Readable(ctx, me.App.ID, me.User, rooms)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for _, room := range readable {
		group.Go(func() error {
			named := byRoom[room.Room.ID]
			marked, err := me.markInRoom(ctx, kind, room, named)
			mu.Lock()
			defer mu.Unlock()
			for _, m := range named {
				if _, is := slices.BinarySearch(marked, m.CreatedAt); is {
					updated = append(updated, m.ID)
				}
			}
			return err
		})
	}
	err = group.Wait()
	return updated, err
}

// markInRoom marks messages, in writes that are small enough for nobody to wait long, and
// returns the times of those for which that is new.
func (me Member) markInRoom(
	ctx context.Context, kind chat.ReceiptKind, r store.Readable, named []store.Markable,
) (marked []int64, err error) {
	var times []int64
	for _, m := range named {
		known := r.Read.Has(m.CreatedAt) || kind == chat.Delivered && r.Delivered.Has(m.CreatedAt)
		if m.Counts && !known { // repeats are common and cost no write
			times = append(times, m.CreatedAt)
		}
	}
	if len(times) == 0 && kind == chat.Read && r.MarkedUnread {
		return nil, me.takeUnreadMark(ctx, r.Room)
	}
	for part := range slices.Chunk(times, store.MaxMarked) {
		done, err := me.markPart(ctx, kind, r.Room, part)
		if marked = append(marked, done...); err != nil {
			return marked, err
		}
	}
	return marked, nil
}

func (me Member) markPart(ctx context.Context, kind chat.ReceiptKind, room chat.Room, times []int64) ([]int64, error) {
	release, err := me.marks.take(ctx, me.User, int64(len(times)+markWeight))
	if err != nil {
		return nil, err
	}
	defer release()
	var done store.Marked
	err = me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) (err error) {
		done, err = me.markAndTell(ctx, tx, room.ID, kind, times)
		return err
	})
	if err != nil {
		return nil, err
	}
	if done.Crowded {
		err = me.store.FillHoles(ctx, shardOfRoom(room), room.ID, me.User)
	}
	return done.New, err
}

// takeUnreadMark ends a mark that the member has set by hand: there is nothing new in the
// room, but they have opened it.
func (me Member) takeUnreadMark(ctx context.Context, room chat.Room) error {
	return me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		changed, err := tx.SetPreference(ctx, room.ID, me.User, chat.PreferUnread, 0)
		if err != nil || !changed {
			return err
		}
		return me.announceUnmarked(ctx, tx, room.ID)
	})
}

func (me Member) announceUnmarked(ctx context.Context, tx *store.Tx, room chat.RoomID) error {
	return tx.Announce(ctx, &chat.PreferenceChanged{
		Place: chat.Place{App: me.App.ID, Room: room}, User: me.User,
		Preference: chat.Preference{Kind: chat.PreferUnread},
	})
}

// markAndTell marks messages, and has those who are to know of it told.
func (me Member) markAndTell(
	ctx context.Context, tx *store.Tx, room chat.RoomID, kind chat.ReceiptKind, times []int64,
) (store.Marked, error) {
	marked, err := tx.MarkMessages(ctx, room, me.User, kind, times)
	if err != nil || len(marked.New) == 0 {
		return marked, err
	}
	if marked.Unmarked {
		if err := me.announceUnmarked(ctx, tx, room); err != nil {
			return marked, err
		}
	}
	return marked, tx.Announce(ctx, &chat.ReceiptsAdded{
		Place: chat.Place{App: me.App.ID, Room: room}, Reader: me.User,
		Receipt: kind, Times: marked.New, First: marked.First,
	})
}

// markable returns the times of those messages of a room that count for reader, in order.
func markable(messages []chat.Message, reader chat.UserID, room chat.RoomID) (times []int64) {
	for _, m := range messages {
		if m.Room == room && m.Sender != reader && !m.Hidden {
			times = append(times, m.CreatedAt)
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}

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
// that the member is not in are passed over, as SDKs expect. After an error some may have
// their receipt.
func (me Member) Acknowledge(
	ctx context.Context, kind chat.ReceiptKind, ids []int64,
) (updated []chat.MessageID, err error) {
	if len(ids) > maxReceipts {
		ids = ids[:maxReceipts]
	}
	settled := me.live.Received(me.App.ID, me.User, me.Login.Device, ids)
	defer settled(ctx)
	unique := slices.Compact(slices.Sorted(slices.Values(ids)))
	targets, err := me.store.ReceiptTargets(ctx, me.App.ID, me.User, unique)
	if err != nil {
		return nil, err
	}
	byRoom := map[chat.RoomID][]store.ReceiptTarget{}
	var rooms []chat.RoomID
	for _, m := range targets {
		if byRoom[m.Room] == nil {
			rooms = append(rooms, m.Room)
		}
		byRoom[m.Room] = append(byRoom[m.Room], m)
	}
	for part := range slices.Chunk(rooms, roomsAtOnce) {
		added, err := me.addReceipts(ctx, kind, part, byRoom)
		if updated = append(updated, added...); err != nil {
			return updated, err
		}
	}
	slices.Sort(updated)
	return updated, nil
}

const (
	// roomsAtOnce bounds the rooms in which one call adds receipts at the same time: they
	// share commits.
	roomsAtOnce = 64
	// receiptShare bounds the receipts that one user has waiting to be added at the same time,
	// over all calls: each counts, and each write as much as receiptWeight. Writes that wait
	// together are one transaction, for which everybody waits.
	receiptShare  = store.MaxReceipts + receiptWeight
	receiptWeight = 20
)

// addReceipts adds receipts in those of rooms that the member is in.
func (me Member) addReceipts(
	ctx context.Context, kind chat.ReceiptKind, rooms []chat.RoomID, byRoom map[chat.RoomID][]store.ReceiptTarget,
) (updated []chat.MessageID, err error) {
	readable, err := me.store.Readable(ctx, me.App.ID, me.User, rooms)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for _, room := range readable {
		group.Go(func() error {
			targets := byRoom[room.Room.ID]
			added, err := me.addReceiptsIn(ctx, kind, room, targets)
			mu.Lock()
			defer mu.Unlock()
			for _, m := range targets {
				if _, is := slices.BinarySearch(added, m.CreatedAt); is {
					updated = append(updated, m.ID)
				}
			}
			return err
		})
	}
	err = group.Wait()
	return updated, err
}

// addReceiptsIn adds receipts in one room, in writes that are small enough for nobody to wait
// long, and returns the times of the messages for which that is new.
func (me Member) addReceiptsIn(
	ctx context.Context, kind chat.ReceiptKind, r store.Readable, targets []store.ReceiptTarget,
) (added []int64, err error) {
	var times []int64
	for _, m := range targets {
		if m.Counts && !r.Receipts.Has(kind, m.CreatedAt) { // repeats are common and cost no write
			times = append(times, m.CreatedAt)
		}
	}
	if len(times) == 0 && kind == chat.Read && r.Receipts.UnreadFlag {
		return nil, me.clearUnreadFlag(ctx, r.Room)
	}
	for part := range slices.Chunk(times, store.MaxReceipts) {
		done, err := me.writeReceipts(ctx, kind, r.Room, part)
		if added = append(added, done...); err != nil {
			return added, err
		}
	}
	return added, nil
}

// writeReceipts adds receipts in one write and returns the times of the messages for which
// that is new.
func (me Member) writeReceipts(
	ctx context.Context, kind chat.ReceiptKind, room chat.Room, times []int64,
) ([]int64, error) {
	release, err := me.receipts.take(ctx, me.User, int64(len(times)+receiptWeight))
	if err != nil {
		return nil, err
	}
	defer release()
	var done store.AddedReceipts
	err = me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) (err error) {
		done, err = me.addAndAnnounce(ctx, tx, room, kind, times)
		return err
	})
	if err != nil {
		return nil, err
	}
	return done.New, me.fillHoles(ctx, room, done)
}

// fillHoles makes the member's receipts in a room few again, if those that were added are
// too many.
func (me Member) fillHoles(ctx context.Context, room chat.Room, added store.AddedReceipts) error {
	if !added.Crowded {
		return nil
	}
	return me.store.FillHoles(ctx, shardOfRoom(room), room.ID, me.User)
}

// clearUnreadFlag ends the flag that the member has set by hand: there is nothing new in the
// room, but they have opened it.
func (me Member) clearUnreadFlag(ctx context.Context, room chat.Room) error {
	return me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		changed, err := tx.SetPreference(ctx, room.ID, me.User, chat.PreferUnread, 0)
		if err != nil || !changed {
			return err
		}
		return me.announceUnflagged(ctx, tx, room)
	})
}

func (me Member) announceUnflagged(ctx context.Context, tx *store.Tx, room chat.Room) error {
	return tx.Announce(ctx, &chat.PreferenceChanged{
		Place: room.Place(), User: me.User, Preference: chat.Preference{Kind: chat.PreferUnread},
	})
}

// addAndAnnounce adds receipts, and has those who are to know of them notified.
func (me Member) addAndAnnounce(
	ctx context.Context, tx *store.Tx, room chat.Room, kind chat.ReceiptKind, times []int64,
) (store.AddedReceipts, error) {
	added, err := tx.AddReceipts(ctx, room.ID, me.User, kind, times)
	if err != nil || len(added.New) == 0 {
		return added, err
	}
	if added.Unflagged {
		if err := me.announceUnflagged(ctx, tx, room); err != nil {
			return added, err
		}
	}
	event := chat.FeedMessageDelivered
	if kind == chat.Read {
		event = chat.FeedMessageRead
	}
	if err := record(ctx, tx, event, room, me.User, chat.FeedData{Times: added.New}); err != nil {
		return added, err
	}
	return added, tx.Announce(ctx, &chat.ReceiptsAdded{
		Place: room.Place(), Reader: me.User, Receipt: kind, Times: added.New, First: added.First,
	})
}

// receivedTimes returns the times of those messages of a room that reader can have receipts
// of, in order.
func receivedTimes(messages []chat.Message, reader chat.UserID, room chat.RoomID) (times []int64) {
	for _, m := range messages {
		if m.Room == room && m.Sender != reader && !m.Hidden {
			times = append(times, m.CreatedAt)
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}

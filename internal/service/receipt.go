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

// Mark notes that messages have reached the caller, or that he has read them, and returns
// the ids of those for which that is new. Own messages, unknown ids and messages of rooms
// that the caller is not in are passed over, as SDKs expect.
func (s *Service) Mark(ctx context.Context, c chat.Caller, kind chat.ReceiptKind, ids []int64) (updated []chat.MessageID, err error) {
	if len(ids) > maxReceipts {
		ids = ids[:maxReceipts]
	}
	s.live.Received(c.App.ID, c.User, c.Login.Device, ids)
	messages, err := s.store.MessagesByID(ctx, c.App.ID, ids)
	if err != nil {
		return nil, err
	}
	byRoom := map[chat.RoomID][]chat.Message{}
	for _, m := range messages {
		byRoom[m.Room] = append(byRoom[m.Room], m)
	}
	var mu sync.Mutex
	rooms, ctx := errgroup.WithContext(ctx)
	rooms.SetLimit(roomsAtOnce)
	for room, list := range byRoom {
		rooms.Go(func() error {
			marked, err := s.markInRoom(ctx, c, kind, room, list)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, m := range list {
				if _, is := slices.BinarySearch(marked, m.CreatedAt); is {
					updated = append(updated, m.ID)
				}
			}
			return nil
		})
	}
	err = rooms.Wait()
	slices.Sort(updated)
	return updated, err
}

// roomsAtOnce bounds the rooms in which one call marks messages at the same time: they
// share commits.
const roomsAtOnce = 64

func (s *Service) markInRoom(ctx context.Context, c chat.Caller, kind chat.ReceiptKind, id chat.RoomID, messages []chat.Message) ([]int64, error) {
	times := markable(messages, c.User, id)
	if len(times) == 0 && kind != chat.Read {
		return nil, nil
	}
	room, member, err := s.store.RoomByIDFor(ctx, c.App.ID, id, c.User)
	if err != nil || !member.In || room.Deleted() {
		return nil, err
	}
	known, err := s.store.Receipts(ctx, id, c.User)
	if err != nil {
		return nil, err
	}
	times = slices.DeleteFunc(times, func(t int64) bool { // repeats are common and cost no write
		return known.Read.Has(t) || kind == chat.Delivered && known.Delivered.Has(t)
	})
	if len(times) == 0 {
		if kind == chat.Read && known.MarkedUnread {
			return nil, s.takeUnreadMark(ctx, c, room)
		}
		return nil, nil
	}
	var marked store.Marked
	err = s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) (err error) {
		marked, err = markAndTell(ctx, tx, c, id, kind, times)
		return err
	})
	return marked.New, err
}

// takeUnreadMark ends a mark that the caller has set by hand: there is nothing new in the
// room, but he has opened it.
func (s *Service) takeUnreadMark(ctx context.Context, c chat.Caller, room chat.Room) error {
	return s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		changed, err := tx.SetPreference(ctx, room.ID, c.User, chat.PreferUnread, 0)
		if err != nil || !changed {
			return err
		}
		return announceUnmarked(ctx, tx, c, room.ID)
	})
}

func announceUnmarked(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.RoomID) error {
	return tx.Announce(ctx, chat.Event{
		Kind: chat.EventRoomPreference, App: c.App.ID, Room: room, User: c.User, Text: markRead, At: -1,
	})
}

// markAndTell marks messages, and has those who are to know of it told.
func markAndTell(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.RoomID, kind chat.ReceiptKind, times []int64) (store.Marked, error) {
	marked, err := tx.MarkMessages(ctx, room, c.User, kind, times)
	if err != nil || len(marked.New) == 0 {
		return marked, err
	}
	if marked.Unmarked {
		if err := announceUnmarked(ctx, tx, c, room); err != nil {
			return marked, err
		}
	}
	return marked, tx.Announce(ctx, chat.Event{
		Kind: chat.EventMessagesMarked, App: c.App.ID, Room: room, User: c.User,
		Times: marked.New, First: marked.First, Receipt: kind,
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

// maxRecipients bounds the people that one message's details name.
const maxRecipients = 10_000

// Readers returns a message with those who have received and those who have read it.
func (s *Service) Readers(ctx context.Context, c chat.Caller, id int64) (v chat.MessageView, delivered, read []chat.Recipient, err error) {
	messages, err := s.store.MessagesByID(ctx, c.App.ID, []int64{id})
	if err != nil {
		return v, nil, nil, err
	}
	if len(messages) == 0 {
		return v, nil, nil, messageNotFound()
	}
	_, member, err := s.store.RoomByIDFor(ctx, c.App.ID, messages[0].Room, c.User)
	if err != nil {
		return v, nil, nil, err
	}
	if !member.MayRead() || member.Last() > 0 && messages[0].CreatedAt > member.Last() {
		return v, nil, nil, messageNotFound()
	}
	v, err = s.ViewOf(ctx, c, messages[0])
	if err != nil {
		return v, nil, nil, err
	}
	list, ids, err := s.store.Readers(ctx, messages[0], maxRecipients)
	if err != nil {
		return v, nil, nil, err
	}
	users, err := s.store.Users(ctx, c.App.ID, ids)
	if err != nil {
		return v, nil, nil, err
	}
	for i, r := range list {
		if r.User = users[i]; r.User == nil {
			continue
		}
		if r.ReadAt > 0 {
			read = append(read, r)
		} else {
			delivered = append(delivered, r)
		}
	}
	return v, delivered, read, nil
}

func messageNotFound() error { return chat.Errorf(chat.CodeNotFound, "Message is not found") }

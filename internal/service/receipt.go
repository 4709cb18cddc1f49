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

// Mark notes that messages have reached the caller, or that they have read them, and returns
// the ids of those for which that is new. Own messages, unknown ids and messages of rooms
// that the caller is not in are passed over, as SDKs expect. After an error some may be
// marked.
func (s *Service) Mark(ctx context.Context, c chat.Caller, kind chat.ReceiptKind, ids []int64) (updated []chat.MessageID, err error) {
	if len(ids) > maxReceipts {
		ids = ids[:maxReceipts]
	}
	s.live.Received(c.App.ID, c.User, c.Login.Device, ids)
	named, err := s.store.Markable(ctx, c.App.ID, c.User, slices.Compact(slices.Sorted(slices.Values(ids))))
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
		marked, err := s.markInRooms(ctx, c, kind, part, byRoom)
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

// markInRooms marks messages in those of rooms that the caller is in.
func (s *Service) markInRooms(ctx context.Context, c chat.Caller, kind chat.ReceiptKind, rooms []chat.RoomID, byRoom map[chat.RoomID][]store.Markable) (updated []chat.MessageID, err error) {
	readable, err := s.store.Readable(ctx, c.App.ID, c.User, rooms)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for _, room := range readable {
		group.Go(func() error {
			named := byRoom[room.Room.ID]
			marked, err := s.markInRoom(ctx, c, kind, room, named)
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
func (s *Service) markInRoom(ctx context.Context, c chat.Caller, kind chat.ReceiptKind, r store.Readable, named []store.Markable) (marked []int64, err error) {
	var times []int64
	for _, m := range named {
		known := r.Read.Has(m.CreatedAt) || kind == chat.Delivered && r.Delivered.Has(m.CreatedAt)
		if m.Counts && !known { // repeats are common and cost no write
			times = append(times, m.CreatedAt)
		}
	}
	if len(times) == 0 && kind == chat.Read && r.MarkedUnread {
		return nil, s.takeUnreadMark(ctx, c, r.Room)
	}
	for part := range slices.Chunk(times, store.MaxMarked) {
		done, err := s.markPart(ctx, c, kind, r.Room, part)
		if marked = append(marked, done...); err != nil {
			return marked, err
		}
	}
	return marked, nil
}

func (s *Service) markPart(ctx context.Context, c chat.Caller, kind chat.ReceiptKind, room chat.Room, times []int64) ([]int64, error) {
	release, err := s.marks.take(ctx, c.User, int64(len(times)+markWeight))
	if err != nil {
		return nil, err
	}
	defer release()
	var done store.Marked
	err = s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) (err error) {
		done, err = markAndTell(ctx, tx, c, room.ID, kind, times)
		return err
	})
	if err != nil {
		return nil, err
	}
	if done.Crowded {
		err = s.store.FillHoles(ctx, shardOfRoom(room), room.ID, c.User)
	}
	return done.New, err
}

// takeUnreadMark ends a mark that the caller has set by hand: there is nothing new in the
// room, but they have opened it.
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
	return tx.Announce(ctx, &chat.PreferenceChanged{
		Place: chat.Place{App: c.App.ID, Room: room}, User: c.User, Setting: markRead, Expires: -1,
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
	return marked, tx.Announce(ctx, &chat.ReceiptsAdded{
		Place: chat.Place{App: c.App.ID, Room: room}, Reader: c.User,
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

// maxRecipients bounds the people that one message's details name.
const maxRecipients = 10_000

// Readers returns a message with those who have received and those who have read it.
func (s *Service) Readers(ctx context.Context, c chat.Caller, id int64) (v chat.MessageView, delivered, read []chat.Recipient, err error) {
	m, err := s.readable(ctx, c, id)
	if err != nil {
		return v, nil, nil, err
	}
	if v, err = s.ViewOf(ctx, c, m); err != nil {
		return v, nil, nil, err
	}
	list, ids, err := s.store.Readers(ctx, m, maxRecipients)
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

// ReadCount counts those who have read a message.
func (s *Service) ReadCount(ctx context.Context, c chat.Caller, id int64) (int, error) {
	m, err := s.readable(ctx, c, id)
	if err != nil {
		return 0, err
	}
	return s.store.ReadCount(ctx, m)
}

// readable finds a message that the caller may see.
func (s *Service) readable(ctx context.Context, c chat.Caller, id int64) (chat.Message, error) {
	messages, err := s.store.MessagesByID(ctx, c.App.ID, []int64{id})
	if err != nil {
		return chat.Message{}, err
	}
	if len(messages) == 0 {
		return chat.Message{}, messageNotFound()
	}
	m := messages[0]
	_, member, err := s.store.RoomByIDFor(ctx, c.App.ID, m.Room, c.User)
	if err != nil {
		return m, err
	}
	if !member.MayRead() || member.Last() > 0 && m.CreatedAt > member.Last() {
		return m, messageNotFound()
	}
	return m, nil
}

func messageNotFound() error { return chat.Errorf(chat.CodeNotFound, "Message is not found") }

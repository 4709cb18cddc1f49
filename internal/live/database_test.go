package live

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	testApp  = chat.AppID(1)
	testRoom = chat.RoomID(7)

	ana = chat.UserID(1)
	bo  = chat.UserID(2)
	cy  = chat.UserID(3)
)

var errAway = errors.New("the database is away")

// database is a Store of one App and one room, in memory. What is in it is committed.
type database struct {
	mu       sync.Mutex
	people   []chat.UserID
	version  int64
	byRole   bool // there are people by role
	messages []chat.Message
	number   int64        // of the newest change
	recorded []chat.Event // announcements, in order
	err      error        // of every read, while it is set
	once     error        // of the next read
	breaks   int          // how many reads succeed before one fails; 0 for all
	slow     time.Duration
	nodes    map[string]int64 // how often each has shown that it is alive
	crashed  map[string]bool
	ranges   int   // reads of all that was added from a number on
	underWay int64 // the number of a transaction that is not committed yet; 0 for none
	noRooms  error // of every read of a room's messages, while it is set
}

func newDatabase(people ...chat.UserID) *database { return &database{people: people, version: 1} }

// append stores a message and returns its event.
func (d *database) append(sender chat.UserID, localID string) *chat.MessageSent {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.number++
	at := time.Now().UnixMilli()
	if n := len(d.messages); n > 0 {
		at = max(at, d.messages[n-1].CreatedAt+1)
	}
	seq := int64(len(d.messages) + 1)
	d.messages = append(d.messages, chat.Message{
		ID: chat.MessageID(seq), App: testApp, Room: testRoom, Seq: seq, LocalID: localID, Sender: sender,
		Type: chat.TextMessage, CreatedAt: at, UpdatedAt: at, Added: d.number, Number: d.number,
	})
	return d.sent(int(seq) - 1)
}

func (d *database) sent(i int) *chat.MessageSent {
	m := d.messages[i]
	return &chat.MessageSent{
		Change: chat.Change{Number: m.Added}, Place: chat.Place{App: testApp, Room: testRoom},
		Message: &m, PeopleVersion: d.version, RoomUpdatedAt: 1,
	}
}

// edit changes a message and returns its event.
func (d *database) edit(localID string) *chat.MessageChanged {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.messages, func(m chat.Message) bool { return m.LocalID == localID })
	d.number++
	m := &d.messages[i]
	m.Edited, m.Number, m.UpdatedAt = true, d.number, m.UpdatedAt+1
	copied := *m
	e := &chat.MessageChanged{
		Change: chat.Change{Number: d.number}, Place: chat.Place{App: testApp, Room: testRoom}, Message: &copied,
	}
	d.recorded = append(d.recorded, e)
	return e
}

// remove takes a user out of the room, with the message that says so.
func (d *database) remove(user chat.UserID, localID string) []chat.Event {
	d.mu.Lock()
	d.people = slices.DeleteFunc(slices.Clone(d.people), func(id chat.UserID) bool { return id == user })
	d.version++
	d.mu.Unlock()
	e := d.append(ana, localID)
	d.mu.Lock()
	defer d.mu.Unlock()
	m := &d.messages[len(d.messages)-1]
	m.Type, m.Action, m.Target = chat.SystemMessage, chat.ActionRemoveParticipant, chat.Target{User: user}
	left := &chat.ParticipantsLeft{Change: e.Change, Place: e.Place, Users: []chat.UserID{user}}
	return []chat.Event{d.sent(len(d.messages) - 1), left}
}

// add puts a user into the room, with the message that says so.
func (d *database) add(user chat.UserID, localID string) *chat.MessageSent {
	d.mu.Lock()
	d.people = append(slices.Clone(d.people), user)
	d.version++
	d.mu.Unlock()
	return d.append(ana, localID)
}

// away has all reads fail, or none.
func (d *database) away(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

// fail has the next read fail.
func (d *database) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.once = err
}

// failAfter has one read fail, after some.
func (d *database) failAfter(reads int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.breaks = reads + 1
}

// begin has the next change be under way until it is ended: its transaction is not committed.
func (d *database) begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.underWay = d.number + 1
}

func (d *database) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.underWay = 0
}

// unreadable has all reads of a room's messages fail, or none.
func (d *database) unreadable(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noRooms = err
}

// slowed has every read take some time.
func (d *database) slowed(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slow = by
}

// read is called first by every read.
func (d *database) read() error {
	d.mu.Lock()
	err, slow := cmp.Or(d.once, d.err), d.slow
	d.once = nil
	if d.breaks > 0 {
		if d.breaks--; d.breaks == 0 {
			err = errAway
		}
	}
	d.mu.Unlock()
	time.Sleep(slow)
	return err
}

func (d *database) Audience(context.Context, chat.RoomID) (chat.Audience, error) {
	err := d.read()
	d.mu.Lock()
	defer d.mu.Unlock()
	return chat.Audience{Users: d.people, Whole: true, Version: d.version, ByRole: d.byRole}, err
}

func (d *database) InAudience(context.Context, chat.RoomID, []chat.UserID) ([]chat.UserID, error) {
	return nil, errors.New("the room is small")
}

func (d *database) RoomsOf(_ context.Context, user chat.UserID) ([]chat.RoomID, error) {
	err := d.read()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains(d.people, user) {
		return nil, err
	}
	return []chat.RoomID{testRoom}, err
}

func (d *database) RoomByID(context.Context, chat.AppID, chat.RoomID) (chat.Room, error) {
	return chat.Room{ID: testRoom, App: testApp, Type: chat.Group, Name: "Group", UpdatedAt: 1}, d.read()
}

func (d *database) User(_ context.Context, _ chat.AppID, id chat.UserID) (*chat.User, error) {
	return &chat.User{ID: id, App: testApp}, d.read()
}

func (d *database) Users(ctx context.Context, app chat.AppID, ids []chat.UserID) (users []*chat.User, err error) {
	for _, id := range ids {
		u, err := d.User(ctx, app, id)
		if err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	return users, nil
}

// Acquainted: all are with each other.
func (d *database) Acquainted(_ context.Context, user chat.UserID) (others []chat.UserID, err error) {
	for _, id := range []chat.UserID{ana, bo, cy} {
		if id != user {
			others = append(others, id)
		}
	}
	return others, d.read()
}

func (d *database) Preference(context.Context, chat.RoomID, chat.UserID) (store.Setting, error) {
	return store.Setting{}, d.read()
}

func (d *database) HasBlocked(context.Context, store.Block) (bool, error) { return false, d.read() }

func (d *database) ReceiptsOf(context.Context, []chat.RoomID, chat.UserID) (map[chat.RoomID]chat.Receipts, error) {
	return map[chat.RoomID]chat.Receipts{}, d.read()
}

func (d *database) Hidden(context.Context, chat.RoomID, chat.UserID, int64, int64) (map[int64]store.Hide, error) {
	return nil, d.read()
}

func (d *database) ReceiptsOfViewers(
	context.Context, store.MessageKey, []chat.UserID,
) (map[chat.UserID]chat.ViewerReceipts, error) {
	return map[chat.UserID]chat.ViewerReceipts{}, d.read()
}

func (d *database) SendersAt(context.Context, chat.RoomID, []int64) (map[int64]chat.UserID, error) {
	return nil, d.read()
}

// where copies the messages that a read finds.
func (d *database) where(found func(m chat.Message) bool) (list []chat.Message, err error) {
	err = d.read()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range d.messages {
		if found(m) && m.Added != d.underWay {
			list = append(list, m)
		}
	}
	return list, err
}

func (d *database) MessagesAfter(_ context.Context, _ chat.RoomID, low, high int64, limit int) ([]chat.Message, error) {
	list, err := d.where(func(m chat.Message) bool { return m.CreatedAt > low && m.CreatedAt <= high })
	d.mu.Lock()
	defer d.mu.Unlock()
	return list[:min(limit, len(list))], cmp.Or(err, d.noRooms)
}

func (d *database) MessagesByKey(_ context.Context, _ chat.AppID, keys []store.SizedKey) ([]chat.Message, error) {
	return d.where(func(m chat.Message) bool {
		return slices.ContainsFunc(keys, func(k store.SizedKey) bool { return k.CreatedAt == m.CreatedAt })
	})
}

func (d *database) MessagesAddedSince(_ context.Context, from int64, limit int) ([]chat.Message, bool, error) {
	list, err := d.where(func(m chat.Message) bool { return m.Added >= from })
	d.mu.Lock()
	d.ranges++
	d.mu.Unlock()
	return list, len(list) <= limit, err
}

func (d *database) Horizon(context.Context) (int64, error) {
	err := d.read()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.underWay > 0 {
		return d.underWay, err
	}
	return d.number + 1, err
}

func (d *database) Reach(ctx context.Context) (horizon, next int64, err error) {
	horizon, err = d.Horizon(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	return horizon, d.number + 1, err
}

func (d *database) Announced(ctx context.Context) (int64, error) { return d.Horizon(ctx) }

func (d *database) Announcements(
	_ context.Context, after store.Announced, _ int,
) ([]store.Announcement, store.Announced, bool, error) {
	err := d.read()
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []store.Announcement
	for i, e := range d.recorded {
		if r, ok := e.(chat.Recorded); ok && r.OfChange().Number > after.Number {
			list = append(list, store.Announcement{
				Announced: store.Announced{Number: r.OfChange().Number, ID: int64(i)}, Event: e,
			})
		}
	}
	return list, after, false, err
}

func (d *database) PruneAnnouncements(context.Context, time.Time) (bool, error) { return false, nil }

func (d *database) SetPresence(context.Context, string, store.Presence) error { return nil }
func (d *database) EndPresence(context.Context, string, store.Presence) error { return nil }
func (d *database) PresenceBeat(context.Context, string) (bool, error)        { return true, nil }
func (d *database) StalePresence(context.Context, time.Time) (string, []store.Presence, bool, error) {
	return "", nil, false, nil
}

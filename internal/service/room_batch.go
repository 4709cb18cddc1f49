package service

import (
	"context"
	"hash/maphash"
	"sync"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// batchLines is how many items of a batch are done at once. Each is a write of its own, so that
// others' writes come between them; those that wait at the same time share commits.
const batchLines = 8

// BatchResult is what became of one item of a batch.
type BatchResult struct {
	Room    chat.Room // as it is now, where Err is nil
	Skipped []string  // the participants that nobody has as an id, or who are banned
	Ignored bool      // participants were named for a room that exists
	Err     error
}

var batchSeed = maphash.MakeSeed()

// batch does count items, each by do. Those with the same key are done one after the other, in
// their order.
func batch(count int, key func(i int) string, do func(i int)) {
	var lines [batchLines][]int
	for i := range count {
		line := maphash.String(batchSeed, key(i)) % batchLines
		lines[line] = append(lines[line], i)
	}
	var all sync.WaitGroup
	for _, line := range lines {
		all.Go(func() {
			for _, i := range line {
				do(i)
			}
		})
	}
	all.Wait()
}

// PutRooms is PutRoom for many, each by itself: one that fails keeps none of the others back. An error
// is about the call: nothing was done.
func (b Backend) PutRooms(ctx context.Context, ups []chat.RoomUpdate) ([]BatchResult, error) {
	if err := b.store.NoteCall(ctx); err != nil { // before several items at once would
		return nil, err
	}
	results := make([]BatchResult, len(ups))
	batch(len(ups), func(i int) string { return ups[i].XCID }, func(i int) {
		p, err := b.putRoom(ctx, ups[i])
		results[i] = BatchResult{Room: p.room, Skipped: p.skipped, Ignored: p.ignored, Err: err}
	})
	return results, nil
}

// PeopleChange is who is to be put into a room by name, and who is to be taken out.
type PeopleChange struct {
	Room        RoomName
	Add, Remove []string // xcUserIDs
}

// ChangePeople adds and removes participants of many rooms. What is to be done in one room happens
// as a whole or not at all, and one room that fails keeps none of the others back. An error is about
// the call: nothing was done.
func (b Backend) ChangePeople(ctx context.Context, changes []PeopleChange) ([]BatchResult, error) {
	if err := b.store.NoteCall(ctx); err != nil { // before several items at once would
		return nil, err
	}
	results := make([]BatchResult, len(changes))
	batch(len(changes), func(i int) string { return changes[i].Room.String() }, func(i int) {
		results[i] = b.changePeople(ctx, changes[i])
	})
	return results, nil
}

func (b Backend) changePeople(ctx context.Context, c PeopleChange) (r BatchResult) {
	add, unknown, err := b.findPeople(ctx, b.app.ID, c.Add)
	if err != nil {
		return BatchResult{Err: err}
	}
	remove, others, err := b.findPeople(ctx, b.app.ID, c.Remove)
	if err != nil {
		return BatchResult{Err: err}
	}
	unknown = append(unknown, others...)
	err = b.changeRoom(ctx, c.Room, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		r = BatchResult{Room: room}
		if len(remove) > 0 {
			if err := leaving.apply(ctx, tx, b.speaker(), room, remove); err != nil {
				return err
			}
		}
		if len(add) > 0 {
			if err := joining.apply(ctx, tx, b.speaker(), room, add); err != nil {
				return err
			}
		}
		out, err := keptOut(ctx, tx, room, add)
		r.Skipped = append(append(r.Skipped, unknown...), out...)
		return err
	})
	if err != nil {
		return BatchResult{Err: err}
	}
	return r
}

// keptOut names those of users who are banned from the room.
func keptOut(ctx context.Context, tx *store.Tx, room chat.Room, users []*chat.User) ([]string, error) {
	if len(users) == 0 {
		return nil, nil
	}
	banned, err := tx.BannedAmong(ctx, room.ID, idsOf(users))
	if err != nil || len(banned) == 0 {
		return nil, err
	}
	var xcs []string
	for _, u := range users {
		if banned[u.ID] {
			xcs = append(xcs, u.XCID)
		}
	}
	return xcs, nil
}

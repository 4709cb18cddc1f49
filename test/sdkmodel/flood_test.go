package sdkmodel

import (
	"fmt"
	"slices"
	"sync"

	"parlor/internal/powertalk/cipher"
)

// atOnce is how many calls of a flood are under way at the same time.
const atOnce = 8

// flood is more than the server hands out at once, while a device is away: messages,
// edits, deletions, readings, or rooms.
func (r *run) flood() bool {
	l := r.world.settings.Limits
	d := r.oneDevice(func(*device) bool { return true })
	o := r.place(r.rng, d.owner)
	if l.Page == 0 || o == nil || len(o.people) < 2 {
		return false
	}
	others := slices.DeleteFunc(slices.Clone(o.people), func(u *user) bool { return u == d.owner })
	author := pick(r.rng, pick(r.rng, others).devices)
	if author == nil || !author.connected() && !author.connect(true) {
		return false
	}
	n := l.Page + l.Page/4 + r.rng.IntN(l.Page)
	kind := r.rng.IntN(5)
	r.note("%s is away from a flood of kind %d, %d in %s", d.name, kind, n, o.id)
	if kind == 0 {
		d.leave(r.parting())
		inParallel(n, func(i int) { r.fromServer(author.owner, o, fmt.Sprint("flood ", i)) })
		return true
	}
	if kind == 4 {
		d.leave(r.parting())
		return r.manyRooms(author.owner, d.owner, l.Rooms+2+r.rng.IntN(l.Rooms))
	}
	sender := author.owner
	if kind == 3 {
		sender = d.owner
	}
	tag := cipher.NewLocalID()
	inParallel(n, func(i int) { r.fromServer(sender, o, tag) })
	mine := func() (list []message) {
		for _, m := range author.holding().sorted() {
			if m.Room.RoomID == o.id && m.User.UserID == sender.id && m.Type == 1001 && !m.IsDeleted {
				list = append(list, m)
			}
		}
		return list
	}
	author.await(func(map[string]message) bool { return true }, echoTime)
	list := mine()
	if r.rng.IntN(2) == 0 && d.connected() && d.socket.asked {
		if !r.complete(d, "online, after a flood", nil) {
			return true
		}
	}
	d.leave(r.parting())
	switch kind {
	case 1:
		for _, m := range list {
			if !author.emit(updateMessage, o.id, m.LocalID, fmt.Sprint("edited in a flood ", r.rng.Int())) {
				break
			}
		}
		for _, m := range list {
			author.await(func(held map[string]message) bool { return held[m.LocalID].IsMessageEdited }, echoTime)
		}
	case 2:
		for part := range slices.Chunk(list, 100) {
			author.erase(part, true)
		}
	case 3:
		author.see(list)
	}
	return true
}

// manyRooms makes rooms with a message in each.
func (r *run) manyRooms(from, to *user, n int) bool {
	for i := range n {
		if !r.newGroup([]*user{from, to}) {
			return true
		}
		o := r.rooms[len(r.rooms)-1]
		r.fromServer(from, o, fmt.Sprint("in room ", i))
	}
	return true
}

func inParallel(n int, do func(i int)) {
	var wg sync.WaitGroup
	for k := range atOnce {
		wg.Go(func() {
			for i := k; i < n; i += atOnce {
				do(i)
			}
		})
	}
	wg.Wait()
}

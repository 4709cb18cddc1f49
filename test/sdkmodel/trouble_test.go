package sdkmodel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"parlor/internal/powertalk/cipher"
)

// lookAround holds a device that is connected to what its user reads: it was told of
// everything when it came, and is told of everything since.
func (r *run) lookAround() bool {
	d := r.oneDevice(func(d *device) bool { return d.connected() && (d.socket.asked || d.whole) })
	if d == nil {
		return false
	}
	r.note("%s is looked at", d.name)
	if r.complete(d, "online", nil) {
		d.whole = true
	}
	return true
}

// loseAnswer cuts off the answer that tells a device what it missed.
func (r *run) loseAnswer() bool {
	d := r.oneDevice(func(d *device) bool { return !d.connected() })
	if d == nil || r.calm {
		return false
	}
	part := r.rng.Float64()
	r.note("%s loses %.2f of an answer", d.name, 1-part)
	// Whether the call was made at all makes no difference to what follows.
	_ = postCut(r.ctx, r.world.url(), "chat/message/new_and_updated", d.headers(), part)
	return true
}

// breakCatchUp breaks a socket while its device is told what it missed.
func (r *run) breakCatchUp() bool {
	d := r.oneDevice(func(d *device) bool { return !d.connected() })
	if d == nil || r.calm {
		return false
	}
	if !d.connect(true) {
		return true
	}
	r.note("%s came back", d.name)
	d.leave(breaking)
	return true
}

// openAfterCut cuts off a device that had everything, while others write. Back again, it
// opens every room that it knows, and asks for nothing else.
func (r *run) openAfterCut() bool {
	d := r.oneDevice(func(d *device) bool { return d.connected() && d.whole })
	if d == nil || r.calm {
		return false
	}
	others := r.disturb(d)
	how := parting(r.rng.IntN(3))
	if r.kills && r.rng.IntN(3) == 0 {
		r.note("all nodes are killed")
		for i := range r.world.nodes {
			r.world.kill(i)
		}
	}
	d.leave(how)
	others.Wait()
	rooms := map[string]bool{}
	for _, m := range d.holding().held {
		rooms[m.Room.RoomID] = true
	}
	if d.connected() || !d.connect(false) {
		return true
	}
	for _, o := range r.rooms {
		if !slices.Contains(o.people, d.owner) {
			delete(rooms, o.id)
		}
		if rooms[o.id] && !d.catchUp(d.socket.url, o.id) {
			return true // cut off again
		}
	}
	r.note("%s has opened its rooms", d.name)
	r.complete(d, "having opened its rooms", rooms)
	return true
}

// storm is many things at the same time, while a device comes and goes.
func (r *run) storm() bool {
	d := r.oneDevice(func(*device) bool { return true })
	r.note("a storm around %s", d.name)
	others := r.disturb(d)
	for range 1 + r.rng.IntN(3) {
		if d.connected() {
			d.leave(r.parting())
		}
		d.connect(true)
		if r.rng.IntN(2) == 0 {
			d.acknowledge()
		}
	}
	others.Wait()
	r.note("the storm is over")
	return true
}

// disturb has others than d write, edit, delete and read, each after their own plan, and
// returns what to wait on.
func (r *run) disturb(d *device) *sync.WaitGroup {
	var wg sync.WaitGroup
	devices := slices.DeleteFunc(r.devices(), func(other *device) bool { return other == d })
	r.rng.Shuffle(len(devices), func(i, j int) { devices[i], devices[j] = devices[j], devices[i] })
	for _, other := range devices[:min(len(devices), 3)] {
		rng := rand.New(rand.NewPCG(r.rng.Uint64(), 0))
		wg.Go(func() { other.bustle(rng) })
	}
	u := d.owner
	rng := rand.New(rand.NewPCG(r.rng.Uint64(), 0))
	wg.Go(func() {
		for i := range 3 + rng.IntN(6) {
			if o := r.place(rng, u); o != nil {
				r.fromServer(u, o, fmt.Sprint("of a storm ", i))
			}
		}
	})
	return &wg
}

// bustle does some things one after the other, and does not wait for what they bring.
func (d *device) bustle(rng *rand.Rand) {
	var edits []string
	for i := range 4 + rng.IntN(8) {
		switch n := rng.IntN(10); {
		case n < 3:
			if o := d.run.place(rng, d.owner); o != nil {
				d.run.fromServer(d.owner, o, fmt.Sprint("bustle ", i))
			}
		case n < 4:
			if o := d.run.place(rng, d.owner); o != nil {
				d.emit(sendMessage, o.id, cipher.NewLocalID(), "bustle over a socket")
			}
		case n < 6:
			for _, m := range d.some(rng, 2, d.own) {
				if d.emit(updateMessage, m.Room.RoomID, m.LocalID, fmt.Sprint("edited in a bustle ", rng.Int())) {
					edits = append(edits, m.LocalID)
				}
			}
		case n < 7:
			if list := d.some(rng, 1, d.own); len(list) > 0 {
				d.erase(list, rng.IntN(2) == 0)
			}
		case n < 9:
			if list := d.some(rng, 5, func(m message) bool { return m.unread(d.owner.id) }); len(list) > 0 {
				d.see(list)
			}
		default:
			d.acknowledge()
		}
	}
	for _, id := range edits {
		d.await(func(held map[string]message) bool { return held[id].IsMessageEdited || held[id].IsDeleted }, echoTime)
	}
}

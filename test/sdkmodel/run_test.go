package sdkmodel

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"parlor/internal/powertalk/cipher"
)

// weather is what befalls the servers while some histories take place.
type weather struct{ kills, clocks bool }

// weatherOf is the weather of a seed. Histories that take place at the same time share it.
func weatherOf(seed uint64) weather {
	n := seed / together % 4
	return weather{kills: n&1 != 0, clocks: n&2 != 0}
}

// together is how many histories take place at the same time.
const together = 8

// run is one history.
type run struct {
	world *world
	ctx   context.Context
	seed  uint64
	rng   *rand.Rand
	tag   string // in the customer's ids, which must be new
	weather
	calm bool // no device is cut off

	users []*user
	rooms []*room

	mu       sync.Mutex
	log      []string
	findings []string
	began    time.Time
	checks   int
}

// user is a person with devices.
type user struct {
	xc, id  string
	devices []*device
	reader  *device // signed in to read what there is, and for nothing else
	role    string
}

// room is a place in which some of the users are.
type room struct {
	id, xc  string
	role    string // users with it are in
	locked  bool
	people  []*user          // in it
	ever    []*user          // who may read in it, or could
	left    map[*user]notice // what those read who are out
	private bool             // a personal room
}

// notice is what somebody read when they left a room; nil when they could read nothing.
type notice map[string]message

func newRun(ctx context.Context, w *world, seed uint64) *run {
	rng := rand.New(rand.NewPCG(seed, 7))
	return &run{
		world: w, ctx: ctx, seed: seed, rng: rng, weather: weatherOf(seed), calm: rng.IntN(4) == 0,
		tag: fmt.Sprintf("%x%s", seed, cipher.NewLocalID()[:6]), began: time.Now(),
	}
}

// note writes down what happens.
func (r *run) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, fmt.Sprintf("%7.3f ", time.Since(r.began).Seconds())+fmt.Sprintf(format, args...))
}

// wrong writes down a finding. It returns false.
func (r *run) wrong(format string, args ...any) bool {
	text := fmt.Sprintf(format, args...)
	r.note("FOUND: %s", text)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.findings = append(r.findings, text)
	return false
}

// going reports whether it makes sense to go on.
func (r *run) going() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ctx.Err() == nil && r.world.err() == nil && len(r.findings) < 3
}

// devices are those of all users.
func (r *run) devices() (all []*device) {
	for _, u := range r.users {
		all = append(all, u.devices...)
	}
	return all
}

// pick returns one of list, or the zero value of none.
func pick[T any](rng *rand.Rand, list []T) (one T) {
	if len(list) > 0 {
		one = list[rng.IntN(len(list))]
	}
	return one
}

// begin makes users, rooms and devices.
func (r *run) begin() bool {
	for i := range 2 + r.rng.IntN(3) {
		u := &user{xc: fmt.Sprintf("%s%c", r.tag, 'a'+i)}
		r.users = append(r.users, u)
		u.reader = newDevice(r, u, web)
		u.reader.name = u.xc + "-reader"
		if !u.reader.signIn() {
			return false
		}
	}
	for range 1 + r.rng.IntN(2) {
		if !r.newGroup(r.users) {
			return false
		}
	}
	if r.rng.IntN(2) == 0 {
		r.newPersonal()
	}
	if r.rng.IntN(2) == 0 && !r.newRoleRoom() {
		return false
	}
	for _, u := range r.users {
		for range 1 + r.rng.IntN(2) {
			if !r.newDevice(u) {
				return false
			}
		}
	}
	return true
}

// newDevice signs a device in, which connects and asks for its rooms.
func (r *run) newDevice(u *user) bool {
	d := newDevice(r, u, sdk(r.rng.IntN(3)))
	u.devices = append(u.devices, d)
	r.note("%s signs in", d.name)
	if !d.signIn() || !d.connect(true) {
		return false
	}
	paged, ok := r.read(u)
	d.remember(paged)
	d.whole = true
	return ok
}

func (r *run) newGroup(people []*user) bool {
	o := &room{xc: fmt.Sprintf("%s-%d", r.tag, len(r.rooms)), left: map[*user]notice{}}
	var ids []string
	for _, u := range people {
		ids = append(ids, u.xc)
	}
	return r.putRoom(o, fields{"participantXCUserIDs": ids}, people)
}

// newRoleRoom makes a room of those who have a role.
func (r *run) newRoleRoom() bool {
	o := &room{xc: fmt.Sprintf("%s-%d", r.tag, len(r.rooms)), role: "role " + r.tag, left: map[*user]notice{}}
	if slices.ContainsFunc(r.rooms, func(o *room) bool { return o.role != "" }) {
		return true // one is enough
	}
	var people []*user
	for _, u := range r.users {
		if r.rng.IntN(2) == 0 {
			continue
		}
		if !r.setRole(u, o.role) {
			return false
		}
		people = append(people, u)
	}
	return r.putRoom(o, fields{"participantUserRoles": []string{o.role}}, people)
}

func (r *run) setRole(u *user, role string) bool {
	u.role = role
	return r.ask("user/update", fields{"xcUserID": u.xc, "fullName": u.xc, "userRoleCode": role}, nil)
}

func (r *run) putRoom(o *room, more fields, people []*user) bool {
	body := fields{"xcRoomID": o.xc, "type": 2, "name": o.xc}
	for name, v := range more {
		body[name] = v
	}
	var made struct{ Room struct{ RoomID string } }
	if !r.ask("room/create_or_update", body, &made) {
		return false
	}
	o.id = made.Room.RoomID
	o.people, o.ever = slices.Clone(people), slices.Clone(people)
	r.rooms = append(r.rooms, o)
	r.note("room %s of %d people", o.id, len(people))
	return true
}

// newPersonal is the room of two users, or of one with themselves. It comes into being
// with its first message.
func (r *run) newPersonal() {
	a, b := pick(r.rng, r.users), pick(r.rng, r.users)
	id := pairID(a, b)
	if slices.ContainsFunc(r.rooms, func(o *room) bool { return o.id == id }) {
		return
	}
	o := &room{id: id, private: true, people: []*user{a, b}, ever: []*user{a, b}, left: map[*user]notice{}}
	if a == b {
		o.people, o.ever = o.people[:1], o.ever[:1]
	}
	r.rooms = append(r.rooms, o)
	r.note("room %s", o.id)
}

func pairID(a, b *user) string {
	low, high := a.id, b.id
	if len(low) > len(high) || len(low) == len(high) && low > high {
		low, high = high, low
	}
	return low + "-" + high
}

// read returns all that a user can read now.
func (r *run) read(u *user) (paged []pagedRoom, ok bool) {
	for _, o := range r.rooms {
		if !slices.Contains(o.ever, u) {
			continue
		}
		c, readable, ok := r.readRoom(u, o)
		if !ok {
			return nil, false
		}
		if readable {
			paged = append(paged, c)
		}
	}
	return paged, true
}

// readRoom pages through a room. readable is false where the user may not.
func (r *run) readRoom(u *user, o *room) (c pagedRoom, readable, ok bool) {
	c = pagedRoom{room: o.id, left: o.left[u]}
	for before := int64(0); ; {
		a, ok := r.insist("chat/message/list_by_room/before", u.reader.headers(), fields{
			"roomID": o.id, "maxCreated": before, "limit": 100,
		})
		if !ok {
			return c, false, a.Status == 403 || a.Status == 404
		}
		var page struct {
			Messages []message
			HasMore  bool
		}
		if err := json.Unmarshal(a.Data, &page); err != nil {
			return c, false, r.wrong("list_by_room/before: %v", err)
		}
		c.messages = append(c.messages, page.Messages...)
		if !page.HasMore {
			return c, true, true
		}
		before = page.Messages[len(page.Messages)-1].Created
	}
}

// complete waits until a device holds what its user reads, in the rooms named or in all.
func (r *run) complete(d *device, when string, within map[string]bool) bool {
	r.mu.Lock()
	r.checks++
	r.mu.Unlock()
	deadline := time.Now().Add(*waitFlag)
	for {
		paged, ok := r.read(d.owner)
		if !ok {
			return false
		}
		asked := time.Now()
		for {
			h := d.holding()
			h.within = within
			d.mu.Lock()
			changed := d.changed
			d.mu.Unlock()
			wrong := h.check(paged)
			if len(wrong) == 0 {
				return true
			}
			if !d.connected() {
				return false // it has no way to learn of it
			}
			if time.Now().After(deadline) {
				for _, f := range wrong {
					r.wrong("%s, %s: %s%s", d.name, when, f.text, d.trailOf(f.localID))
				}
				return false
			}
			select {
			case <-changed:
			case <-time.After(100 * time.Millisecond):
			}
			if time.Since(asked) > 500*time.Millisecond {
				break
			}
		}
	}
}

// play is the history from its beginning to its end.
func (r *run) play() {
	troubles := r.world.troubles.Load()
	defer r.end()
	if !r.begin() {
		if r.going() {
			r.wrong("it could not begin")
		}
		return
	}
	for range 6 + r.rng.IntN(20) {
		if !r.going() {
			return
		}
		r.act()
	}
	r.conclude()
	if r.calm && r.world.troubles.Load() == troubles {
		for _, d := range r.devices() {
			d.mu.Lock()
			again := d.doubled
			d.mu.Unlock()
			if len(again) > 0 {
				r.wrong("doubled: %s got %d unread messages again as new ones, such as %s%s", d.name, len(again), again[0],
					d.trailOf(again[0]))
			}
		}
	}
}

// conclude lets every device come back once, and holds what it has then to what there is.
func (r *run) conclude() {
	for _, d := range r.devices() {
		if d.connected() && d.whole {
			r.complete(d, "online", nil)
		}
	}
	for _, d := range r.devices() {
		d.leave(r.parting())
		if !d.connect(true) {
			return
		}
	}
	for _, d := range r.devices() {
		d.acknowledge()
	}
	r.note("the end")
	for _, d := range r.devices() {
		for !r.complete(d, "at the end", nil) && r.going() && !d.connected() {
			d.connect(true)
		}
	}
}

// end frees what the history holds.
func (r *run) end() {
	for _, d := range r.devices() {
		if d.socket != nil {
			d.socket.drop()
			d.settleSocket(d.socket)
		}
		for _, s := range d.silent {
			s.drop()
		}
	}
}

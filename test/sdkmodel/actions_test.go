package sdkmodel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"parlor/internal/powertalk/cipher"
)

// action is something that can happen in a history. It returns false where it cannot happen
// now.
type action struct {
	name   string
	weight int
	do     func(r *run) bool
}

var actions = []action{
	{"sendOver", 10, (*run).sendOver},
	{"sendByHTTP", 4, (*run).sendByHTTP},
	{"sendSome", 8, (*run).sendSome},
	{"edit", 8, (*run).edit},
	{"deleteForAll", 4, (*run).deleteForAll},
	{"deleteForOneself", 4, (*run).deleteForOneself},
	{"markRead", 8, (*run).markRead},
	{"acknowledge", 8, (*run).acknowledge},
	{"goAway", 10, (*run).goAway},
	{"comeBack", 14, (*run).comeBack},
	{"openRoom", 6, (*run).openRoom},
	{"out", 3, (*run).out},
	{"in", 3, (*run).in},
	{"lock", 2, (*run).lock},
	{"lateDevice", 2, (*run).lateDevice},
	{"anotherRoom", 1, (*run).anotherRoom},
	{"sendTwice", 2, (*run).sendTwice},
	{"loseAnswer", 5, (*run).loseAnswer},
	{"breakCatchUp", 5, (*run).breakCatchUp},
	{"storm", 8, (*run).storm},
	{"openAfterCut", 5, (*run).openAfterCut},
	{"lookAround", 6, (*run).lookAround},
	{"flood", 3, (*run).flood},
	{"rename", 2, (*run).rename},
	{"kill", 2, (*run).kill},
	{"loseBus", 2, (*run).loseBus},
	{"turnClock", 4, (*run).turnClock},
}

// act lets one of the actions happen.
func (r *run) act() {
	total := 0
	for _, a := range actions {
		total += a.weight
	}
	for range 50 {
		n := r.rng.IntN(total)
		for _, a := range actions {
			if n -= a.weight; n < 0 {
				if !slices.Contains(strings.Split(*lessFlag, ","), a.name) && a.do(r) {
					return
				}
				break
			}
		}
	}
}

// online is a device that is connected, nil if there is none.
func (r *run) online() *device { return r.oneDevice((*device).connected) }

func (r *run) oneDevice(fits func(*device) bool) *device {
	var list []*device
	for _, d := range r.devices() {
		if fits(d) {
			list = append(list, d)
		}
	}
	return pick(r.rng, list)
}

// place is a room in which a user may write, nil if there is none.
func (r *run) place(rng *rand.Rand, u *user) *room {
	var list []*room
	for _, o := range r.rooms {
		if !o.locked && slices.Contains(o.people, u) {
			list = append(list, o)
		}
	}
	return pick(rng, list)
}

// writable reports whether a user may write in a room.
func (r *run) writable(u *user, id string) bool {
	i := slices.IndexFunc(r.rooms, func(o *room) bool { return o.id == id })
	return i >= 0 && !r.rooms[i].locked && slices.Contains(r.rooms[i].people, u)
}

// parting is how a device goes away.
func (r *run) parting() parting {
	if r.calm {
		return closing
	}
	return parting(r.rng.IntN(3))
}

// echoTime is how long the effect of a frame may take. A device that has not asked what it missed is
// fed that up to 25 s after it has connected.
const echoTime = 45 * time.Second

func (d *device) emit(event, room, localID, text string) bool {
	sealed, err := cipher.Seal(text, localID)
	if err != nil {
		return d.run.wrong("%v", err)
	}
	return d.connected() && d.socket.send(event, fields{
		"localID": localID, "messageID": "0", "type": 1001, "body": sealed, "data": "", "isSending": true,
		"room": fields{"roomID": room},
	}) == nil
}

// expect waits for the effect of a frame, which must come unless the socket ends.
func (d *device) expect(what string, cond func(held map[string]message) bool) {
	if !d.await(cond, echoTime) && d.connected() {
		d.run.wrong("%s never saw: %s", d.name, what)
	}
}

func (r *run) sendOver() bool {
	d := r.online()
	if d == nil {
		return false
	}
	o := r.place(r.rng, d.owner)
	if o == nil {
		return false
	}
	id := cipher.NewLocalID()
	r.note("%s sends %s to %s", d.name, id, o.id)
	if d.emit(sendMessage, o.id, id, "over a socket") {
		d.expect("its message "+id, func(held map[string]message) bool { _, ok := held[id]; return ok })
	}
	return true
}

func (r *run) sendByHTTP() bool {
	d := r.oneDevice(func(*device) bool { return true })
	o := r.place(r.rng, d.owner)
	if o == nil {
		return false
	}
	id := cipher.NewLocalID()
	hidden := r.rng.IntN(6) == 0
	r.note("%s sends %s to %s by HTTP, hidden %v", d.name, id, o.id, hidden)
	r.insist("chat/message/send/custom", d.headers(), fields{
		"roomID": o.id, "localID": id, "messageType": 1001, "body": "by HTTP", "isHidden": hidden,
	})
	return true
}

// fromServer sends a message in a user's name, by the customer's backend.
func (r *run) fromServer(u *user, o *room, text string) bool {
	body := fields{"senderXCUserID": u.xc, "messageType": 1001, "body": text, "localID": cipher.NewLocalID()}
	if o.private {
		partner := o.people[0]
		if partner == u && len(o.people) > 1 {
			partner = o.people[1]
		}
		body["recipientXCUserID"] = partner.xc
	} else {
		body["xcRoomID"] = o.xc
	}
	return r.ask("message/send/custom", body, nil)
}

func (r *run) sendSome() bool {
	o := pick(r.rng, r.rooms)
	u := pick(r.rng, o.people)
	if u == nil {
		return false
	}
	n := 1 + r.rng.IntN(6)
	r.note("%d messages of %s to %s", n, u.xc, o.id)
	for i := range n {
		r.fromServer(u, o, fmt.Sprint("one of some ", i))
	}
	return true
}

// own reports whether a message is its device's user's and may be changed.
func (d *device) own(m message) bool {
	return m.User.UserID == d.owner.id && m.Type == 1001 && !m.IsDeleted && d.run.writable(d.owner, m.Room.RoomID)
}

func (r *run) edit() bool {
	d := r.online()
	if d == nil {
		return false
	}
	list := d.some(r.rng, 1, d.own)
	if len(list) == 0 {
		return false
	}
	m := list[0]
	r.note("%s edits %s", d.name, m.LocalID)
	if d.emit(updateMessage, m.Room.RoomID, m.LocalID, fmt.Sprint("edited ", r.rng.Int())) {
		d.expect("its edit of "+m.LocalID, func(held map[string]message) bool {
			now := held[m.LocalID]
			return now.Body != m.Body || now.IsDeleted
		})
	}
	return true
}

// erase deletes messages of one room.
func (d *device) erase(list []message, everyone bool) bool {
	var ids []string
	for _, m := range list {
		ids = append(ids, m.MessageID)
	}
	_, ok := d.run.insist("chat/message/delete", d.headers(), fields{
		"roomID": list[0].Room.RoomID, "messageIDs": ids, "forEveryone": everyone,
	})
	return ok
}

func (r *run) deleteForAll() bool {
	d := r.oneDevice(func(*device) bool { return true })
	list := d.some(r.rng, 1, d.own)
	if len(list) == 0 {
		return false
	}
	r.note("%s deletes %s for everyone", d.name, list[0].LocalID)
	return d.erase(list, true)
}

func (r *run) deleteForOneself() bool {
	d := r.oneDevice(func(*device) bool { return true })
	list := d.some(r.rng, 1, func(m message) bool { return m.Type == 1001 && r.writable(d.owner, m.Room.RoomID) })
	if len(list) == 0 {
		return false
	}
	r.note("%s deletes %s for itself", d.name, list[0].LocalID)
	return d.erase(list, false)
}

// see marks messages as read.
func (d *device) see(list []message) {
	var ids []string
	for _, m := range list {
		ids = append(ids, m.MessageID)
	}
	d.run.insist("chat/message/feedback/read", d.headers(), fields{"messageIDs": ids})
}

func (r *run) markRead() bool {
	d := r.oneDevice(func(*device) bool { return true })
	fits := func(m message) bool { return m.unread(d.owner.id) }
	if r.rng.IntN(4) == 0 { // web names its own messages, too, when everything is to be read
		fits = func(m message) bool { return !m.IsRead }
	}
	list := d.some(r.rng, 1+r.rng.IntN(8), fits)
	if len(list) == 0 {
		return false
	}
	r.note("%s reads %d messages", d.name, len(list))
	d.see(list)
	return true
}

func (r *run) acknowledge() bool {
	d := r.oneDevice(func(d *device) bool { d.mu.Lock(); defer d.mu.Unlock(); return len(d.came) > 0 })
	if d == nil {
		return false
	}
	r.note("%s says what has arrived", d.name)
	d.acknowledge()
	return true
}

func (r *run) goAway() bool {
	d := r.online()
	if d == nil {
		return false
	}
	d.leave(r.parting())
	return true
}

func (r *run) comeBack() bool {
	d := r.oneDevice(func(d *device) bool { return !d.connected() })
	if d == nil {
		return false
	}
	ask := r.rng.IntN(6) > 0
	r.note("%s comes back, and asks: %v", d.name, ask)
	d.connect(ask)
	return true
}

func (r *run) openRoom() bool {
	d := r.online()
	if d == nil {
		return false
	}
	o := pick(r.rng, r.rooms)
	if !slices.Contains(o.people, d.owner) {
		return false
	}
	r.note("%s opens %s", d.name, o.id)
	d.open(r.rng, o.id)
	if r.rng.IntN(2) == 0 {
		if list := d.some(r.rng, 200, func(m message) bool {
			return m.Room.RoomID == o.id && m.unread(d.owner.id)
		}); len(list) > 0 {
			d.see(list)
		}
	}
	return true
}

// out takes a user out of a room.
func (r *run) out() bool {
	o := pick(r.rng, r.rooms)
	u := pick(r.rng, o.people)
	if o.private || len(o.people) < 2 {
		return false
	}
	r.note("%s leaves %s", u.xc, o.id)
	switch {
	case o.role != "":
		if !r.setRole(u, "") {
			return true
		}
	case r.rng.IntN(2) == 0:
		a, ok := r.insist("client/room/leave", u.reader.headers(), fields{"roomID": o.id})
		if !ok && !strings.HasPrefix(a.Error.Message, "You are not a participant") { // otherwise an earlier try was heard
			r.note("it may not: %s", a.Error.Message)
			return true
		}
	default:
		if !r.ask("room/participants/remove", fields{"xcRoomID": o.xc, "participantXCUserIDs": []string{u.xc}}, nil) {
			return true
		}
	}
	o.people = slices.DeleteFunc(slices.Clone(o.people), func(p *user) bool { return p == u })
	c, readable, ok := r.readRoom(u, o)
	if !ok {
		return true
	}
	o.left[u] = notice{}
	if readable {
		for _, m := range c.messages {
			o.left[u][m.LocalID] = m
		}
	}
	return true
}

// in brings a user into a room.
func (r *run) in() bool {
	o := pick(r.rng, r.rooms)
	u := pick(r.rng, r.users)
	if o.private || slices.Contains(o.people, u) {
		return false
	}
	r.note("%s joins %s", u.xc, o.id)
	if o.role != "" {
		if !r.setRole(u, o.role) {
			return true
		}
	} else if !r.ask("room/participants/add", fields{"xcRoomID": o.xc, "participantXCUserIDs": []string{u.xc}}, nil) {
		return true
	}
	o.people = append(slices.Clone(o.people), u)
	if !slices.Contains(o.ever, u) {
		o.ever = append(o.ever, u)
	}
	delete(o.left, u)
	if c, readable, ok := r.readRoom(u, o); ok && readable {
		for _, d := range u.devices {
			d.remember([]pagedRoom{c})
		}
	}
	return true
}

func (r *run) lock() bool {
	o := pick(r.rng, r.rooms)
	u := pick(r.rng, o.people)
	if o.private || u == nil {
		return false
	}
	call := "room/lock"
	if o.locked {
		call = "room/unlock"
	}
	r.note("%s %s", call, o.id)
	if r.ask(call, fields{"xcRoomID": o.xc, "xcUserID": u.xc}, nil) {
		o.locked = !o.locked
	}
	return true
}

func (r *run) lateDevice() bool {
	u := pick(r.rng, r.users)
	return len(u.devices) < 3 && r.newDevice(u)
}

func (r *run) anotherRoom() bool {
	if len(r.rooms) > 6 {
		return false
	}
	if r.rng.IntN(2) == 0 {
		r.newPersonal()
		return true
	}
	return r.newGroup(r.users[:1+r.rng.IntN(len(r.users))])
}

// sendTwice repeats a message that is stored: only the device itself is told again.
func (r *run) sendTwice() bool {
	d := r.online()
	if d == nil {
		return false
	}
	list := d.some(r.rng, 1, d.own)
	if len(list) == 0 {
		return false
	}
	r.note("%s sends %s again", d.name, list[0].LocalID)
	return d.emit(sendMessage, list[0].Room.RoomID, list[0].LocalID, "over a socket")
}

func (r *run) kill() bool {
	if !r.kills {
		return false
	}
	i := r.rng.IntN(len(r.world.nodes))
	r.note("node %d is killed", i)
	r.world.kill(i)
	return true
}

// loseBus takes the bus away while messages are sent.
func (r *run) loseBus() bool {
	if !r.kills || r.world.bus == nil {
		return false
	}
	r.note("the bus is away")
	startAgain := r.world.stopBus()
	defer startAgain()
	r.sendSome()
	r.markRead()
	return true
}

// rename changes a user's profile, of which a hidden message tells in personal rooms.
func (r *run) rename() bool {
	u := pick(r.rng, r.users)
	r.note("%s has another name", u.xc)
	return r.ask("user/update", fields{"xcUserID": u.xc, "fullName": fmt.Sprint(u.xc, r.rng.IntN(100))}, nil)
}

func (r *run) turnClock() bool {
	if !r.clocks {
		return false
	}
	offset := time.Duration(r.rng.IntN(3)-1) * time.Hour
	still := r.rng.IntN(4) == 0
	r.note("the clock shows %s, still %v", offset, still)
	r.world.setClock(offset, still)
	return true
}

package sdkmodel

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// signIn gives the device its login.
func (d *device) signIn() bool {
	for range 20 {
		var ticket struct{ Ticket, UserID string }
		if !d.run.ask("auth_ticket/request", fields{
			"xcUserID": d.owner.xc, "fullName": d.owner.xc, "userPlatform": d.kind.String(),
		}, &ticket) {
			return false
		}
		if d.owner.id == "" { // else others are reading it
			d.owner.id = ticket.UserID
		}
		d.access = ticket.Ticket
		var tokens struct{ AccessToken string }
		// A ticket works once, and the answer may be lost: then with another one.
		a, ok := d.run.insist("auth/access_token/request", d.headers(), fields{})
		if ok && json.Unmarshal(a.Data, &tokens) == nil {
			d.access = tokens.AccessToken
			return true
		}
	}
	return d.run.wrong("%s cannot sign in", d.name)
}

// connect does what the SDK does when its app comes to the foreground with the network
// there. ask is false where the SDK sees no reason to ask what it missed: it was offline
// for too short a time to notice.
func (d *device) connect(ask bool) bool {
	r := d.run
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && r.going(); time.Sleep(retry) {
		url := r.world.url()
		if url == "" || d.kind != android || d.listed {
			if !d.check(url) {
				continue
			}
		}
		s, err := dial(r.ctx, url, d.headers())
		if err != nil {
			continue
		}
		s.binary = d.kind != web
		s.name = fmt.Sprintf("%s#%d", d.name, d.sockets)
		d.sockets++
		d.socket = s
		go s.listen(func(event string, m message) { d.hear(s, event, m) }) // ends with the socket
		switch {
		case !d.listed:
			d.listed = d.take(url, "chat/message/room_list_and_unread", fields{}, byCatchUp)
			s.asked = d.listed
		case ask:
			s.asked = true // it may be that only the answer was lost
			if !d.take(url, "chat/message/new_and_updated", fields{}, byCatchUp) {
				r.note("%s was not told what it missed", d.name)
				d.leave(breaking)
				continue
			}
		}
		if d.listed {
			return true
		}
		d.leave(breaking)
	}
	if r.going() {
		r.wrong("%s cannot connect", d.name)
	}
	return false
}

// check asks whether the login is still good.
func (d *device) check(url string) bool {
	if url == "" {
		return false
	}
	a, err := get(d.run.ctx, url+"/connect?check=1", d.headers())
	return err == nil && a.ok()
}

// take makes a call that lists messages, once, and learns them.
func (d *device) take(url, path string, body fields, by source) bool {
	a, err := post(d.run.ctx, url, path, d.headers(), body)
	if err != nil || !a.ok() {
		if err == nil && !a.busy() {
			d.run.note("%s: %s was refused: %s %s", d.name, path, a.Error.Code, a.Error.Message)
		}
		return false
	}
	var page struct{ Messages []message }
	if err := json.Unmarshal(a.Data, &page); err != nil {
		return d.run.wrong("%s: %s: %v", d.name, path, err)
	}
	d.run.note("%s gets %d messages of %s", d.name, len(page.Messages), path[strings.LastIndex(path, "/")+1:])
	for _, m := range page.Messages {
		d.learn(m, by)
	}
	return true
}

// acknowledge says of others' messages that they have arrived. SDKs gather them for a
// while.
func (d *device) acknowledge() {
	d.mu.Lock()
	ids := d.came
	d.came = nil
	d.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	if _, ok := d.run.insist("chat/message/feedback/delivered", d.headers(), fields{"messageIDs": ids}); ok {
		d.mu.Lock()
		for _, id := range ids {
			d.said[id] = true
		}
		d.mu.Unlock()
	}
}

// catchUp is the first call of a chat's screen: what is new or changed in a room, by what
// the device holds of it.
func (d *device) catchUp(url, room string) bool {
	oldest, newest := d.span(room)
	return d.take(url, "chat/message/list_by_room/after", fields{
		"roomID": room, "minCreated": oldest, "lastUpdated": newest,
	}, byPage)
}

// open does what a chat's screen does: it catches up, and loads older messages where it
// has few.
func (d *device) open(rng *rand.Rand, room string) bool {
	url := d.run.world.url()
	oldest, _ := d.span(room)
	if oldest > 0 && !d.catchUp(url, room) {
		return false
	}
	limit := 50
	if d.kind == web {
		limit = 20 + rng.IntN(31)
	}
	h := d.holding()
	count := 0
	for _, m := range h.held {
		if m.Room.RoomID == room {
			count++
		}
	}
	if count >= limit {
		return true
	}
	before := oldest
	if d.kind != web && before == 0 {
		before = time.Now().Add(24 * time.Hour).UnixMilli()
	}
	return d.take(url, "chat/message/list_by_room/before", fields{
		"roomID": room, "maxCreated": before, "limit": limit,
	}, byPage)
}

// span is when the oldest message that the device holds of a room was created, and the
// greatest updated of them; 0 for none.
func (d *device) span(room string) (oldest, newest int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range d.held {
		if m.Room.RoomID != room {
			continue
		}
		if oldest == 0 || m.Created < oldest {
			oldest = m.Created
		}
		newest = max(newest, m.Updated)
	}
	return oldest, newest
}

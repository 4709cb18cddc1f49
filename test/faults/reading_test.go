package faults

import (
	"slices"
	"testing"

	"parlor/client"
	"parlor/internal/powertalk/cipher"
)

// read asks for all that users can see at the end, with a device of its own for each of them:
// what a device is answered need not come over its socket any more. node returns the server to
// ask for the i-th user, so that different servers are asked.
func (c *crowd) read(t *testing.T, node func(i int) *parlor) ending {
	t.Helper()
	e := ending{
		rooms: c.rooms, lists: map[roomView][]message{}, unread: map[string][]message{}, counts: map[roomView]int{},
	}
	asked := map[string]bool{}
	for i, of := range c.devices {
		if asked[of.user] {
			continue
		}
		asked[of.user] = true
		p := node(i)
		d := &device{crowd: c, xc: of.xc, name: of.xc + " reads", rng: of.rng, writable: of.writable}
		d.signIn(t, p)
		for _, room := range d.writable {
			e.lists[roomView{d.user, room}] = d.past(t, p, room)
		}
		var unread struct{ Messages []message }
		d.must(t, p, "chat/message/room_list_and_unread", fields{}, &unread)
		e.unread[d.user] = unread.Messages

		list, _, err := p.backend.RoomsOfUser(t.Context(), d.xc, client.Page{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			// The server API names a personal room as the client API does.
			e.counts[roomView{d.user, string(r.LastMessage.Room.ID)}] = r.Unread
		}
	}
	return e
}

// past reads a room from its end to its beginning and returns it the oldest first.
func (d *device) past(t *testing.T, p *parlor, room string) (list []message) {
	t.Helper()
	for before := int64(0); ; {
		var page struct {
			Messages []message
			HasMore  bool
		}
		d.must(t, p, "chat/message/list_by_room/before", fields{
			"roomID": room, "maxCreated": before, "limit": 40 + d.rng.IntN(60),
		}, &page)
		for _, m := range page.Messages {
			plain, err := cipher.Decrypt(m.Body, m.LocalID)
			if err != nil {
				t.Errorf("message %s: %v", m.LocalID, err)
			}
			m.Body, before = plain, m.Created
			list = append(list, m)
		}
		if !page.HasMore {
			slices.Reverse(list)
			return list
		}
	}
}

// must makes a call that succeeds.
func (d *device) must(t *testing.T, p *parlor, path string, body, out any) {
	t.Helper()
	if err := d.call(t.Context(), p.url, path, body, out); err != nil {
		t.Fatalf("%s %v: %v", path, body, err)
	}
}

package e2e

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"parlor/test/env/servertest"
)

// checksum is what SDKs send along when a user deletes a group, so that nobody does it by
// a slip.
func checksum(d *servertest.Device, room string) string {
	sum := md5.Sum(fmt.Appendf(nil, "%s:2:%s:%d", room, d.UserID, d.AccessExpiry))
	return hex.EncodeToString(sum[:])
}

// groupCalls are the calls that look at a group or change it. The last two end what the
// others need.
func groupCalls(room string, target *servertest.Device) []struct {
	path string
	body func(d *servertest.Device) obj
} {
	of := func(fields obj) func(*servertest.Device) obj {
		fields["roomID"] = room
		return func(*servertest.Device) obj { return fields }
	}
	people := list{target.UserID}
	return []struct {
		path string
		body func(d *servertest.Device) obj
	}{
		{"client/room/get", of(obj{})},
		{"client/room/update", of(obj{"name": "Renamed"})},
		{"client/room/participants/add", of(obj{"userIDs": people})},
		{"client/room/admins/promote", of(obj{"userIDs": people})},
		{"client/room/admins/demote", of(obj{"userIDs": people})},
		{"client/room/participants/remove", of(obj{"userIDs": people})},
		{"client/room/leave", of(obj{})},
		{"client/room/delete", func(d *servertest.Device) obj { return obj{"roomID": room, "checksum": checksum(d, room)} }},
	}
}

// TestGroupRights: participants look at a group and may leave it, admins change it, and
// nobody else does anything.
func TestGroupRights(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		admin, bo, target := a.SignIn(t, "admin", "1"), a.SignIn(t, "bo", "1"), a.SignIn(t, "target", "1")
		stranger, former := a.SignIn(t, "stranger", "1"), a.SignIn(t, "former", "1")
		room := newGroup(t, admin, "Group", bo, former)
		former.Call(t, "client/room/leave", obj{"roomID": room}, nil)
		mine := map[string]bool{"client/room/get": true, "client/room/leave": true}
		try := func(who string, d *servertest.Device, want func(path string) string) {
			t.Helper()
			for _, c := range groupCalls(room, target) {
				answer := d.Try(t, c.path, c.body(d))
				checkDevice(t, c.path, answer)
				if answer.Error.Code != want(c.path) {
					t.Errorf("%s by %s: %s, want code %q", c.path, who, answer.Body, want(c.path))
				}
			}
		}
		forbidden := func(string) string { return "40301" }
		try("a stranger", stranger, forbidden)
		try("a former participant", former, forbidden)
		try("a participant", bo, func(path string) string {
			if mine[path] {
				return ""
			}
			return "40301"
		})
		if got := listMessages(t, admin, "chat/message/list_by_room/before", obj{"roomID": room}).Messages; len(got) != 3 {
			t.Errorf("the group holds %d messages; what was refused has left some", len(got))
		}
		try("the admin", admin, func(string) string { return "" })
		try("the admin of a deleted group", admin, func(path string) string {
			if path == "client/room/delete" {
				return "" // it says so by success
			}
			return "40401"
		})
	})
}

// TestNoGroup: what is no group of anybody's cannot be changed, whatever it is.
func TestNoGroup(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1"), a.SignIn(t, "cy", "1")
		post := func(d *servertest.Device, room string) {
			t.Helper()
			d.Call(t, "chat/message/send/custom", obj{
				"roomID": room, "localID": localID(t), "messageType": 1001, "body": "hi",
			}, nil)
		}
		post(ana, pairOf(ana, bo))
		post(ana, pairOf(ana, ana))
		post(bo, pairOf(bo, cy))
		tests := []struct{ name, room, get, change string }{
			{"a personal room", pairOf(ana, bo), "", "40301"},
			{"saved messages", pairOf(ana, ana), "", "40301"},
			{"a personal room to come", pairOf(ana, cy), "40401", "40401"},
			{"one of others", pairOf(bo, cy), "40401", "40401"},
			{"nobody's", ana.UserID + "-999999", "40401", "40401"},
			{"the ids the other way round", pairOf(bo, ana), "40401", "40401"},
			{"an unknown group", "g999999", "40401", "40401"},
			{"an unknown transaction room", "t1", "40401", "40401"},
			{"no number", "g", "40401", "40401"},
			{"a sign", "g-1", "40401", "40401"},
			{"a zero in front", "g01", "40401", "40401"},
			{"another letter", "x1", "40401", "40401"},
			{"a number too large", "g99999999999999999999", "40401", "40401"},
		}
		for _, tt := range tests {
			for _, c := range groupCalls(tt.room, cy) {
				want := tt.change
				if c.path == "client/room/get" {
					want = tt.get
				}
				answer := ana.Try(t, c.path, c.body(ana))
				checkDevice(t, c.path, answer)
				if answer.Error.Code != want {
					t.Errorf("%s of %s: %s, want code %q", c.path, tt.name, answer.Body, want)
				}
			}
		}
	})
}

// TestLastAdmin: a group that people have made has an admin for as long as it lives.
func TestLastAdmin(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		room := newGroup(t, ana, "Group", bo)
		change := func(d *servertest.Device, path, want string, people ...*servertest.Device) {
			t.Helper()
			ids := list{}
			for _, p := range people {
				ids = append(ids, p.UserID)
			}
			if answer := d.Try(t, "client/room/"+path, obj{"roomID": room, "userIDs": ids}); answer.Error.Code != want {
				t.Errorf("%s: %s, want code %q", path, answer.Body, want)
			}
		}
		leave := func(d *servertest.Device, want bool) {
			t.Helper()
			var got result
			if d.Call(t, "client/room/leave", obj{"roomID": room}, &got); got.Success != want || got.Message == "" {
				t.Errorf("leaving: %+v, want success %v", got, want)
			}
		}
		leave(ana, false)
		change(ana, "admins/demote", "40301", ana)
		change(ana, "participants/remove", "40301", ana)
		change(ana, "participants/remove", "40301", bo, ana) // and then bo stays as well
		change(ana, "admins/promote", "", bo)
		change(bo, "admins/demote", "40301", bo, ana)
		change(bo, "participants/remove", "40301", ana, bo)
		var got roomAnswer
		bo.Call(t, "client/room/get", obj{"roomID": room}, &got)
		if len(got.Participants) != 2 || len(got.AdminUserIDs) != 2 {
			t.Errorf("of what was refused there remains %+v", got)
		}
		change(bo, "admins/demote", "", bo)
		change(ana, "admins/promote", "", bo)
		change(bo, "participants/remove", "", ana)
		leave(bo, false)
		change(bo, "participants/add", "", ana)
		change(ana, "admins/promote", "40301", ana) // the right did not come back with her
		change(bo, "admins/promote", "", ana)
		leave(bo, true)
		leave(ana, false)
	})
}

// TestLastAdminsTogether: of two admins who go at the same moment one has to stay.
func TestLastAdminsTogether(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		for path, ids := range map[string]func(d *servertest.Device) list{
			"client/room/leave":               func(*servertest.Device) list { return nil },
			"client/room/admins/demote":       func(d *servertest.Device) list { return list{d.UserID} },
			"client/room/participants/remove": func(d *servertest.Device) list { return list{d.UserID} },
		} {
			room := newGroup(t, ana, "Group", bo)
			ana.Call(t, "client/room/admins/promote", obj{"roomID": room, "userIDs": list{bo.UserID}}, nil)
			var gone [2]bool
			var both sync.WaitGroup
			for i, d := range []*servertest.Device{ana, bo} {
				both.Go(func() {
					answer := d.Try(t, path, obj{"roomID": room, "userIDs": ids(d)})
					var data struct{ Success *bool }
					_ = json.Unmarshal(answer.Data, &data) // there is none where the call was refused
					gone[i] = answer.Error.Code == "" && (data.Success == nil || *data.Success)
				})
			}
			both.Wait()
			if gone[0] == gone[1] {
				t.Errorf("%s at the same time: ana %v, bo %v", path, gone[0], gone[1])
			}
		}
	})
}

// TestDeleteChecksum: the sum is made of the caller's own id and the token in use.
func TestDeleteChecksum(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		room, other := newGroup(t, ana, "Group", bo), newGroup(t, ana, "Another")
		try := func(sum string) servertest.Answer {
			return ana.Try(t, "client/room/delete", obj{"roomID": room, "checksum": sum})
		}
		old := checksum(ana, room)
		for ana.RefreshTokens(t); checksum(ana, room) == old; { // in the same millisecond
			ana.RefreshTokens(t)
		}
		for name, sum := range map[string]string{
			"nonsense": "x", "of another room": checksum(ana, other), "of somebody else": checksum(bo, room),
			"of an older token": old,
		} {
			if answer := try(sum); answer.Error.Code != "40301" {
				t.Errorf("%s: %s", name, answer.Body)
			}
		}
		if answer := try(""); answer.Error.Code != "40002" {
			t.Errorf("none: %s", answer.Body)
		}
		if answer := try(checksum(ana, room)); answer.Error.Code != "" {
			t.Errorf("the right one: %s", answer.Body)
		}
		var again result
		ana.Call(t, "client/room/delete", obj{"roomID": room, "checksum": checksum(ana, room)}, &again)
		if again.Success || again.Message == "" {
			t.Errorf("deleted twice: %+v", again)
		}
	})
}

// TestGroupsInLists: a group is in the list of those who are in it, and of nobody else.
func TestGroupsInLists(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1"), a.SignIn(t, "cy", "1")
		var room string
		check := func(when string, want ...*servertest.Device) {
			t.Helper()
			for _, d := range []*servertest.Device{ana, bo, cy} {
				if in := slices.Contains(deviceRooms(t, d), room); in != slices.Contains(want, d) {
					t.Errorf("%s: the group is in %s's list: %v", when, d.UserID, in)
				}
			}
			for _, d := range want {
				var got roomAnswer
				if d.Call(t, "client/room/get", obj{"roomID": room}, &got); len(got.Participants) != len(want) {
					t.Errorf("%s: %d participants, want %d", when, len(got.Participants), len(want))
				}
			}
		}
		room = newGroup(t, ana, "Group", bo)
		check("made", ana, bo)
		ana.Call(t, "client/room/participants/add", obj{"roomID": room, "userIDs": list{cy.UserID}}, nil)
		check("one more", ana, bo, cy)
		ana.Call(t, "client/room/participants/remove", obj{"roomID": room, "userIDs": list{bo.UserID}}, nil)
		check("one removed", ana, cy)
		cy.Call(t, "client/room/leave", obj{"roomID": room}, nil)
		check("one left", ana)
		ana.Call(t, "client/room/participants/add", obj{"roomID": room, "userIDs": list{bo.UserID, cy.UserID}}, nil)
		check("both back", ana, bo, cy)
		ana.Call(t, "client/room/delete", obj{"roomID": room, "checksum": checksum(ana, room)}, nil)
		check("deleted")
	})
}

package e2e

import (
	"slices"
	"testing"

	"parlor/internal/powertalk/cipher"
	"parlor/test/env/servertest"
)

// localID makes an id for a message that a test sends itself.
func localID(t testing.TB) string {
	t.Helper()
	return cipher.NewLocalID()
}

// TestGroupEvents: what happens to a group reaches everybody in it at once, those who come
// with it as the first and to who goes as the last.
func TestGroupEvents(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		cy, eve := a.SignIn(t, "cy", "1").Connect(t), a.SignIn(t, "eve", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo)
		people := func(d *servertest.Device) obj { return obj{"roomID": room, "userIDs": list{d.UserID}} }
		all := []*servertest.Device{ana, bo, cy, eve}
		steps := []struct {
			by           *servertest.Device
			path         string
			body         obj
			action, text string
			target       *servertest.Device
			to           []*servertest.Device
		}{
			{ana, "", nil, "room/create", "{{sender}} created group Group", nil, []*servertest.Device{ana, bo}},
			{
				ana, "update",
				obj{"roomID": room, "name": "Renamed"},
				"room/update", "{{sender}} updated the group details", nil,
				[]*servertest.Device{ana, bo},
			},
			{
				ana, "participants/add", people(cy), "room/addParticipant", "{{sender}} added {{target}} to the group", cy,
				[]*servertest.Device{ana, bo, cy},
			},
			{
				ana, "admins/promote", people(cy), "room/promoteAdmin", "{{sender}} promoted {{target}} to admin", cy,
				[]*servertest.Device{ana, bo, cy},
			},
			{
				cy, "admins/demote", people(ana), "room/demoteAdmin", "{{sender}} demoted {{target}} from admin", ana,
				[]*servertest.Device{ana, bo, cy},
			},
			{
				cy, "participants/remove", people(bo), "room/removeParticipant", "{{sender}} removed {{target}} from the group", bo,
				[]*servertest.Device{ana, bo, cy},
			},
			{
				cy, "update",
				obj{"roomID": room, "name": "Without bo"},
				"room/update", "{{sender}} updated the group details", nil,
				[]*servertest.Device{ana, cy},
			},
			{ana, "leave", obj{"roomID": room}, "room/leave", "{{sender}} left the group", nil, []*servertest.Device{ana, cy}},
			{
				cy, "participants/add", people(bo), "room/addParticipant", "{{sender}} added {{target}} to the group", bo,
				[]*servertest.Device{bo, cy},
			},
			{
				cy, "delete",
				obj{"roomID": room, "checksum": checksum(cy, room)},
				"room/delete", "{{sender}} deleted this group",
				nil,
				[]*servertest.Device{bo, cy},
			},
		}
		want := map[*servertest.Device][]string{}
		for _, d := range all {
			want[d] = []string{}
		}
		for _, step := range steps {
			if step.path != "" {
				step.by.Call(t, "client/room/"+step.path, step.body, nil)
			}
			for _, d := range step.to {
				if step.by == cy && step.target == bo && d == bo && step.action == "room/addParticipant" {
					// Who has left is fed what was said before. Where that lasts until they are back, what was said meanwhile is
					// among it, which they may read again.
					d.Next(t, "being back", func(e servertest.Event) bool { return e.Message.Action == step.action })
					continue
				}
				m := nextAction(t, d, step.action)
				target := "0"
				if step.target != nil {
					target = step.target.UserID
				}
				if m.Room.RoomID != room || m.User.UserID != step.by.UserID || m.Target.TargetID != target ||
					m.Text(t) != step.text || m.IsHidden {
					t.Errorf("%s: %q %+v", step.action, m.Text(t), m)
				}
				if m.Room.IsDeleted != (step.path == "delete") {
					t.Errorf("%s shows the room as deleted: %v", step.action, m.Room.IsDeleted)
				}
				if name, _ := step.body["name"].(string); name != "" && m.Room.Name != name {
					t.Errorf("%s shows the name %q, want %q", step.action, m.Room.Name, name)
				}
			}
		}
		for _, d := range all {
			if got := names(heard(t, d)); len(got) > 0 {
				t.Errorf("%s hears of %q, too", d.UserID, got)
			}
		}
	})
}

// TestNoGroupEvents: a change that changes nothing tells nobody.
func TestNoGroupEvents(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		cy := a.SignIn(t, "cy", "1")
		room := newGroup(t, ana, "Group", bo)
		nobody := list{"999999", "0", "", "g7", nil}
		for _, c := range []struct {
			path string
			body obj
		}{
			{"update", obj{"name": "Group"}},
			{"participants/add", obj{"userIDs": list{bo.UserID, ana.UserID}}},
			{"participants/add", obj{"userIDs": nobody}},
			{"participants/remove", obj{"userIDs": list{cy.UserID}}},
			{"participants/remove", obj{"userIDs": nobody}},
			{"admins/promote", obj{"userIDs": list{ana.UserID, cy.UserID}}},
			{"admins/promote", obj{"userIDs": nobody}},
			{"admins/demote", obj{"userIDs": list{bo.UserID, cy.UserID}}},
		} {
			c.body["roomID"] = room
			ana.Call(t, "client/room/"+c.path, c.body, nil)
		}
		heardOf, want := names(until(t, bo, ana.Send(t, room, "that was all"))), []string{"chat/sendMessage room/create"}
		if !slices.Equal(heardOf, want) {
			t.Errorf("bo hears of %q, want %q", heardOf, want)
		}
		var got roomAnswer
		ana.Call(t, "client/room/get", obj{"roomID": room}, &got)
		if len(got.Participants) != 2 || !slices.Equal(got.AdminUserIDs, []string{ana.UserID}) {
			t.Errorf("the group is now %+v", got)
		}
	})
}

// TestGroupEventsForThoseAway: a user who was away when a group came, went or ended learns of it
// when the device catches up.
func TestGroupEventsForThoseAway(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		check := func(want ...string) {
			t.Helper()
			got := []string{}
			for _, m := range catchUp(t, bo) {
				got = append(got, m.Action)
			}
			if !slices.Equal(got, want) {
				t.Errorf("bo catches up with %q, want %q", got, want)
			}
		}
		check()
		room, doomed := newGroup(t, ana, "Group", bo), newGroup(t, ana, "Doomed", bo)
		check("room/create", "room/create")
		ana.Call(t, "client/room/update", obj{"roomID": room, "name": "Renamed"}, nil)
		ana.Call(t, "client/room/participants/remove", obj{"roomID": room, "userIDs": list{bo.UserID}}, nil)
		ana.Call(t, "client/room/update", obj{"roomID": room, "name": "Without bo"}, nil)
		check("room/update", "room/removeParticipant")
		ana.Call(t, "client/room/delete", obj{"roomID": doomed, "checksum": checksum(ana, doomed)}, nil)
		check("room/delete")
		ana.Call(t, "client/room/participants/add", obj{"roomID": room, "userIDs": list{bo.UserID}}, nil)
		got := catchUp(t, bo)
		if len(got) == 0 || got[len(got)-1].Action != "room/addParticipant" {
			t.Errorf("bo is back and catches up with %+v", got)
		}
		check()
	})
}

package client_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

func TestManagedRooms(t *testing.T) {
	b, ctx := backendOf(t, servertest.Start(t, servertest.SQLite(t), nil)), t.Context()
	for _, xc := range []string{"ana", "kim"} {
		if _, err := b.PutUser(ctx, client.Profile{XCID: xc, Fullname: xc}); err != nil {
			t.Fatal(err)
		}
	}
	var rooms []client.RoomSettings
	for i := range 250 { // more than a page
		rooms = append(rooms, client.RoomSettings{
			XCID: fmt.Sprint("r", i), Type: client.Group, Name: fmt.Sprint("Room ", i), Participants: []string{"ana"},
		})
	}
	rooms[7].Name = ""
	results, err := b.PutRooms(ctx, rooms)
	if err != nil || len(results) != 250 || !results[6].Success || results[7].Success || results[7].Error.Field != "103" {
		t.Fatalf("PutRooms: %v, %+v", err, results[7])
	}
	results, err = b.ChangePeople(ctx, []client.PeopleChange{{XCRoomID: "r1", Add: []string{"kim", "nobody"}}, {XCRoomID: "none", Add: []string{"kim"}}})
	if err != nil || !slices.Equal(results[0].Skipped, []string{"nobody"}) || results[1].Error.Code != "40401" {
		t.Errorf("ChangePeople: %+v, %v", results, err)
	}
	if err := b.SetRoomData(ctx, "r1", map[string]int{"priority": 3}); err != nil {
		t.Error(err)
	}
	if err := b.SetParticipantData(ctx, "r1", "kim", map[string]int{"seat": 12}); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func() (bool, error){
		"DeleteRoom":   func() (bool, error) { return b.DeleteRoom(ctx, "r2") },
		"FreezeRoom":   func() (bool, error) { return b.FreezeRoom(ctx, "r1") },
		"FreezeRoom 3": func() (bool, error) { return b.FreezeRoom(ctx, "r3") },
	} {
		if changed, err := change(); err != nil || !changed {
			t.Errorf("%s: %v, %v", name, changed, err)
		}
	}
	if changed, err := b.UnfreezeRoom(ctx, "r3"); err != nil || !changed {
		t.Errorf("UnfreezeRoom: %v, %v", changed, err)
	}
	seen := 0
	for r, err := range b.Rooms(ctx, client.RoomFilter{
		Participant: "ana", NamePrefix: "room", ActiveSince: time.Now().Add(-time.Hour), ActiveUntil: time.Now().Add(time.Hour),
	}) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if r.XCID == "r1" && (!r.IsFrozen || string(r.Data) != `{"priority":3}` || r.LastMessageTime.IsZero()) {
			t.Errorf("room %+v", r)
		}
	}
	if seen != 248 {
		t.Errorf("%d rooms are listed", seen)
	}
	for r, err := range b.Rooms(ctx, client.RoomFilter{ActiveSince: time.Now().Add(time.Hour)}) {
		t.Errorf("a room of the future: %+v, %v", r, err)
	}
	if changed, err := b.RestoreRoom(ctx, "r2"); err != nil || !changed {
		t.Errorf("RestoreRoom: %v, %v", changed, err)
	}

	if skipped, err := b.SetAdmins(ctx, "r1", "ana", "nobody"); err != nil || !slices.Equal(skipped, []string{"nobody"}) {
		t.Errorf("SetAdmins: %q, %v", skipped, err)
	}
	until := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	if changed, err := b.Mute(ctx, "r1", until, "kim"); err != nil || !slices.Equal(changed, []string{"kim"}) {
		t.Errorf("Mute: %q, %v", changed, err)
	}
	for p, err := range b.Participants(ctx, "r1", "") {
		if err != nil {
			t.Fatal(err)
		}
		if p.XCID == "kim" && (!p.IsMuted || !p.MutedUntil.Equal(until) || string(p.Data) != `{"seat":12}`) || p.IsAdmin != (p.XCID == "ana") {
			t.Errorf("participant %+v", p)
		}
	}
	if changed, err := b.Unmute(ctx, "r1", "kim", "ana"); err != nil || !slices.Equal(changed, []string{"kim"}) {
		t.Errorf("Unmute: %q, %v", changed, err)
	}
	if changed, err := b.Ban(ctx, "r1", time.Time{}, "kim"); err != nil || !slices.Equal(changed, []string{"kim"}) {
		t.Errorf("Ban: %q, %v", changed, err)
	}
	for p, err := range b.Participants(ctx, "r1", "banned") {
		if err != nil || p.XCID != "kim" || !p.IsBanned || !p.BannedUntil.IsZero() {
			t.Errorf("banned %+v, %v", p, err)
		}
	}
	if changed, err := b.Unban(ctx, "r1", "kim"); err != nil || !slices.Equal(changed, []string{"kim"}) {
		t.Errorf("Unban: %q, %v", changed, err)
	}
	for _, err := range b.Participants(ctx, "none", "") {
		if err == nil {
			t.Error("the participants of no room")
		}
	}
}

// TestByRoomID manages a room that an app has made, which has no id of the backend's.
func TestByRoomID(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	b, ctx := backendOf(t, s), t.Context()
	signIn(t, s, "kim", "phone")
	group, err := signIn(t, s, "ana", "phone").CreateGroup(ctx, "Friends")
	if err != nil {
		t.Fatal(err)
	}
	id, byID := string(group.Room.ID), b.ByRoomID()
	if results, err := b.ChangePeople(ctx, []client.PeopleChange{{RoomID: group.Room.ID, Add: []string{"kim"}}}); err != nil ||
		!results[0].Success {
		t.Fatalf("ChangePeople: %+v, %v", results, err)
	}
	for _, tt := range []struct {
		name   string
		change func() (bool, error)
	}{
		{"Room", func() (bool, error) {
			room, err := byID.Room(ctx, id, client.Page{})
			return room.Room.ID == group.Room.ID && room.Total == 2, err
		}},
		{"RemoveParticipants", func() (bool, error) {
			room, err := byID.RemoveParticipants(ctx, id, "kim")
			return room.Total == 1, err
		}},
		{"AddParticipants", func() (bool, error) {
			room, err := byID.AddParticipants(ctx, id, "kim")
			return room.Total == 2, err
		}},
		{"LockRoom", func() (bool, error) { return byID.LockRoom(ctx, id, "kim") }},
		{"UnlockRoom", func() (bool, error) { return byID.UnlockRoom(ctx, id, "kim") }},
		{"FreezeRoom", func() (bool, error) { return byID.FreezeRoom(ctx, id) }},
		{"UnfreezeRoom", func() (bool, error) { return byID.UnfreezeRoom(ctx, id) }},
		{"DeleteRoom", func() (bool, error) { return byID.DeleteRoom(ctx, id) }},
		{"RestoreRoom", func() (bool, error) { return byID.RestoreRoom(ctx, id) }},
		{"Mute", func() (bool, error) {
			changed, err := byID.Mute(ctx, id, time.Time{}, "kim")
			return slices.Equal(changed, []string{"kim"}), err
		}},
		{"SetAdmins", func() (bool, error) {
			skipped, err := byID.SetAdmins(ctx, id, "ana", "kim", "nobody")
			return slices.Equal(skipped, []string{"nobody"}), err
		}},
		{"SetRoomData", func() (bool, error) { return true, byID.SetRoomData(ctx, id, map[string]int{"a": 1}) }},
		{"SetParticipantData", func() (bool, error) {
			return true, byID.SetParticipantData(ctx, id, "kim", map[string]int{"a": 1})
		}},
		{"SendSystem", func() (bool, error) {
			message, err := byID.SendSystem(ctx, id, "hello")
			return message != "", err
		}},
		{"SendToRooms", func() (bool, error) {
			message := client.BackendMessage{SenderXCID: "ana", Text: "hello"}
			send, err := byID.SendToRooms(ctx, message, id)
			s := client.Broadcast{}
			for err == nil && !s.Done() {
				s, err = b.BroadcastStatus(ctx, send)
			}
			return s.Sent == 1, err
		}},
	} {
		if changed, err := tt.change(); err != nil || !changed {
			t.Errorf("%s: %v, %v", tt.name, changed, err)
		}
	}
	people := 0
	for p, err := range byID.Participants(ctx, id, "admins") {
		if people++; err != nil || p.XCID == "kim" && (!p.IsMuted || string(p.Data) != `{"a":1}`) {
			t.Errorf("Participants: %+v, %v", p, err)
		}
	}
	for p, err := range byID.UnreadOfParticipants(ctx, id) {
		if people++; err != nil {
			t.Errorf("UnreadOfParticipants: %+v, %v", p, err)
		}
	}
	if people != 4 {
		t.Errorf("the two lists have %d entries, want two each", people)
	}
}

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

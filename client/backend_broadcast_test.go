package client_test

import (
	"fmt"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

func TestSendToRooms(t *testing.T) {
	b, ctx := backendOf(t, servertest.Start(t, servertest.SQLite(t), nil)), t.Context()
	if _, err := b.PutUser(ctx, client.Profile{XCID: "kim", Fullname: "Kim"}); err != nil {
		t.Fatal(err)
	}
	var names []string
	var rooms []client.RoomSettings
	for i := range 130 { // more than a page
		names = append(names, fmt.Sprint("r", i))
		rooms = append(rooms, client.RoomSettings{XCID: names[i], Type: client.Group, Name: names[i]})
	}
	if _, err := b.PutRooms(ctx, rooms); err != nil {
		t.Fatal(err)
	}
	id, err := b.SendToRooms(ctx, client.BackendMessage{SenderXCID: "kim", Text: "closed"}, append(names, "none")...)
	if err != nil {
		t.Fatal(err)
	}
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	var s client.Broadcast
	for end := time.Now().Add(time.Minute); !s.Done(); <-poll.C {
		if s, err = b.BroadcastStatus(ctx, id); err != nil || time.Now().After(end) {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	if s.ID != id || s.Rooms != 131 || s.Sent != 130 || s.Failed != 1 {
		t.Errorf("in the end it is %+v", s)
	}
	for only, want := range map[string]int{"": 131, "sent": 130, "failed": 1, "waiting": 0} {
		n := 0
		for r, err := range b.BroadcastRooms(ctx, id, only) {
			if err != nil {
				t.Fatal(err)
			}
			if only == "failed" && (r.XCRoomID != "none" || r.Error.Code != client.CodeNotFound) {
				t.Errorf("failed: %+v", r)
			}
			n++
		}
		if n != want {
			t.Errorf("%d rooms are %q, want %d", n, only, want)
		}
	}
}

func TestDeleteMatching(t *testing.T) {
	b, ctx := backendOf(t, servertest.Start(t, servertest.SQLite(t), nil)), t.Context()
	if _, err := b.PutUser(ctx, client.Profile{XCID: "kim", Fullname: "Kim"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.PutRoom(ctx, client.RoomSettings{XCID: "r", Type: client.Group, Name: "R"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Send(ctx, client.BackendMessage{SenderXCID: "kim", XCRoomID: "r", Text: "old"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.DeleteMatching(ctx, client.DeletionFilter{XCRoomID: "r"}); client.CodeOf(err) != client.CodeInvalid {
		t.Errorf("without a sender or a time: %v", err)
	}
	id, err := b.DeleteMatching(ctx, client.DeletionFilter{SenderXCID: "kim", From: time.UnixMilli(1), Until: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	var d client.Deletion
	for end := time.Now().Add(time.Minute); !d.Done(); <-poll.C {
		if d, err = b.DeletionStatus(ctx, id); err != nil || time.Now().After(end) {
			t.Fatalf("%+v, %v", d, err)
		}
	}
	if d.ID != id || d.Looked != 1 || d.Deleted != 1 {
		t.Errorf("in the end it is %+v", d)
	}
}

// TestStoppedWork: whoever waits for work that an operator has stopped does not wait for ever.
func TestStoppedWork(t *testing.T) {
	for status, want := range map[string]bool{"": false, "running": false, "done": true, "stopped": true} {
		b, d := client.Broadcast{Status: status}, client.Deletion{Status: status}
		if b.Done() != want || d.Done() != want {
			t.Errorf("%q: %v and %v, want %v", status, b.Done(), d.Done(), want)
		}
	}
}

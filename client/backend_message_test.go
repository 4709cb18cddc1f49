package client_test

import (
	"fmt"
	"slices"
	"testing"

	"parlor/client"
	"parlor/test/env/servertest"
)

// TestBackendMessages: a backend lists a room's messages, and finds them by their ids.
func TestBackendMessages(t *testing.T) {
	b, ctx := backendOf(t, servertest.Start(t, servertest.SQLite(t), nil)), t.Context()
	for _, xc := range []string{"ana", "kim"} {
		if _, err := b.PutUser(ctx, client.Profile{XCID: xc, Fullname: xc}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.PutRoom(ctx, client.RoomSettings{XCID: "r", Type: client.Group, Name: "R", Participants: []string{"ana"}}); err != nil {
		t.Fatal(err)
	}
	for i := range 130 { // more than a page
		by := []string{"ana", "kim"}[i%2]
		if _, err := b.Send(ctx, client.BackendMessage{SenderXCID: by, XCRoomID: "r", Text: fmt.Sprint("m", i)}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []client.MessageID
	for m, err := range b.Messages(ctx, client.MessageFilter{XCRoomID: "r", Types: []client.MessageType{client.TextMessage}, OldestFirst: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint("m", len(ids)); m.Body != want || m.TypeName != "text" {
			t.Errorf("%q is %q, want %q", m.TypeName, m.Body, want)
		}
		ids = append(ids, m.ID)
	}
	if len(ids) != 130 {
		t.Fatalf("%d messages", len(ids))
	}
	seen := 0
	for m, err := range b.Messages(ctx, client.MessageFilter{XCRoomID: "r", SenderXCID: "kim", Sealed: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if text, err := m.Text(); err != nil || m.Sender.XCID != "kim" || m.Body == text {
			t.Errorf("%s: %v", text, err)
		}
		seen++
	}
	if seen != 65 {
		t.Errorf("%d messages of kim", seen)
	}
	slices.Reverse(ids)
	found, missing, err := b.MessagesByID(ctx, append(ids, "999999999", ids[0])...)
	if err != nil || len(found) != 130 || found[0].Body != "m129" || !slices.Equal(missing, []client.MessageID{"999999999"}) {
		t.Errorf("%d found, %q missing: %v", len(found), missing, err)
	}
}

package client_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

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
		if _, err := b.Send(ctx, client.BackendMessage{SenderXCID: by, XCRoomID: "r", Text: fmt.Sprint("m ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []client.MessageID
	for m, err := range b.Messages(ctx, client.MessageFilter{XCRoomID: "r", Types: []client.MessageType{client.TextMessage}, OldestFirst: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint("m ", len(ids)); m.Body != want || m.TypeName != "text" {
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
	// The index follows.
	for deadline := time.Now().Add(20 * time.Second); ; {
		seen = 0
		for m, err := range b.Search(ctx, client.MessageSearch{Query: "m", XCRoomID: "r"}) {
			if err != nil {
				t.Fatal(err)
			}
			if seen == len(ids) || m.ID != ids[len(ids)-1-seen] {
				break
			}
			seen++
		}
		if seen == 130 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d messages are found, in their order", seen)
		}
	}
	slices.Reverse(ids)
	found, missing, err := b.MessagesByID(ctx, append(ids, "999999999", ids[0])...)
	if err != nil || len(found) != 130 || found[0].Body != "m 129" || !slices.Equal(missing, []client.MessageID{"999999999"}) {
		t.Errorf("%d found, %q missing: %v", len(found), missing, err)
	}
	last := ids[0]
	payload := `{"x":1}`
	if _, _, err := b.EditMessage(ctx, client.MessageEdit{ID: last, Text: "edited", Payload: &payload}); client.CodeOf(err) != client.CodeInvalid {
		t.Errorf("a text with data: %v", err)
	}
	for _, again := range []bool{false, true} {
		m, changed, err := b.EditMessage(ctx, client.MessageEdit{ID: last, Text: "edited"})
		if err != nil || changed == again || m.Body != "edited" || !m.Edited || m.ID != last {
			t.Errorf("EditMessage, again %v: %v, %+v, %v", again, changed, m, err)
		}
	}
	if skipped, err := b.DeleteMessages(ctx, last, "999999999"); err != nil || !slices.Equal(skipped, []client.MessageID{"999999999"}) {
		t.Errorf("DeleteMessages: %q, %v", skipped, err)
	}
	id, err := b.SendSystem(ctx, "r", "Paid")
	if err != nil {
		t.Fatal(err)
	}
	if list, _, err := b.MessagesByID(ctx, last, id); err != nil || !list[0].Deleted || list[1].Body != "Paid" || list[1].Type != client.SystemMessage {
		t.Errorf("%+v, %v", list, err)
	}
}

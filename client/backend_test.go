package client_test

import (
	"errors"
	"slices"
	"testing"

	"parlor/client"
	"parlor/test/env/servertest"
)

func TestBackend(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	b, ctx := backendOf(t, s), t.Context()

	ana, err := b.PutUser(ctx, client.Profile{XCID: "ana", Fullname: "Ana", Email: new("ana@example.com")})
	if err != nil || ana == "" {
		t.Fatalf("PutUser: %q, %v", ana, err)
	}
	if _, err := b.PutUser(ctx, client.Profile{XCID: "kim", Fullname: "Kim", RoleCode: new("agent")}); err != nil {
		t.Fatal(err)
	}
	// A field that is nil keeps what is stored, one that is "" clears it.
	if _, err := b.PutUser(ctx, client.Profile{XCID: "ana", Fullname: "Ana B", Phone: new("")}); err != nil {
		t.Fatal(err)
	}

	role, err := b.PutRole(ctx, client.RoleSettings{Code: "agent", Name: new("Support")})
	if err != nil || role.Name != "Support" {
		t.Errorf("PutRole: %+v, %v", role, err)
	}
	roles, more, err := b.Roles(ctx, "", 10)
	if err != nil || more || !slices.Equal(roles, []client.Role{role}) {
		t.Errorf("Roles: %+v, %v, %v", roles, more, err)
	}

	room, err := b.PutRoom(ctx, client.RoomSettings{
		XCID: "order", Type: client.Group, Name: "Order", Participants: []string{"ana", "nobody"}, Roles: []string{"agent"},
	})
	if err != nil || room.Total != 2 || !slices.Equal(room.Skipped, []string{"nobody"}) {
		t.Fatalf("PutRoom: %+v, %v", room, err)
	}
	if ana := room.Participants[0]; ana.Email != "ana@example.com" || ana.Fullname != "Ana B" || ana.Created.IsZero() {
		t.Errorf("a participant: %+v", ana)
	}
	if _, err := b.PutUser(ctx, client.Profile{XCID: "bo", Fullname: "Bo"}); err != nil {
		t.Fatal(err)
	}
	if room, err = b.AddParticipants(ctx, "order", "bo"); err != nil || room.Total != 3 {
		t.Errorf("AddParticipants: %d, %v", room.Total, err)
	}
	if room, err = b.RemoveParticipants(ctx, "order", "bo"); err != nil || room.Total != 2 {
		t.Errorf("RemoveParticipants: %d, %v", room.Total, err)
	}
	if room, err = b.Room(ctx, "order", client.Page{Limit: 1, Offset: 1}); err != nil || len(room.Participants) != 1 {
		t.Errorf("Room: %+v, %v", room, err)
	}

	for _, want := range []bool{true, false} {
		if changed, err := b.LockRoom(ctx, "order", "kim"); err != nil || changed != want {
			t.Errorf("LockRoom: %v, %v; want %v", changed, err, want)
		}
	}
	if changed, err := b.UnlockRoom(ctx, "order", "kim"); err != nil || !changed {
		t.Errorf("UnlockRoom: %v, %v", changed, err)
	}

	message := client.BackendMessage{
		LocalID: client.NewLocalID(), Text: "Shipped", SenderXCID: "kim", XCRoomID: "order",
		Quote: &client.Quote{Title: "Order", Content: "2 articles"},
	}
	for _, want := range []bool{false, true} {
		if sent, err := b.Send(ctx, message); err != nil || sent.Repeated != want || sent.LocalID != message.LocalID {
			t.Errorf("Send: %+v, %v; want it repeated: %v", sent, err, want)
		}
	}
	rooms, more, err := b.RoomsOfUser(ctx, "ana", client.Page{}, "order")
	if err != nil || more || len(rooms) != 1 {
		t.Fatalf("RoomsOfUser: %+v, %v, %v", rooms, more, err)
	}
	last := rooms[0].LastMessage
	text, err := last.Text()
	quoted, quoteErr := last.QuotedText()
	if text != "Shipped" || quoted != "2 articles" || err != nil || quoteErr != nil || last.Room.XCID != "order" {
		t.Errorf("the last message: %q, %v, quotes %q, %v, in %+v", text, err, quoted, quoteErr, last.Room)
	}

	added, deleted, err := b.SyncContacts(ctx, []client.ContactChange{
		{Owner: "ana", Contact: "kim"}, {Owner: "kim", Contact: "ana"}, {Owner: "ana", Contact: "kim", Delete: true},
	})
	if err != nil || added != 2 || deleted != 1 {
		t.Errorf("SyncContacts: %d, %d, %v", added, deleted, err)
	}
	if changed, err := b.DeleteUser(ctx, "bo"); err != nil || !changed {
		t.Errorf("DeleteUser: %v, %v", changed, err)
	}
}

func TestRefusals(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	b, ctx := backendOf(t, s), t.Context()

	_, err := b.Room(ctx, "ORD-4711", client.Page{})
	var refusal *client.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("a room that does not exist: %v", err)
	}
	if refusal.Status != 404 || refusal.Code != client.CodeNotFound || refusal.NotFound != "ORD-4711" || refusal.RequestID == "" {
		t.Errorf("the refusal is %+v", refusal)
	}
	if want := `parlor: 40401 Room is not found: "ORD-4711" (request ` + refusal.RequestID + ")"; refusal.Error() != want {
		t.Errorf("it says %q, want %q", refusal.Error(), want)
	}
	_, err = b.PutUser(ctx, client.Profile{XCID: "ana"})
	if !errors.As(err, &refusal) || refusal.Code != client.CodeInvalid || refusal.Param != "106" {
		t.Errorf("a user without a name: %v", err)
	}

	stranger, err := client.NewBackend(client.Config{URL: s.URL + "/api/", Key: "nobody:secret"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Room(ctx, "any", client.Page{}); client.CodeOf(err) != client.CodeUnknownKey {
		t.Errorf("an unknown key: %v", err)
	}
	for _, c := range []client.Config{
		{URL: "parlor.example.com", Key: "a:b"},
		{URL: "ftp://parlor.example.com", Key: "a:b"},
		{URL: s.URL, Key: "only an id"},
		{URL: s.URL, Key: ":secret"},
		{URL: s.URL + "/?a=b", Key: "a:b"},
	} {
		if _, err := client.NewBackend(c); err == nil {
			t.Errorf("NewBackend takes %+v", c)
		}
	}
}

package client_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

func TestDevice(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	ctx := t.Context()
	ana, bo := signIn(t, s, "ana", "a"), signIn(t, s, "bo", "b")

	made, err := ana.CreateGroup(ctx, "Trip", bo.UserID())
	if err != nil || made.Total != 2 || !slices.Equal(made.AdminIDs, []client.UserID{ana.UserID()}) {
		t.Fatalf("CreateGroup: %+v, %v", made, err)
	}
	room := made.Room.ID
	if r, err := ana.RenameGroup(ctx, room, "Big trip"); err != nil || r.Name != "Big trip" {
		t.Errorf("RenameGroup: %+v, %v", r, err)
	}
	if _, err := bo.RenameGroup(ctx, room, "Mine"); client.CodeOf(err) != client.CodeForbidden {
		t.Errorf("RenameGroup by somebody else: %v", err)
	}
	if err := ana.LeaveRoom(ctx, room); !errors.Is(err, client.ErrLastAdmin) {
		t.Errorf("LeaveRoom: %v", err)
	}
	if d, err := ana.Promote(ctx, room, bo.UserID()); err != nil || len(d.AdminIDs) != 2 {
		t.Errorf("Promote: %+v, %v", d, err)
	}
	common, err := ana.GroupsInCommon(ctx, bo.UserID())
	if err != nil || len(common) != 1 || common[0].ID != room {
		t.Errorf("GroupsInCommon: %+v, %v", common, err)
	}

	localID, err := ana.Send(ctx, client.Draft{RoomID: room, Text: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	list, more, err := bo.MessagesBefore(ctx, room, client.Time{}, 1)
	if err != nil || !more || len(list) != 1 || list[0].LocalID != localID {
		t.Fatalf("MessagesBefore: %+v, %v, %v", list, more, err)
	}
	hello := list[0]
	if list, _, err = bo.MessagesAfter(ctx, room, hello.Created, hello.Updated); err != nil || len(list) == 0 {
		t.Errorf("MessagesAfter: %+v, %v", list, err)
	}
	if ids, err := bo.MarkRead(ctx, hello.ID); err != nil || !slices.Equal(ids, []client.MessageID{hello.ID}) {
		t.Errorf("MarkRead: %v, %v", ids, err)
	}
	if n, err := ana.TotalRead(ctx, hello.ID); err != nil || n != 1 {
		t.Errorf("TotalRead: %d, %v", n, err)
	}
	details, err := ana.MessageDetails(ctx, hello.ID)
	if err != nil || len(details.ReadBy) != 1 || details.ReadBy[0].UserID != bo.UserID() || details.ReadBy[0].Read.IsZero() {
		t.Errorf("MessageDetails: %+v, %v", details, err)
	}
	if _, err := ana.Star(ctx, room, hello.ID); err != nil {
		t.Error(err)
	}
	page, err := ana.Starred(ctx, room, 1, 10)
	if err != nil || page.TotalItems != 1 || page.Messages[0].ID != hello.ID {
		t.Errorf("Starred: %+v, %v", page, err)
	}
	if ids, err := bo.HideMessages(ctx, room, hello.ID); err != nil || len(ids) != 1 {
		t.Errorf("HideMessages: %v, %v", ids, err)
	}
	if ids, err := ana.DeleteMessages(ctx, room, hello.ID); err != nil || len(ids) != 1 {
		t.Errorf("DeleteMessages: %v, %v", ids, err)
	}

	until := time.Now().Add(time.Hour)
	if ids, err := ana.MuteRooms(ctx, until, room); err != nil || !slices.Equal(ids, []client.RoomID{room}) {
		t.Errorf("MuteRooms: %v, %v", ids, err)
	}
	if _, err := ana.PinRooms(ctx, room); err != nil {
		t.Error(err)
	}
	p, err := ana.RoomPreferences(ctx)
	if err != nil || !slices.Equal(p.Pinned, []client.RoomID{room}) || len(p.Muted) != 1 || p.Muted[0].Until.Unix() != until.Unix() {
		t.Errorf("RoomPreferences: %+v, %v", p, err)
	}

	if err := ana.AddContact(ctx, bo.UserID()); err != nil {
		t.Error(err)
	}
	if list, err := ana.Contacts(ctx); err != nil || len(list) != 1 || list[0].XCID != "bo" {
		t.Errorf("Contacts: %+v, %v", list, err)
	}
	if u, err := ana.UserByXCID(ctx, "bo"); err != nil || u.ID != bo.UserID() {
		t.Errorf("UserByXCID: %+v, %v", u, err)
	}
	if c, err := appOf(t, s.URL).Configs(ctx); err != nil || len(c.Core) == 0 {
		t.Errorf("Configs: %+v, %v", c, err)
	}
	if err := ana.DeleteRoom(ctx, made.Room); err != nil {
		t.Errorf("DeleteRoom: %v", err)
	}

	for range 2 {
		if err := ana.SignOut(ctx); err != nil {
			t.Errorf("SignOut: %v", err)
		}
	}
	if _, err := ana.Contacts(ctx); !client.IsSignedOut(err) {
		t.Errorf("a call after signing out: %v", err)
	}
}

// TestRefresh has tokens expire by the server's clock, of which the device knows nothing.
func TestRefresh(t *testing.T) {
	var mu sync.Mutex
	var ahead time.Duration
	s := servertest.Start(t, servertest.SQLite(t), func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.Now().Add(ahead)
	})
	ctx := t.Context()
	ticket, err := backendOf(t, s).RequestTicket(ctx, client.Profile{XCID: "ana", Fullname: "Ana"})
	if err != nil {
		t.Fatal(err)
	}
	kept := make(chan client.Tokens, 100)
	o := client.DeviceOptions{ID: "a", OnTokens: func(t client.Tokens) { kept <- t }}
	d, err := appOf(t, s.URL).SignIn(ctx, ticket.Text, o)
	if err != nil {
		t.Fatal(err)
	}
	first := <-kept
	if first != d.Tokens() || first.UserID != ticket.UserID {
		t.Errorf("the first tokens are %+v, of %+v", first, ticket)
	}

	mu.Lock()
	ahead = 25 * time.Hour // access tokens live for 24
	mu.Unlock()
	var calls sync.WaitGroup
	for range 8 { // as many as the server takes at once
		calls.Go(func() {
			if _, err := d.Contacts(ctx); err != nil {
				t.Errorf("a call with an expired token: %v", err)
			}
		})
	}
	calls.Wait()
	if len(kept) != 1 || d.Tokens() == first {
		t.Errorf("%d exchanges, want one", len(kept))
	}

	// Another run of the program goes on with what was kept; the old ones are good for nothing.
	resumed := appOf(t, s.URL).Resume(<-kept, o)
	if _, err := resumed.Contacts(ctx); err != nil {
		t.Errorf("a call with resumed tokens: %v", err)
	}
	mu.Lock()
	ahead += 25 * time.Hour
	mu.Unlock()
	if _, err := appOf(t, s.URL).Resume(first, o).Contacts(ctx); !client.IsSignedOut(err) {
		t.Errorf("a call with tokens that were exchanged: %v", err)
	}
}

// TestRefreshAhead has tokens exchanged before they expire.
func TestRefreshAhead(t *testing.T) {
	cfg := servertest.SQLite(t)
	cfg.AccessLifetime = time.Second
	s := servertest.Start(t, cfg, nil)
	d := signIn(t, s, "ana", "a")
	first := d.Tokens()
	for deadline := time.Now().Add(20 * time.Second); d.Tokens() == first; {
		if _, err := d.Contacts(t.Context()); err != nil || time.Now().After(deadline) {
			t.Fatalf("the tokens stay, or a call fails: %v", err)
		}
	}
	if left := time.Until(first.AccessExpiry.Time); left < 0 {
		t.Logf("exchanged %v after their end, on a slow machine", -left)
	}
}

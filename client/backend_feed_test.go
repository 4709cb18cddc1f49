package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

// TestEvents reads what happens as it happens, goes on from a cursor, and sees what a filter lets pass.
func TestEvents(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		b := backendOf(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start, err := b.EventPage(ctx, client.FeedFilter{Cursor: client.FeedFromNow}, 0)
		if err != nil || len(start.Events) > 0 || start.Cursor == "" {
			t.Fatalf("from now: %+v, %v", start, err)
		}
		user(t, b, "ana")
		room := group(t, b, "order", "ana")
		if _, err := b.Send(ctx, client.BackendMessage{Text: "Shipped", SenderXCID: "ana", XCRoomID: "order"}); err != nil {
			t.Fatal(err)
		}
		var types []client.FeedType
		cursor := ""
		for page, err := range b.Events(ctx, client.FeedFilter{Cursor: start.Cursor, Limit: 2}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Events {
				types = append(types, e.Type)
				if e.ID == "" || e.Created.IsZero() {
					t.Errorf("an event without id or time: %+v", e)
				}
			}
			if cursor = page.Cursor; !page.More && slices.Contains(types, client.FeedMessageCreated) {
				if m := page.Events[len(page.Events)-1].Data.Message; m == nil || m.Body != "Shipped" || m.TypeName != "text" ||
					m.Sender.XCID != "ana" || m.Room.ID != room {
					t.Errorf("the message is %+v", m)
				}
				break
			}
		}
		want := []client.FeedType{
			client.FeedUserCreated, client.FeedRoomCreated, client.FeedParticipantAdded, client.FeedMessageCreated, // "room was created"
			client.FeedMessageCreated,
		}
		slices.Sort(want)
		if slices.Sort(types); !slices.Equal(types, want) {
			t.Errorf("events %v, want %v", types, want)
		}

		// One that waits gets what comes, and only what it wants.
		wake := time.AfterFunc(300*time.Millisecond, func() {
			_, _ = b.LockRoom(ctx, "order", "ana")
		})
		defer wake.Stop()
		for page, err := range b.Events(ctx, client.FeedFilter{Cursor: cursor, Types: []client.FeedType{client.FeedRoomLocked}}) {
			if err != nil || len(page.Events) != 1 || page.Events[0].Data.By == nil || page.Events[0].Data.By.XCID != "ana" ||
				page.Events[0].Data.Room == nil || !page.Events[0].Data.Room.Locked {
				t.Fatalf("after a lock: %+v, %v", page, err)
			}
			break
		}
	})
}

// TestEventsEnd ends the loop by its context, and by a refusal.
func TestEventsEnd(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	b := backendOf(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	for page, err := range b.Events(ctx, client.FeedFilter{Cursor: client.FeedFromNow}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%+v, %v; want the end of the context", page, err)
		}
	}
	n := 0
	for page, err := range b.Events(t.Context(), client.FeedFilter{Cursor: "nonsense"}) {
		if n++; client.CodeOf(err) != client.CodeInvalid {
			t.Errorf("%+v, %v; want a refusal", page, err)
		}
	}
	if n != 1 {
		t.Errorf("a refusal came %d times", n)
	}
}

// TestEventsOutlastTheServer reads on when the server is there again.
func TestEventsOutlastTheServer(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	b, err := client.NewBackend(client.Config{URL: s.URL, Key: servertest.ServerKey, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	from, err := b.EventPage(ctx, client.FeedFilter{Cursor: client.FeedFromNow}, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.Stop(t)
	time.AfterFunc(time.Second, func() {
		s.StartAgain(t)
		for i := range 3 {
			user(t, backendOf(t, s), fmt.Sprint("late-", i))
		}
	})
	var got []string
	for page, err := range b.Events(ctx, client.FeedFilter{Cursor: from.Cursor}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			got = append(got, e.Data.User.XCID)
		}
		if len(got) == 3 {
			break
		}
	}
	if !slices.Equal(got, []string{"late-0", "late-1", "late-2"}) {
		t.Errorf("users %v", got)
	}
}

// user makes a user.
func user(t testing.TB, b *client.Backend, xc string) {
	t.Helper()
	if _, err := b.PutUser(t.Context(), client.Profile{XCID: xc, Fullname: "Name of " + xc}); err != nil {
		t.Error(err)
	}
}

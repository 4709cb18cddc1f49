package e2e

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/config"
	"parlor/test/env/servertest"
)

// TestTokens walks through the life of a login by the clock: each way in which a token
// fails has its own code, since SDKs refresh on one and sign out on the others.
func TestTokens(t *testing.T) {
	for engine, newConfig := range map[string]func(testing.TB) config.Config{
		"sqlite": servertest.SQLite, "postgres": servertest.Postgres,
	} {
		t.Run(engine, func(t *testing.T) {
			var ms atomic.Int64
			ms.Store(time.Now().UnixMilli())
			pass := func(d time.Duration) { ms.Add(d.Milliseconds()) }
			s := servertest.Start(t, newConfig(t), func() time.Time { return time.UnixMilli(ms.Load()) })
			a := s.Default()

			var ticket struct{ Ticket string }
			profile := map[string]any{"xcUserID": "ana", "fullName": "Ana"}
			a.Must(t, "auth_ticket/request", profile, &ticket)
			ana := a.SignIn(t, "ana", "a1")
			try := func(path, token string) string {
				return s.Do(t, http.MethodPost, path, ana.Headers(token), "").Error.Code
			}
			const request, refresh, call = "/v1/auth/access_token/request", "/v1/auth/access_token/refresh",
				"/v1/client/contact/list"
			check := func(what, got, want string) {
				t.Helper()
				if got != want {
					t.Errorf("%s: code %q, want %q", what, got, want)
				}
			}
			check("a ticket", try(request, ticket.Ticket), "")
			check("a ticket, again", try(request, ticket.Ticket), "40103")
			a.Must(t, "auth_ticket/request", profile, &ticket)
			pass(time.Hour + time.Second)
			check("an old ticket", try(request, ticket.Ticket), "40103")
			check("no token", try(call, ""), "40101")
			check("nonsense", try(call, "nonsense"), "40103")
			check("a refresh token as an access token", try(call, ana.Refresh), "40103")
			check("an access token as a refresh token", try(refresh, ana.Access), "40103")
			check("an access token", try(call, ana.Access), "")
			pass(24 * time.Hour)
			check("an expired access token", try(call, ana.Access), "40104")
			check("the same at the socket's door",
				s.Do(t, http.MethodGet, "/connect?check=1", ana.Headers(ana.Access), "").Error.Code, "40104")
			check("no login is needed for the settings", try("/v1/client/project_configs", ana.Access), "")

			old, expired := ana.Refresh, ana.Access
			ana.RefreshTokens(t)
			check("a new access token", try(call, ana.Access), "")
			check("the old one stays expired", try(call, expired), "40104")
			pass(59 * time.Second)
			check("a replaced refresh token within its grace", try(refresh, old), "")
			pass(2 * time.Second)
			check("a replaced refresh token", try(refresh, old), "40103")
			check("the new one", try(refresh, ana.Refresh), "")
			check("logout", try("/v1/client/logout", ana.Access), "")
			check("after the logout", try(call, ana.Access), "40103")
			check("a refresh after the logout", try(refresh, ana.Refresh), "40103")
		})
	}
}

// TestBrowsersMayCall: every answer lets pages of other origins read it, and preflights
// need no key.
func TestBrowsersMayCall(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		for _, path := range []string{
			"/v1/client/contact/list", "/api/v1/chat/message/new_and_updated", "/connect", "/nowhere",
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, a.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Headers") == "" {
				t.Errorf("preflight of %s: %d %v", path, resp.StatusCode, resp.Header)
			}
			answer := a.Do(t, http.MethodPost, path, http.Header{}, "")
			if answer.HTTP.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s answers without the origins' header", path)
			}
		}
	})
}

// TestEditAndDelete: only the sender edits, and only what an edit may change.
func TestEditAndDelete(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		pair := ana.UserID + "-" + bo.UserID
		local := ana.Send(t, pair, "first")
		ana.NextMessage(t)
		got := bo.NextMessage(t)
		if got.Room.Name != "Name of ana" || got.RecipientID != bo.UserID {
			t.Errorf("bo sees %+v to %s", got.Room, got.RecipientID)
		}
		bo.Emit(t, "chat/updateMessage", servertest.Draft(t, pair, local, "not mine"))
		edit := servertest.Draft(t, pair, local, "second")
		edit["quote"] = map[string]any{"title": "ignored", "content": ""}
		ana.Emit(t, "chat/updateMessage", edit)
		for _, d := range []*servertest.Device{ana, bo} {
			if m := d.NextUpdate(t); m.Text(t) != "second" || !m.IsMessageEdited || m.Created != got.Created ||
				m.Updated <= got.Updated || m.Quote.Title != "" {
				t.Errorf("edited: %q %+v", m.Text(t), m)
			}
		}
		if answer := bo.Try(t, "chat/message/delete", map[string]any{
			"roomID": pair, "messageIDs": []string{got.MessageID}, "forEveryone": true,
		}); answer.Error.Code != "40301" {
			t.Errorf("another's message: %s", answer.Body)
		}
		bo.Call(t, "chat/message/delete", map[string]any{
			"roomID": pair, "messageIDs": []string{got.MessageID}, "forEveryone": false,
		}, nil)
		bo.Next(t, "the deletion for bo alone", func(e servertest.Event) bool {
			return e.Message.IsDeleted && e.Message.IsHidden
		})
		ana.NextUpdate(t) // bo has read it
		ana.Call(t, "chat/message/delete", map[string]any{
			"roomID": pair, "messageIDs": []string{got.MessageID}, "forEveryone": true,
		}, nil)
		if m := ana.NextUpdate(t); !m.IsDeleted || m.Deleted == 0 || m.IsHidden || m.Text(t) != "" || m.Data != "" {
			t.Errorf("deleted: %+v", m)
		}
	})
}

// TestLastMessageOfLeavers: a user who leaves, or is removed, gets the message that says so and
// none after it, and may read the past up to there.
func TestLastMessageOfLeavers(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		var group roomAnswer
		ana.Call(t, "client/room/create", map[string]any{"name": "G", "type": 2, "userIDs": []string{bo.UserID}}, &group)
		room := group.Room.RoomID
		bo.Call(t, "client/room/leave", map[string]any{"roomID": room}, nil)
		left := bo.Next(t, "room/leave", func(e servertest.Event) bool { return e.Message.Action == "room/leave" }).Message
		ana.Send(t, room, "alone")
		ana.NextMessage(t)
		var page struct{ Messages []servertest.Message }
		bo.Call(t, "chat/message/list_by_room/before", map[string]any{"roomID": room}, &page)
		if len(page.Messages) != 2 || page.Messages[0].MessageID != left.MessageID {
			t.Errorf("bo may read %d messages", len(page.Messages))
		}
		if answer := bo.Try(t, "chat/message/send/custom", map[string]any{
			"roomID": room, "localID": "abcdefghabcdefghabcdefghabcdefgh", "messageType": 1001, "body": "x",
		}); answer.Error.Code != "40301" {
			t.Errorf("bo writes: %s", answer.Body)
		}
		ana.Call(t, "client/room/participants/add", map[string]any{"roomID": room, "userIDs": []string{bo.UserID}}, nil)
		bo.Next(t, "room/addParticipant", func(e servertest.Event) bool { return e.Message.Action == "room/addParticipant" })
		local := ana.Send(t, room, "back")
		if m := bo.NextMessage(t); m.LocalID != local {
			t.Errorf("bo got %+v", m)
		}
	})
}

// TestCatchingUp: a device that was away gets what is new and what has changed, each once.
func TestCatchingUp(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1")
		pair := ana.UserID + "-" + bo.UserID
		first := ana.Send(t, pair, "first")
		sent := ana.NextMessage(t)
		catchUp := func(want ...string) {
			t.Helper()
			var page struct{ Messages []servertest.Message }
			bo.Call(t, "chat/message/new_and_updated", "", &page)
			var got []string
			for _, m := range page.Messages {
				got = append(got, m.LocalID)
			}
			if len(got) != len(want) {
				t.Fatalf("caught up with %v, want %v", got, want)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("caught up with %v, want %v", got, want)
				}
			}
		}
		catchUp(first)
		catchUp()
		second := ana.Send(t, pair, "second")
		ana.NextMessage(t)
		catchUp(second)
		catchUp()
		ana.Call(t, "chat/message/delete", map[string]any{
			"roomID": pair, "messageIDs": []string{sent.MessageID}, "forEveryone": true,
		}, nil)
		catchUp(first)
		catchUp()
	})
}

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"parlor/internal/config"
	"parlor/test/env/natstest"
	"parlor/test/env/servertest"
)

// ticketFor is a ticket, or the code and message of the refusal.
func ticketFor(t testing.TB, s *servertest.App, xc string) (ticket string, refused failure) {
	t.Helper()
	a := call(t, s, "auth_ticket/request", obj{"xcUserID": xc, "fullName": "Name of " + xc})
	if a.Status != 200 {
		return "", failure{a.Error.Code, a.Error.Message, a.Error.Field}
	}
	var data struct{ Ticket string }
	unmarshal(t, a, &data)
	return data.Ticket, failure{}
}

// signInWith is how the purchase of a login with a ticket is answered, and the login's access token.
func signInWith(t testing.TB, s *servertest.App, ticket, device string) (access, code string) {
	t.Helper()
	d := servertest.Device{App: s, Name: device}
	a := s.Do(t, http.MethodPost, "/v1/auth/access_token/request", d.Headers(ticket), "")
	var data struct{ AccessToken string }
	unmarshal(t, a, &data)
	return data.AccessToken, a.Error.Code
}

// lives reports whether an access token is good for something.
func lives(t testing.TB, s *servertest.App, access string) bool {
	t.Helper()
	d := servertest.Device{App: s, Name: "any", Access: access}
	switch code := d.Try(t, "client/contact/list", obj{}).Error.Code; code {
	case "":
		return true
	case "40103":
		return false
	default:
		t.Fatalf("an access token is answered with %q", code)
		return false
	}
}

// unmarshal reads an answer's data.
func unmarshal(t testing.TB, a servertest.Answer, data any) {
	t.Helper()
	if err := json.Unmarshal(a.Data, data); err != nil {
		t.Errorf("%v: %s", err, a.Body)
	}
}

type signedOut struct{ LoginsEnded int }

func TestSignOut(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		phone, tablet, bo := s.SignIn(t, "ana", "phone").Connect(t), s.SignIn(t, "ana", "tablet").Connect(t), s.SignIn(t, "bo", "phone").Connect(t)
		phone2 := s.SignIn(t, "ana", "phone")
		ticket, _ := ticketFor(t, s, "ana")
		if got := ask[signedOut](t, s, "user/logout", obj{"xcUserID": "ana", "deviceID": "none"}); got.LoginsEnded != 0 {
			t.Errorf("of a device that there is not: %+v", got)
		}
		if got := ask[signedOut](t, s, "user/logout", obj{"xcUserID": "ana", "deviceID": "phone"}); got.LoginsEnded != 2 {
			t.Errorf("of the phone: %+v", got)
		}
		<-phone.Closed()
		if lives(t, s, phone.Access) || lives(t, s, phone2.Access) || !lives(t, s, tablet.Access) {
			t.Error("of one device another set of logins was ended")
		}
		if a := s.Do(t, http.MethodPost, "/v1/auth/access_token/refresh", phone.Headers(phone.Refresh), ""); a.Error.Code != "40103" {
			t.Errorf("a refresh: %s", a.Body)
		}
		access, code := signInWith(t, s, ticket, "phone")
		if code != "" {
			t.Errorf("the ticket of before is %q", code)
		}
		ticket, _ = ticketFor(t, s, "ana")
		if got := ask[signedOut](t, s, "user/logout", obj{"xcUserID": "ana"}); got.LoginsEnded != 2 {
			t.Errorf("of all: %+v", got)
		}
		<-tablet.Closed()
		if lives(t, s, tablet.Access) || lives(t, s, access) || !lives(t, s, bo.Access) {
			t.Error("another set of logins was ended")
		}
		if _, code := signInWith(t, s, ticket, "phone"); code != "40103" {
			t.Errorf("a ticket of before: %q", code)
		}
		if got := ask[signedOut](t, s, "user/logout", obj{"xcUserID": "ana"}); got.LoginsEnded != 0 {
			t.Errorf("again: %+v", got)
		}
		refuse(t, s, "user/logout", obj{"xcUserID": "nobody"}, userNotFound)
		s.SignIn(t, "ana", "phone")
	})
}

func TestDeactivatedUser(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "bo", "1").Connect(t)
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}})
		room := getRoom(t, s, "r").Room.RoomID
		ticket, _ := ticketFor(t, s, "ana")
		before := ask[knownUsers](t, s, "user/get", obj{"xcUserIDs": list{"ana"}}).Users[0]
		if got := ask[result](t, s, "user/deactivate", obj{"xcUserID": "ana"}); got != (result{true, "The user has been deactivated"}) {
			t.Errorf("deactivate: %+v", got)
		}
		if got := ask[result](t, s, "user/deactivate", obj{"xcUserID": "ana"}); got != (result{false, "The user is already deactivated"}) {
			t.Errorf("deactivate again: %+v", got)
		}
		<-ana.Closed()
		if lives(t, s, ana.Access) {
			t.Error("the access token works")
		}
		if _, code := signInWith(t, s, ticket, "1"); code != "40103" {
			t.Errorf("the ticket: %q", code)
		}
		isOut := failure{"40301", "The user is deactivated", ""}
		if _, refused := ticketFor(t, s, "ana"); refused != isOut {
			t.Errorf("a new ticket: %+v", refused)
		}
		refuse(t, s, "auth_ticket/request", obj{"xcUserID": "ana", "fullName": "Changed"}, isOut)
		got := ask[knownUsers](t, s, "user/get", obj{"xcUserIDs": list{"ana"}}).Users[0]
		if got.State != "deactivated" || got.Deactivated == 0 || got.Updated <= before.Updated || got.Fullname != "Name of ana" {
			t.Errorf("she is %+v", got)
		}
		if xcs := xcOfUsers(walkUsers(t, s, obj{"state": "deactivated"}, 10)); !slices.Equal(xcs, []string{"ana"}) {
			t.Errorf("deactivated users %q", xcs)
		}

		// She stays a participant, is written to, and written for by the backend.
		if names := xcUserIDs(getRoom(t, s, "r").Participants); !slices.Equal(names, []string{"ana", "bo"}) {
			t.Errorf("participants %q", names)
		}
		send(t, s, "ana", "r", "for ana")
		local := bo.Send(t, room, "to ana")
		echo := bo.Next(t, "the echo", func(e servertest.Event) bool { return e.Message.LocalID == local })
		if echo.Message.Room.IsLocked {
			t.Error("the room is locked")
		}
		local = bo.Send(t, pairOf(ana, bo), "to her alone")
		bo.Next(t, "the echo", func(e servertest.Event) bool { return e.Message.LocalID == local })
		// A changed profile, and a deletion, change nothing of it.
		putUser(t, s, "ana", obj{"fullName": "Ana"})
		do(t, s, "user/delete", obj{"xcUserID": "ana"})
		if u := ask[knownUsers](t, s, "user/get", obj{"xcUserIDs": list{"ana"}}).Users[0]; u.State != "deleted" {
			t.Errorf("deleted she is %+v", u)
		}
		refuse(t, s, "user/deactivate", obj{"xcUserID": "ana"}, userNotFound)
		refuse(t, s, "user/reactivate", obj{"xcUserID": "ana"}, userNotFound)
		if _, refused := ticketFor(t, s, "ana"); refused != isOut {
			t.Errorf("a ticket after the deletion: %+v", refused)
		}
		putUser(t, s, "ana", obj{"fullName": "Ana"})
		if _, refused := ticketFor(t, s, "ana"); refused != isOut {
			t.Errorf("a ticket for who is back: %+v", refused)
		}

		if got := ask[result](t, s, "user/reactivate", obj{"xcUserID": "ana"}); got != (result{true, "The user has been reactivated"}) {
			t.Errorf("reactivate: %+v", got)
		}
		if got := ask[result](t, s, "user/reactivate", obj{"xcUserID": "ana"}); got != (result{false, "The user is not deactivated"}) {
			t.Errorf("reactivate again: %+v", got)
		}
		back := s.SignIn(t, "ana", "1").Connect(t)
		if texts := history(t, back, room); len(texts) != 2 || texts[0].Text(t) != "to ana" {
			t.Errorf("she reads %+v", texts)
		}
		refuse(t, s, "user/deactivate", obj{"xcUserID": "nobody"}, userNotFound)
	})
}

func TestUserData(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "ana", "bo")
		before := ask[knownUsers](t, s, "user/get", obj{"xcUserIDs": list{"ana"}}).Users[0]
		for _, data := range []obj{{"plan": "gold", "n": obj{"a": list{"x"}}}, {"plan": "ä\u2028"}, {}} {
			got := ask[result](t, s, "user/data/set", obj{"xcUserID": "ana", "data": data})
			if got != (result{true, "The data has been stored"}) {
				t.Errorf("set: %+v", got)
			}
			users := ask[knownUsers](t, s, "user/get", obj{"xcUserIDs": list{"ana", "bo"}}).Users
			listed := walkUsers(t, s, obj{"text": "ana"}, 10)
			if fmt.Sprint(users[0].Data) != fmt.Sprint(data) || len(users[1].Data) != 0 || fmt.Sprint(listed[0].Data) != fmt.Sprint(data) {
				t.Errorf("%v is kept as %v", data, users[0].Data)
			}
			if users[0].Updated != before.Updated {
				t.Error("it counts as a change of the profile")
			}
		}
		refuse(t, s, "user/data/set", obj{"xcUserID": "nobody", "data": obj{}}, userNotFound)
		for _, bad := range []any{"x", list{}, nil, obj{"x": string(make([]byte, 20_000))}} {
			if a := call(t, s, "user/data/set", obj{"xcUserID": "ana", "data": bad}); a.Error.Code != "40002" || a.Error.Field != "data" {
				t.Errorf("%.20v: %s", bad, a.Body)
			}
		}
	})
}

// TestLargeUserData: a page of users ends before it is too large, and nobody is lost by that.
func TestLargeUserData(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		large := make([]byte, 15_000)
		for i := range large {
			large[i] = 'x'
		}
		for i := range 90 {
			xc := fmt.Sprint("u", i)
			putUser(t, s, xc, obj{"fullName": "Large"})
			do(t, s, "user/data/set", obj{"xcUserID": xc, "data": obj{"x": string(large)}})
		}
		for _, filter := range []obj{{}, {"text": "large"}, {"updatedSince": 1}} {
			if page := ask[userPage](t, s, "user/list", filter); len(page.Users) >= 90 || len(page.Users) < 10 || !page.HasMore {
				t.Errorf("%v: a page of %d users, more %v", filter, len(page.Users), page.HasMore)
			}
			if got := walkUsers(t, s, filter, 100); len(got) != 90 {
				t.Errorf("%v: %d users in all", filter, len(got))
			}
		}
	})
}

// TestSignOutAgainstSignIn: a user signs in on two nodes while they are signed out and deactivated. Each login
// of which it is known that it was there before the end is over then, whichever node says so, no ticket of
// before buys another one, and nothing waits for what waits for it.
func TestSignOutAgainstSignIn(t *testing.T) {
	t.Parallel()
	for engine, start := range map[string]func(t *testing.T) []*servertest.App{
		"sqlite": func(t *testing.T) []*servertest.App {
			one := servertest.Start(t, servertest.SQLite(t), nil).Default()
			return []*servertest.App{one, one}
		},
		"postgres": func(t *testing.T) []*servertest.App { return twoNodes(t, servertest.Postgres(t)) },
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			nodes := start(t)
			for round := range 25 {
				raceSignOut(t, nodes, round)
			}
		})
	}
}

// twoNodes are two nodes with a bus.
func twoNodes(t *testing.T, cfg config.Config) []*servertest.App {
	t.Helper()
	cfg.NATS = natstest.Run(t).URL()
	return []*servertest.App{servertest.Start(t, cfg, nil).Default(), servertest.Start(t, cfg, nil).Default()}
}

func raceSignOut(t *testing.T, nodes []*servertest.App, round int) {
	t.Helper()
	xcs := []string{"ana", "bo"}
	tickets := map[string][]string{}
	for _, xc := range xcs {
		for range 8 {
			ticket, refused := ticketFor(t, nodes[0], xc)
			if refused != (failure{}) {
				t.Fatalf("a ticket: %+v", refused)
			}
			tickets[xc] = append(tickets[xc], ticket)
		}
	}
	var busy sync.WaitGroup
	var mu sync.Mutex
	bought := map[string][]string{}
	for i := range 8 {
		for _, xc := range xcs {
			busy.Go(func() {
				access, code := signInWith(t, nodes[i%2], tickets[xc][i], fmt.Sprint("d", i%3))
				if code != "" && code != "40103" && code != "40301" {
					t.Errorf("round %d: a sign-in is %q", round, code)
				}
				mu.Lock()
				defer mu.Unlock()
				if code == "" {
					bought[xc] = append(bought[xc], access)
				}
			})
		}
	}
	ends := []string{"user/logout", "user/deactivate"}
	for i, xc := range []string{"ana", "bo", "bo", "ana"} {
		busy.Go(func() { do(t, nodes[i%2], ends[(i+round)%2], obj{"xcUserID": xc}) })
	}
	busy.Wait()
	// All that was bought with tickets of before was bought before the last end, or not at all.
	for i, xc := range xcs {
		for _, access := range bought[xc] {
			if lives(t, nodes[i], access) {
				t.Errorf("round %d: a login of %s stands", round, xc)
			}
		}
		for _, ticket := range tickets[xc] {
			if _, code := signInWith(t, nodes[1-i], ticket, "late"); code != "40103" {
				t.Errorf("round %d: a ticket of before is %q", round, code)
			}
		}
		do(t, nodes[0], "user/reactivate", obj{"xcUserID": xc})
	}
}

// TestSignOutOnNodes: a user who is signed out or deactivated by a call to one node loses the sockets on all.
func TestSignOutOnNodes(t *testing.T) {
	t.Parallel()
	nodes := twoNodes(t, servertest.Postgres(t))
	for _, path := range []string{"user/logout", "user/deactivate"} {
		here, there := nodes[0].SignIn(t, "ana", "1").Connect(t), nodes[1].SignIn(t, "ana", "2").Connect(t)
		do(t, nodes[0], path, obj{"xcUserID": "ana"})
		<-here.Closed()
		<-there.Closed()
		for _, n := range nodes {
			if lives(t, n, here.Access) || lives(t, n, there.Access) {
				t.Errorf("%s: a token works", path)
			}
		}
	}
}

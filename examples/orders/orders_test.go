package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

// site is the shop on an address of its own, in front of a real server.
type site struct {
	url    string
	server *servertest.Server
	calls  chan call // of the webhook
}

// call is one that came in at the webhook, and what it was answered.
type call struct {
	header http.Header
	body   []byte
	status int
}

func start(t *testing.T) *site {
	t.Helper()
	cfg := servertest.SQLite(t)
	cfg.WebhookPrivateNetwork = true
	s := &site{server: servertest.Start(t, cfg, nil), calls: make(chan call, 100)}
	parlor, err := client.NewBackend(client.Config{URL: s.server.URL, Key: servertest.ServerKey})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewUnstartedServer(nil)
	s.url = "http://" + web.Listener.Addr().String()
	shop, err := open(t.Context(), parlor, s.url)
	if err != nil {
		t.Fatal(err)
	}
	inner := shop.handler()
	web.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/parlor" {
			inner.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		told := httptest.NewRecorder()
		inner.ServeHTTP(told, r)
		w.WriteHeader(told.Code)
		s.calls <- call{r.Header, body, told.Code}
	})
	web.Start()
	t.Cleanup(web.Close)
	return s
}

// ask asks the shop, and decodes what it answers.
func (s *site) ask(t *testing.T, path string, o order, out any) {
	t.Helper()
	body, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if status := s.post(t, path, nil, body, out); status != http.StatusOK {
		t.Fatalf("%s answers %d", path, status)
	}
}

func (s *site) post(t *testing.T, path string, header http.Header, body []byte, out any) (status int) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if out != nil {
		if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
			t.Fatal(err)
		}
	}
	return resp.StatusCode
}

// TestOrder has a customer order, sign in and write, and be answered once.
func TestOrder(t *testing.T) {
	s := start(t)
	robin := order{Order: "1001", Customer: "cust-7", Name: "Robin"}
	var room struct{ RoomID client.RoomID }
	for range 2 { // the second changes nothing
		s.ask(t, "/orders", robin, &room)
	}
	var ticket struct{ Ticket string }
	s.ask(t, "/tickets", robin, &ticket)
	app, err := client.NewApp(client.Config{URL: s.server.URL, Key: servertest.AppKey})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	phone, err := app.SignIn(ctx, ticket.Ticket, client.DeviceOptions{ID: "phone", Platform: "web"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := phone.Send(ctx, client.Draft{RoomID: room.RoomID, Text: "Where is it?"}); err != nil {
		t.Fatal(err)
	}

	question := s.until(t, "Where is it?")
	if status := s.post(t, "/parlor", question.header, question.body, nil); status != http.StatusNoContent {
		t.Errorf("told again, the shop answers %d", status)
	}
	if _, err := phone.Send(ctx, client.Draft{RoomID: room.RoomID, Text: "Hello?"}); err != nil {
		t.Fatal(err)
	}
	s.until(t, "Hello?")
	const answer = "We have got your message, Robin, and will be with you soon."
	want := []string{"Thank you for order 1001, Robin.", "Where is it?", answer, "Hello?", answer}
	if got := texts(t, s.server, "ORD-1001"); !slices.Equal(got, want) {
		t.Errorf("the room says %q, want %q", got, want)
	}
	if _, err := s.server.Default().Backend(t).DeleteRoom(ctx, "ORD-1001"); err != nil {
		t.Fatal(err)
	}
	if status := s.post(t, "/parlor", question.header, question.body, nil); status != http.StatusNoContent {
		t.Errorf("told of a room that is gone, the shop answers %d", status)
	}
}

// until waits for the call that tells of a text, which must have been taken.
func (s *site) until(t *testing.T, text string) call {
	t.Helper()
	for {
		select {
		case c := <-s.calls:
			if c.status != http.StatusNoContent {
				t.Fatalf("the webhook was answered %d", c.status)
			}
			if bytes.Contains(c.body, []byte(`"`+text+`"`)) {
				return c
			}
		case <-time.After(time.Minute):
			t.Fatalf("nobody told the shop of %q", text)
		}
	}
}

// texts are what was said in a room, in its order.
func texts(t *testing.T, s *servertest.Server, xcRoomID string) (all []string) {
	t.Helper()
	page, err := s.Default().Backend(t).EventPage(t.Context(), client.FeedFilter{
		Types: []client.FeedType{client.FeedMessageCreated}, Limit: 500,
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page.Events {
		if m := e.Data.Message; m != nil && e.Data.Room.XCID == xcRoomID && m.Type != client.SystemMessage {
			all = append(all, m.Body)
		}
	}
	return all
}

func TestStrangersAreRefused(t *testing.T) {
	s := start(t)
	body := []byte(`{"id":"evt_1","type":"message.created","data":{}}`)
	if status := s.post(t, "/parlor", nil, body, nil); status != http.StatusUnauthorized {
		t.Errorf("a call without a signature is answered %d", status)
	}
	if status := s.post(t, "/orders", nil, []byte("{"), nil); status != http.StatusBadRequest {
		t.Errorf("what is no JSON is answered %d", status)
	}
	if status := s.post(t, "/orders", nil, []byte(`{"order":"1"}`), nil); status != http.StatusBadRequest {
		t.Errorf("an order of nobody is answered %d", status)
	}
}

// TestRestart has a shop that starts again use the webhook that it has.
func TestRestart(t *testing.T) {
	s := start(t)
	parlor := s.server.Default().Backend(t)
	again, err := open(t.Context(), parlor, s.url)
	if err != nil {
		t.Fatal(err)
	}
	webhooks, err := parlor.Webhooks(t.Context())
	if err != nil || len(webhooks) != 1 {
		t.Fatalf("there are %d webhooks, %v", len(webhooks), err)
	}
	if again.secret == "" {
		t.Error("the shop knows no secret")
	}
}

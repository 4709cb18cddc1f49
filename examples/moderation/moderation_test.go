package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parlor/client"
	"parlor/test/env/servertest"
)

func TestJudge(t *testing.T) {
	m := newModerator([]string{"damn", "c++"}, []string{"OtherShop.example"})
	tests := []struct {
		text string
		want verdict
	}{
		{"A fine day", verdict{}},
		{"damnation", verdict{}},
		{"Damn it, DAMN!", verdict{Action: "change", Body: "**** it, ****!"}},
		{"buy at othershop.EXAMPLE, damn", verdict{Action: "refuse", Reason: "Please do not name othershop.example here"}},
	}
	for _, tt := range tests {
		if got := m.judge(tt.text); got != tt.want {
			t.Errorf("%q: %+v, want %+v", tt.text, got, tt.want)
		}
	}
	if got := newModerator(nil, nil).judge("damn"); got != (verdict{}) {
		t.Errorf("without words: %+v", got)
	}
}

// TestModeration has a device write what passes, what is masked and what is refused, on a real server.
func TestModeration(t *testing.T) {
	cfg := servertest.SQLite(t)
	cfg.WebhookPrivateNetwork = true
	server := servertest.Start(t, cfg, nil)
	parlor := server.Default().Backend(t)
	m := newModerator([]string{"damn"}, []string{"othershop.example"})
	web := httptest.NewUnstartedServer(m)
	if err := m.register(t.Context(), parlor, "http://"+web.Listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	web.Start()
	defer web.Close()

	robin := signIn(t, server, parlor)
	room, err := parlor.PutRoom(t.Context(), client.RoomSettings{
		XCID: "ORD-1", Type: client.Group, Name: "Order 1", Participants: []string{"cust-7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) error {
		_, err := robin.Send(t.Context(), client.Draft{RoomID: room.Room.ID, Text: text})
		return err
	}
	for _, text := range []string{"Where is it?", "Damn, where is it?"} {
		if err := write(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	err = write("Cheaper at othershop.example")
	if refusal, ok := errors.AsType[*client.Error](err); !ok || refusal.Code != client.CodeForbidden ||
		!strings.Contains(refusal.Message, "othershop.example") {
		t.Errorf("the address of another shop: %v", err)
	}

	web.Close()
	if err := write("Is anybody there?"); client.CodeOf(err) != client.CodeUnavailable {
		t.Errorf("without the moderator: %v", err)
	}
	page, err := parlor.EventPage(t.Context(), client.FeedFilter{Types: []client.FeedType{client.FeedMessageCreated}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range page.Events {
		if e.Data.Message.Type != client.SystemMessage {
			got = append(got, e.Data.Message.Body)
		}
	}
	if want := "Where is it?|****, where is it?"; strings.Join(got, "|") != want {
		t.Errorf("the room says %q, want %q", strings.Join(got, "|"), want)
	}
}

func signIn(t *testing.T, server *servertest.Server, parlor *client.Backend) *client.Device {
	t.Helper()
	ticket, err := parlor.RequestTicket(t.Context(), client.Profile{XCID: "cust-7", Fullname: "Robin Vale"})
	if err != nil {
		t.Fatal(err)
	}
	app, err := client.NewApp(client.Config{URL: server.URL, Key: servertest.AppKey, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	device, err := app.SignIn(t.Context(), ticket.Text, client.DeviceOptions{ID: "phone", Platform: "web"})
	if err != nil {
		t.Fatal(err)
	}
	return device
}

func TestStrangersAreRefused(t *testing.T) {
	m := newModerator(nil, nil)
	m.secret = "whsec_AAAA"
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}")))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("a question without a signature is answered %d", w.Code)
	}
}

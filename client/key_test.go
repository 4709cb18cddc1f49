package client_test

import (
	"errors"
	"net/http"
	"testing"

	"parlor/client"
	"parlor/test/env/servertest"
)

// unanswered passes requests on and loses the first answers.
type unanswered struct{ lose int }

func (u *unanswered) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && u.lose > 0 {
		u.lose--
		resp.Body.Close()
		return nil, errors.New("the answer is lost")
	}
	return resp, err
}

// TestIdempotencyKey: a call under a key is repeated by itself when its answer is lost, also one that makes something
// new each time, and is done once.
func TestIdempotencyKey(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	b, err := client.NewBackend(client.Config{
		URL: s.URL, Key: servertest.ServerKey, HTTP: &http.Client{Transport: &unanswered{lose: 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := client.WithIdempotencyKey(t.Context(), "ticket-1")
	first, err := b.RequestTicket(ctx, client.Profile{XCID: "ana", Fullname: "Ana"})
	if err != nil || first.Text == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := b.RequestTicket(ctx, client.Profile{XCID: "ana", Fullname: "Ana"}); err != nil || again != first {
		t.Errorf("%+v, then %+v, %v", first, again, err)
	}
	if _, err := b.RequestTicket(ctx, client.Profile{XCID: "bo", Fullname: "Bo"}); client.CodeOf(err) != client.CodeKeyReused {
		t.Errorf("another call under the key: %v", err)
	}
	if _, err := b.PutRoom(t.Context(), client.RoomSettings{XCID: "r", Type: client.Group, Name: "R", Participants: []string{"ana"}}); err != nil {
		t.Fatal(err)
	}
	ctx = client.WithIdempotencyKey(t.Context(), "message-1")
	m := client.BackendMessage{Text: "hi", SenderXCID: "ana", XCRoomID: "r"}
	one, err := b.Send(ctx, m)
	if two, err2 := b.Send(ctx, m); err != nil || err2 != nil || one != two || one.LocalID == "" || one.Repeated {
		t.Errorf("%+v, %+v, %v, %v", one, two, err, err2)
	}
}

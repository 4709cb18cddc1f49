package client_test

import (
	"context"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// backendOf returns the backend of a test server's default app.
func backendOf(t testing.TB, s *servertest.Server) *client.Backend {
	t.Helper()
	b, err := client.NewBackend(client.Config{URL: s.URL, Key: servertest.ServerKey})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func appOf(t testing.TB, url string) *client.App {
	t.Helper()
	a, err := client.NewApp(client.Config{URL: url, Key: servertest.AppKey})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// signIn signs a device in as the user of an id, who need not exist.
func signIn(t testing.TB, s *servertest.Server, xc, device string) *client.Device {
	t.Helper()
	return signInOver(t, s, s.URL, xc, device)
}

// signInOver is signIn for a device that reaches the server by another address.
func signInOver(t testing.TB, s *servertest.Server, url, xc, device string) *client.Device {
	t.Helper()
	ticket, err := backendOf(t, s).RequestTicket(t.Context(), client.Profile{XCID: xc, Fullname: "Name of " + xc})
	if err != nil {
		t.Fatal(err)
	}
	d, err := appOf(t, url).SignIn(t.Context(), ticket.Text, client.DeviceOptions{ID: device, Platform: "web"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// group makes a room and returns its id.
func group(t testing.TB, b *client.Backend, xc string, users ...string) client.RoomID {
	t.Helper()
	d, err := b.PutRoom(t.Context(), client.RoomSettings{XCID: xc, Type: client.Group, Name: xc, Participants: users})
	if err != nil {
		t.Fatal(err)
	}
	return d.Room.ID
}

func connect(t testing.TB, d *client.Device, o client.StreamOptions) *client.Stream {
	t.Helper()
	s, err := d.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// next returns the next event of a type for which want holds, passing over others.
func next[E client.Event](t testing.TB, s *client.Stream, want func(E) bool) E {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		event, err := s.Next(ctx)
		if err != nil {
			t.Fatalf("no %T came: %v", *new(E), err)
		}
		if e, ok := event.(E); ok && (want == nil || want(e)) {
			return e
		}
	}
}

// nextText returns the text of the next message that is no system message.
func nextText(t testing.TB, s *client.Stream) string {
	t.Helper()
	e := next(t, s, func(e client.MessageSent) bool { return e.Message.Type != client.SystemMessage })
	text, err := e.Message.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

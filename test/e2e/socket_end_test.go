package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/test/env/servertest"
)

// TestSignedOut: the end of a login closes its sockets at once, and no others.
func TestSignedOut(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "ana", "2").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		first, _, _ := dial(t, a, "", ana.Headers(ana.Access))
		second, _, _ := dial(t, a, "", ana.Headers(ana.Access))
		ana.RefreshTokens(t)
		third, _, _ := dial(t, a, "", ana.Headers(ana.Access)) // the same login by another token
		ana.Call(t, "client/logout", nil, nil)
		for _, socket := range []*websocket.Conn{first, second, third} {
			if code := closeCode(t, socket); code != 4001 {
				t.Errorf("the socket is closed with %d", code)
			}
		}
		if _, status, code := dial(t, a, "", ana.Headers(ana.Access)); status != http.StatusUnauthorized || code != "40103" {
			t.Errorf("connecting again: HTTP %d, code %q", status, code)
		}
		phone.Send(t, pairOf(ana, bo), "still here")
		phone.NextMessage(t)
		bo.NextMessage(t)
	})
}

// TestTooManyLogins: a user's oldest login ends for one too many, and its socket with it.
func TestTooManyLogins(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		oldest := a.SignIn(t, "ana", "1").Connect(t)
		for range chat.MaxLogins - 1 {
			a.SignIn(t, "ana", "1")
		}
		oldest.Send(t, pairOf(oldest, oldest), "still here")
		oldest.NextMessage(t)
		a.SignIn(t, "ana", "1")
		<-oldest.Closed()
		if answer := oldest.Try(t, "client/contact/list", nil); answer.Error.Code != "40103" {
			t.Errorf("the ended login: %s", answer.Body)
		}
	})
}

// TestExpiredToken: a socket does not outlive its token, and at the door only an expired
// one asks for a refresh.
func TestExpiredToken(t *testing.T) {
	t.Parallel()
	for engine, newConfig := range map[string]func(testing.TB) config.Config{
		"sqlite": servertest.SQLite, "postgres": servertest.Postgres,
	} {
		t.Run(engine, func(t *testing.T) {
			cfg := newConfig(t)
			cfg.AccessLifetime = 2 * time.Second
			a := servertest.Start(t, cfg, nil).Default()
			ana := a.SignIn(t, "ana", "1")
			socket, status, code := dial(t, a, "", ana.Headers(ana.Access))
			if socket == nil {
				t.Fatalf("HTTP %d, code %q", status, code)
			}
			if code := closeCode(t, socket); code != 4001 {
				t.Errorf("the socket is closed with %d", code)
			}
			now := time.Now().UnixMilli()
			if now < ana.AccessExpiry || now > ana.AccessExpiry+5000 {
				t.Errorf("it is closed %d ms after its token has expired", now-ana.AccessExpiry)
			}
			if _, status, code := dial(t, a, "", ana.Headers(ana.Access)); status != http.StatusUnauthorized || code != "40104" {
				t.Errorf("connecting again: HTTP %d, code %q", status, code)
			}
			ana.RefreshTokens(t)
			ana.Connect(t)
		})
	}
}

// TestPing: the server asks an idle client whether it is there. No database has a part in
// that, so one engine is enough for the time that it takes.
func TestPing(t *testing.T) {
	t.Parallel()
	a := servertest.Start(t, servertest.SQLite(t), nil).Default()
	ana := a.SignIn(t, "ana", "1")
	socket, _, _ := dial(t, a, "", ana.Headers(ana.Access))
	pinged := false
	socket.SetPingHandler(func(string) error {
		pinged = true
		return socket.Close()
	})
	if _, _, err := socket.ReadMessage(); !pinged {
		t.Errorf("no ping came: %v", err)
	}
}

// TestDeafDevice: a device that reads nothing is cut off, and nobody else notices. One
// engine is enough here, too.
func TestDeafDevice(t *testing.T) {
	t.Parallel()
	a := servertest.Start(t, servertest.SQLite(t), nil).Default()
	ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
	bo.ConnectDeaf(t)
	pair := pairOf(ana, bo)
	data := `{"userInfo":"` + strings.Repeat("x", 200_000) + `"}`
	connected := func() bool { return strings.Contains(getPage(t, a, "/metrics").body, "\nparlor_sessions 3\n") }
	if !connected() {
		t.Fatal("the deaf device is not there")
	}
	for n := 0; connected(); n++ {
		if n == 300 {
			t.Fatal("the deaf device is still there")
		}
		local := localID(t)
		ana.Emit(t, "chat/sendMessage",
			draftOf(t, sdkMessage{room: pair, localID: local, text: "text", kind: 3001, data: data}))
		for _, d := range []*servertest.Device{ana, bo} {
			if m := d.NextMessage(t); m.LocalID != local {
				t.Fatalf("%s gets %s, want %s", d.UserID, m.LocalID, local)
			}
		}
	}
}

// TestTooLargeFrameSaysSo: the close code tells the app that it sends too much.
func TestTooLargeFrameSaysSo(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "1")
		for _, kind := range []int{websocket.TextMessage, websocket.BinaryMessage} {
			socket, _, _ := dial(t, a, "", ana.Headers(ana.Access))
			frame := []byte(strings.Repeat(" ", 1<<20+1))
			_ = socket.WriteMessage(kind, frame) // the server may be done with it before all is written
			if code := closeCode(t, socket); code != websocket.CloseMessageTooBig {
				t.Errorf("the socket is closed with %d", code)
			}
		}
	})
}

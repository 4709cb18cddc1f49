package e2e

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parlor/internal/chat"
	"parlor/test/env/servertest"
)

// endings are the ways in which a login ends, each by a call of somebody who must know it
// for done when it is answered.
var endings = []struct {
	name string
	end  func(testing.TB, *servertest.Device)
}{
	{"logout", func(t testing.TB, d *servertest.Device) { d.Call(t, "client/logout", nil, nil) }},
	{"user/delete", func(t testing.TB, d *servertest.Device) {
		d.App.Must(t, "user/delete", obj{"xcUserID": "ana"}, nil)
	}},
	{"user/logout", func(t testing.TB, d *servertest.Device) {
		d.App.Must(t, "user/logout", obj{"xcUserID": "ana"}, nil)
	}},
	{"user/logout of a device", func(t testing.TB, d *servertest.Device) {
		d.App.Must(t, "user/logout", obj{"xcUserID": "ana", "deviceID": d.Name}, nil)
	}},
	{"user/deactivate", func(t testing.TB, d *servertest.Device) {
		d.App.Must(t, "user/deactivate", obj{"xcUserID": "ana"}, nil)
		d.App.Must(t, "user/reactivate", obj{"xcUserID": "ana"}, nil)
	}},
	{"one login too many", func(t testing.TB, d *servertest.Device) {
		for range chat.MaxLogins {
			d.App.SignIn(t, "ana", "another")
		}
	}},
}

// TestEndOfALogin has logins end while their devices open sockets and write by every means
// they have. When the end is answered, nothing more is stored, and no socket stays.
func TestEndOfALogin(t *testing.T) {
	t.Parallel()
	const least, most = 5, 100 // rounds of each of five endings, on each engine: a thousand in all
	enough := time.Minute      // for a machine that does not get through all of them sooner
	if testing.Short() {
		enough = 0
	}
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		bo := a.SignIn(t, "bo", "1")
		room := newGroup(t, bo, "Group", a.SignIn(t, "ana", "0"))
		begun, rounds := time.Now(), 0
		for round := range most {
			if round >= least && time.Since(begun) > enough {
				break
			}
			rounds++
			for _, ending := range endings[:5] {
				ana := a.SignIn(t, "ana", "1")
				raceTheEnd(t, bo, ana, room, func() { ending.end(t, ana) })
				if t.Failed() {
					t.Fatalf("in round %d of %s", round, ending.name)
				}
			}
		}
		t.Logf("%d rounds", rounds)
	})
}

// raceTheEnd ends d's login while it opens sockets and writes into a room, which other reads.
func raceTheEnd(t *testing.T, other, d *servertest.Device, room string, end func()) {
	t.Helper()
	var busy sync.WaitGroup
	begun := make(chan struct{}, 3)
	var sockets []*websocket.Conn
	busy.Go(func() {
		begun <- struct{}{}
		for len(sockets) < 20 {
			socket := tryDial(t, d)
			if socket == nil {
				return
			}
			sockets = append(sockets, socket)
			writeUntilClosed(t, socket, room, 2)
		}
	})
	socket := tryDial(t, d)
	busy.Go(func() {
		begun <- struct{}{}
		writeUntilClosed(t, socket, room, 200)
	})
	busy.Go(func() {
		begun <- struct{}{}
		for range 200 {
			if d.Try(t, "chat/message/send/custom", obj{
				"roomID": room, "localID": localID(t), "messageType": 1001, "body": "by HTTP",
			}).Error.Code != "" {
				return
			}
		}
	})
	for range 3 {
		<-begun
	}
	end()
	ended, newest := time.Now(), newestIn(t, other, room)
	busy.Wait()
	for _, s := range append(sockets, socket) {
		waitClosed(t, s)
	}
	if now := newestIn(t, other, room); now != newest {
		t.Errorf("after the end was answered, at %d, the newest message was %s, now it is %s", ended.UnixMilli(), newest, now)
		newest := listMessages(t, other, "chat/message/list_by_room/before", obj{"roomID": room, "limit": 5})
		for _, m := range newest.Messages {
			t.Logf("%+v", m)
		}
	}
}

// writeUntilClosed sends up to n texts.
func writeUntilClosed(t *testing.T, socket *websocket.Conn, room string, n int) {
	t.Helper()
	for range n {
		frame, err := json.Marshal(obj{
			"eventName": "chat/sendMessage", "data": servertest.Draft(t, room, localID(t), "by socket"),
		})
		if err != nil {
			t.Error(err)
		}
		if socket.WriteMessage(websocket.BinaryMessage, frame) != nil {
			return
		}
	}
}

// tryDial opens a socket, or returns nil where the server refuses it.
func tryDial(t *testing.T, d *servertest.Device) *websocket.Conn {
	t.Helper()
	socket, resp, err := websocket.DefaultDialer.DialContext(t.Context(),
		"ws"+strings.TrimPrefix(d.App.URL, "http")+"/connect", d.Headers(d.Access))
	switch {
	case err == nil:
		resp.Body.Close()
		return socket
	case !errors.Is(err, websocket.ErrBadHandshake) || resp.StatusCode != http.StatusUnauthorized:
		t.Errorf("connect: %v", err)
	}
	return nil
}

// waitClosed returns when the server has closed the socket.
func waitClosed(t *testing.T, socket *websocket.Conn) {
	t.Helper()
	if socket == nil {
		return
	}
	defer func() { _ = socket.Close() }()
	if err := socket.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return // it is gone
	}
	for {
		_, _, err := socket.ReadMessage()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("a socket stays open")
		}
		if err != nil {
			return
		}
	}
}

// newestIn is the id of a room's newest message.
func newestIn(t *testing.T, d *servertest.Device, room string) string {
	t.Helper()
	page := listMessages(t, d, "chat/message/list_by_room/before", obj{"roomID": room, "limit": 1})
	if len(page.Messages) != 1 {
		t.Fatalf("the room's newest message: %+v", page)
	}
	return page.Messages[0].MessageID
}

// TestEndOnAnotherNode: nodes without a bus between them end each other's sessions, too.
func TestEndOnAnotherNode(t *testing.T) {
	t.Parallel()
	cfg := servertest.Postgres(t)
	one, two := servertest.Start(t, cfg, nil).Default(), servertest.Start(t, cfg, nil).Default()
	bo := two.SignIn(t, "bo", "1").Connect(t)
	for _, ending := range endings {
		ana := one.SignIn(t, "ana", "1")
		room := newGroup(t, bo, ending.name, ana)
		there := *ana
		there.App = two
		there.Connect(t)
		local := there.Send(t, room, "still here")
		bo.Next(t, "what she writes", func(e servertest.Event) bool { return e.Message.LocalID == local })
		ending.end(t, ana)
		newest := newestIn(t, bo, room)
		for range 20 { // the socket may be closed in the midst of it
			frame, err := json.Marshal(obj{
				"eventName": "chat/sendMessage", "data": servertest.Draft(t, room, localID(t), "gone"),
			})
			if err != nil {
				t.Fatal(err)
			}
			there.EmitRaw(t, string(frame))
		}
		<-there.Closed()
		if now := newestIn(t, bo, room); now != newest {
			t.Errorf("%s: something was written afterwards", ending.name)
		}
	}
}

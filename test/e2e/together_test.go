package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parlor/internal/hub"
	"parlor/test/env/servertest"
)

// mostTogether is how many events a frame holds at most, as docs/protocol/socket.md says.
const mostTogether = 64

// eventsOf splits a frame of the server, and holds it to its form.
func eventsOf(t testing.TB, kind int, frame []byte) (events []servertest.Event) {
	t.Helper()
	parts := bytes.Split(frame, []byte{'\n'})
	if len(parts) > mostTogether || len(parts) > 1 && len(frame) > hub.MaxTogether {
		t.Errorf("a frame has %d events and %d bytes", len(parts), len(frame))
	}
	if kind != websocket.BinaryMessage {
		t.Errorf("a frame is of kind %d", kind)
	}
	for _, part := range parts {
		var e servertest.Event
		err := json.Unmarshal(part, &e) // of an empty part it fails
		if err == nil && strings.HasPrefix(e.EventName, "chat/") {
			err = json.Unmarshal(e.Data, &e.Message)
		}
		if err != nil || bytes.ContainsRune(part, '\r') {
			t.Fatalf("%v: %.300q", err, part)
		}
		events = append(events, e)
	}
	return events
}

// TestEventsTogether: a device that reads late gets everything, in its order, once, in frames of
// several events, and large events too.
func TestEventsTogether(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1"), a.SignIn(t, "cy", "1")
		room := newGroup(t, ana, "Group", bo, cy)
		// With small packets little fits into the system's buffers, so the rest waits at the server.
		small := func(_, _ string, c syscall.RawConn) (err error) {
			controlled := c.Control(func(fd uintptr) {
				err = errors.Join(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 32<<10),
					syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 536))
			})
			return errors.Join(controlled, err)
		}
		dialer := websocket.Dialer{NetDialContext: (&net.Dialer{Control: small}).DialContext}
		socket, resp, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(a.URL, "http")+"/connect",
			bo.Headers(bo.Access))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		t.Cleanup(func() { _ = socket.Close() })
		cy.Connect(t)

		const n = 450
		var want []string
		for i := range n {
			text := fmt.Sprint(i) + strings.Repeat("x", 1000)
			if i%50 == 0 {
				text = strings.Repeat("\U0001F600", 2000) // some 10 KiB enciphered
			}
			want = append(want, ana.Send(t, room, text))
		}
		for i := range n {
			if m := cy.NextMessage(t); m.LocalID != want[i] {
				t.Fatalf("message %d came to the other out of order", i)
			}
		}
		most, frames := 0, 0
		if err := socket.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < n; {
			kind, frame, err := socket.ReadMessage()
			if err != nil {
				t.Fatalf("after %d messages: %v", i, err)
			}
			events := eventsOf(t, kind, frame)
			frames, most = frames+1, max(most, len(events))
			for _, e := range events {
				if e.EventName != "chat/sendMessage" || e.Message.Type == 9001 {
					continue
				}
				if i == n || e.Message.LocalID != want[i] {
					t.Fatalf("message %d is another one, in a frame of %d", i, len(events))
				}
				i++
			}
		}
		t.Logf("%d frames, one of %d events", frames, most)
		if most < 5 {
			t.Errorf("no more than %d events came in a frame: nothing was looked at", most)
		}
	})
}

// TestFedTogether: what a device is fed comes in frames of several events.
func TestFedTogether(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		bo := a.SignIn(t, "bo", "1")
		a.SignIn(t, "ana", "1")
		listMessages(t, bo, "chat/message/room_list_and_unread", nil)
		const n = 1200 // 200 more than go into an answer
		for i := range n {
			a.Must(t, "message/send/custom", obj{
				"messageType": 1001, "senderXCUserID": "ana", "recipientXCUserID": "bo", "body": fmt.Sprint(i),
			}, nil)
		}
		socket, _, _ := dial(t, a, "", bo.Headers(bo.Access))
		has := map[string]bool{}
		for _, m := range catchUp(t, bo) {
			has[m.LocalID] = true
		}
		most := 0
		for len(has) < n {
			kind, frame, err := socket.ReadMessage()
			if err != nil {
				t.Fatalf("%d messages are there: %v", len(has), err)
			}
			events := eventsOf(t, kind, frame)
			most = max(most, len(events))
			for _, e := range events {
				if isMessage(e) && has[e.Message.LocalID] {
					t.Errorf("%s came twice", e.Message.LocalID)
				}
				has[e.Message.LocalID] = true
			}
		}
		if most < 10 {
			t.Errorf("no more than %d events came in a frame", most)
		}
	})
}

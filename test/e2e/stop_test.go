package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"parlor/test/env/servertest"
)

// TestStopFinishesRequests: a request whose body is still on its way when the server is
// told to stop gets its answer, and what it asked for is done; new callers are turned away.
func TestStopFinishesRequests(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		body := `{"xcRoomID":"late","type":2,"name":"Late"}`
		conn := begin(t, s, len(body))
		if _, err := io.WriteString(conn, body[:10]); err != nil {
			t.Fatal(err)
		}
		stopped := make(chan struct{})
		go func() { // ends when the server has
			defer close(stopped)
			s.Stop(t)
		}()
		for refused := false; !refused; {
			c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
			if refused = errors.Is(err, syscall.ECONNREFUSED); err == nil {
				_ = c.Close() // it was only to see whether anybody is there
			}
		}
		select {
		case <-stopped:
			t.Fatal("the server did not wait for the request")
		default:
		}
		if _, err := io.WriteString(conn, body[10:]); err != nil {
			t.Fatal(err)
		}
		a := finish(t, conn)
		checkContract(t, "room/create_or_update", a)
		if a.Status != 200 {
			t.Errorf("answer %s", a.Body)
		}
		<-stopped
		s.StartAgain(t)
		if got := getRoom(t, s, "late"); got.Room.Name != "Late" {
			t.Errorf("after the restart: %+v", got)
		}
	})
}

// sendHead opens a connection and sends the head of a call, with one more line or none.
func sendHead(t *testing.T, s *servertest.App, length int, line string) net.Conn {
	t.Helper()
	addr := strings.TrimPrefix(s.URL, "http://")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // only read from by now
	_, err = fmt.Fprintf(conn, "POST /v1/server/room/create_or_update HTTP/1.1\r\nHost: %s\r\nServer-Key: %s\r\n"+
		"Content-Length: %d\r\n%s\r\n", addr, key(s.ServerKey), length, line)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// expect makes the server say when it wants the body.
const expect = "Expect: 100-continue\r\n"

// begin is sendHead for a request that the server has taken up.
func begin(t *testing.T, s *servertest.App, length int) net.Conn {
	t.Helper()
	conn := sendHead(t, s, length, expect)
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, int64(len("HTTP/1.1 100 Continue\r\n\r\n")))), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusContinue {
		t.Fatalf("HTTP %d", resp.StatusCode)
	}
	return conn
}

// finish reads the answer.
func finish(t *testing.T, conn net.Conn) servertest.Answer {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	a := servertest.Answer{HTTP: resp}
	if a.Body, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(a.Body, &a); err != nil {
		t.Fatalf("answer %s, %v", a.Body, err)
	}
	return a
}

// TestBrokenOffBody: a caller that leaves in the middle of its body has asked for nothing.
func TestBrokenOffBody(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		body := `{"xcRoomID":"half","type":2,"name":"Half"}`
		conn := begin(t, s, len(body)+1).(*net.TCPConn)
		if _, err := io.WriteString(conn, body); err != nil {
			t.Fatal(err)
		}
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		var answer bytes.Buffer
		_, _ = io.Copy(&answer, conn) // ends when the server is done with the request
		if got := answer.String(); got != "" && !strings.Contains(got, `"code":"40002"`) {
			t.Errorf("answer %s", got)
		}
		refuse(t, s, "room/get", obj{"xcRoomID": "half"}, roomNotFound)
	})
}

// TestRestart: everything is as it was, under the same ids.
func TestRestart(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		do(t, s, "message/send/custom", obj{
			"messageType": 1001, "body": "hi", "senderXCUserID": "a", "recipientXCUserID": "b",
		})
		unchanged(t, s, func() {
			s.Stop(t)
			s.StartAgain(t)
		})
		// Numbers go on from where they were.
		before := last(t, s, "a", "r")
		send(t, s, "a", "r", "hi")
		if after := last(t, s, "a", "r"); after.MessageID == before.MessageID || after.Created <= before.Created {
			t.Errorf("message %s at %d after %s at %d", after.MessageID, after.Created, before.MessageID, before.Created)
		}
	})
}

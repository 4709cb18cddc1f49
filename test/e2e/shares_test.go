package e2e

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parlor/test/env/servertest"
)

// eachAlone runs test against a server of its own on each engine: what it does to it
// would be in the way of other tests.
func eachAlone(t *testing.T, test func(t *testing.T, a *servertest.App)) {
	t.Helper()
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		test(t, s.Default())
	})
}

// served makes calls of a backend and of a user until stop is closed, and fails for each
// that is refused.
func served(t *testing.T, a *servertest.App, d *servertest.Device, stop <-chan struct{}) {
	t.Helper()
	for n := 0; ; n++ {
		if answer := a.Call(t, "room/get_list_by_user", map[string]any{"xcUserID": "quiet"}); answer.Status != http.StatusOK {
			t.Errorf("call %d of the backend: %s", n, answer.Body)
		}
		if answer := d.Try(t, "client/user/get_by_id", map[string]any{"id": d.UserID}); answer.Status != http.StatusOK {
			t.Errorf("call %d of a user: %s", n, answer.Body)
		}
		select {
		case <-stop:
			return
		default:
		}
	}
}

// TestStalledBodiesHinderNobody: bodies that come to a quarter, with nothing but the key
// that is in every app.
func TestStalledBodiesHinderNobody(t *testing.T) {
	t.Parallel()
	eachAlone(t, func(t *testing.T, a *servertest.App) {
		quiet := a.SignIn(t, "quiet", "q1")
		head := "POST /v1/client/project_configs HTTP/1.1\r\nHost: parlor\r\nApp-Key: " +
			base64.StdEncoding.EncodeToString([]byte(a.AppKey)) + "\r\nContent-Length: 4194304\r\n\r\n"
		quarter := strings.Repeat(" ", 1<<20+1)
		var begun sync.WaitGroup
		for range 70 {
			conn, err := net.Dial("tcp", strings.TrimPrefix(a.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			begun.Go(func() { _, _ = io.WriteString(conn, head+quarter) }) // a refusal may cut it short
		}
		stop := make(chan struct{})
		go func() { begun.Wait(); close(stop) }() // ends when all has been sent
		served(t, a, quiet, stop)
		for range 20 {
			served(t, a, quiet, stop)
		}
	})
}

// TestLoopsOfOneUserHinderNobody: a user asks for what is new from more connections than
// there are places, while the device of that name does not answer.
func TestLoopsOfOneUserHinderNobody(t *testing.T) {
	t.Parallel()
	eachAlone(t, func(t *testing.T, a *servertest.App) {
		quiet, greedy := a.SignIn(t, "quiet", "q1"), a.SignIn(t, "greedy", "g1")
		greedy.ConnectDeaf(t)
		quiet.Connect(t).Send(t, pairOf(quiet, greedy), "unheard")
		quiet.NextMessage(t)
		client := &http.Client{Transport: &http.Transport{}}
		var refused, taken, gone atomic.Int64
		var calls sync.WaitGroup
		// On a slow machine a call's time may be over before its work is done: nobody is hindered
		// by that but the greedy one.
		overdue := `"50301"`
		for range 1100 {
			calls.Go(func() {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.URL+"/v1/chat/message/new_and_updated",
					strings.NewReader("{}"))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header = greedy.Headers(greedy.Access)
				resp, err := client.Do(req)
				if err != nil {
					gone.Add(1)
					return
				}
				defer resp.Body.Close()
				body, _ := io.ReadAll(resp.Body)
				switch {
				case strings.Contains(string(body), `"42901"`):
					refused.Add(1)
				case strings.HasPrefix(string(body), `{"status":200,`):
					taken.Add(1)
				case strings.Contains(string(body), overdue):
				default:
					t.Errorf("an answer to the greedy one: %.300s", body)
				}
			})
		}
		stop := make(chan struct{})
		go func() { calls.Wait(); close(stop) }() // ends with the calls
		served(t, a, quiet, stop)
		if refused.Load() == 0 || taken.Load() == 0 || gone.Load() > 0 {
			t.Errorf("%d calls were refused, %d taken, %d broke off", refused.Load(), taken.Load(), gone.Load())
		}
		client.CloseIdleConnections()
	})
}

// TestGuessesHinderNobody: from an address that tries out keys, those that are known are
// heard.
func TestGuessesHinderNobody(t *testing.T) {
	t.Parallel()
	eachAlone(t, func(t *testing.T, a *servertest.App) {
		quiet := a.SignIn(t, "quiet", "q1")
		stop := make(chan struct{})
		served(t, a, quiet, closed())
		var refused atomic.Int64
		var guesses sync.WaitGroup
		for i := range 4 {
			guesses.Go(func() {
				for n := 0; refused.Load() == 0; n++ {
					refused.Add(int64(guess(t, a, fmt.Sprintf("guess-%d-%d", i, n))))
				}
			})
		}
		go func() { guesses.Wait(); close(stop) }() // ends with the guesses
		served(t, a, quiet, stop)
	})
}

// guess shows 1,000 keys that are unknown, without waiting for each answer, and returns how many
// of them were refused unseen. That nobody refuses any shows as a test that does not end: how
// many may be wrong in a second is more than a slow machine looks up one by one.
func guess(t *testing.T, a *servertest.App, name string) (refused int) {
	t.Helper()
	const count = 1000
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.URL, "http://"))
	if err != nil {
		t.Error(err)
		return 1
	}
	defer func() { _ = conn.Close() }()
	go func() { // ends when all is written, or with the connection
		w := bufio.NewWriter(conn)
		for n := range count {
			key := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s-%d:x", name, n))
			fmt.Fprintf(w, "POST /v1/server/role/list HTTP/1.1\r\nHost: parlor\r\nServer-Key: %s\r\nContent-Length: 2\r\n\r\n{}", key)
		}
		_ = w.Flush() // what is missing shows when the answers are read
	}()
	answers := bufio.NewReader(conn)
	for n := range count {
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Errorf("answer %d: %v", n, err)
			return 1
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Errorf("answer %d: %v", n, err)
			return 1
		}
		if strings.Contains(string(body), `"42901"`) {
			refused++
		}
	}
	return refused
}

func closed() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// TestFlood: an app emits far more messages at once than anybody types. All of them are
// stored and come back in their order, no socket is closed, and others are served.
func TestFlood(t *testing.T) {
	t.Parallel()
	eachAlone(t, func(t *testing.T, a *servertest.App) {
		const n = 1000
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		second := a.SignIn(t, "ana", "a2").Connect(t)
		eve, quiet := a.SignIn(t, "eve", "e1").Connect(t), a.SignIn(t, "quiet", "q1").Connect(t)
		room, other := pairOf(ana, bo), pairOf(eve, quiet)
		flooded := make(chan struct{})
		go func() { // ends when all is sent
			defer close(flooded)
			for i := range n {
				ana.Send(t, room, fmt.Sprint(i))
			}
		}()
		for range 50 {
			local := eve.Send(t, other, "beside it")
			if m := eve.NextMessage(t); m.LocalID != local {
				t.Errorf("eve's echo is that of %s", m.LocalID)
			}
		}
		for name, d := range map[string]*servertest.Device{"ana": ana, "bo": bo, "ana's second device": second} {
			for i := range n {
				if m := d.NextMessage(t); m.Text(t) != fmt.Sprint(i) {
					t.Fatalf("message %d at %s is %q", i, name, m.Text(t))
				}
			}
		}
		<-flooded
		for name, d := range map[string]*servertest.Device{"ana": ana, "bo": bo, "ana's second device": second, "eve": eve} {
			select {
			case <-d.Closed():
				t.Errorf("the socket of %s was closed", name)
			default:
			}
		}
	})
}

// TestLargeFramesOfOneUser: frames that do not come to their end take no more than their
// user's share.
func TestLargeFramesOfOneUser(t *testing.T) {
	t.Parallel()
	eachAlone(t, func(t *testing.T, a *servertest.App) {
		greedy := a.SignIn(t, "greedy", "g1")
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		ended := make(chan error, 12)
		for range 12 {
			socket, resp, err := websocket.DefaultDialer.DialContext(t.Context(),
				"ws"+strings.TrimPrefix(a.URL, "http")+"/connect", greedy.Headers(greedy.Access))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			t.Cleanup(func() { _ = socket.Close() })
			go func() { // ends with the socket
				_, _, err := socket.ReadMessage()
				ended <- err
			}()
			w, err := socket.NextWriter(websocket.TextMessage)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(w, strings.Repeat("x", 700<<10)) // it may be cut off
		}
		select {
		case err := <-ended:
			// What of the frame was not read resets the connection: that may be ahead of the code.
			var closed *websocket.CloseError
			if errors.As(err, &closed) && closed.Code != websocket.CloseTryAgainLater &&
				closed.Code != websocket.CloseAbnormalClosure {
				t.Errorf("closed with %v", err)
			}
		case <-time.After(20 * time.Second): // reached only by a failure
			t.Fatal("no socket was closed")
		}
		ana.EmitRaw(t, strings.Repeat("x", 1<<20)) // nonsense, as large as may be
		local := ana.Send(t, pairOf(ana, bo), "beside them")
		if m := bo.NextMessage(t); m.LocalID != local {
			t.Errorf("bo got %+v", m)
		}
	})
}

package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parlor/client"
)

// other starts something that is no Parlor, and a backend that calls it.
func other(t *testing.T, c client.Config, handler http.HandlerFunc) *client.Backend {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	c.URL, c.Key = s.URL, "id:secret"
	b, err := client.NewBackend(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHostileAnswers(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   error // nil for an *Error of the status
	}{
		{"no JSON", 200, "<html>", client.ErrAnswer},
		{"half an answer", 200, `{"status":200,"error":{"code":""`, client.ErrAnswer},
		{"nothing", 200, "", client.ErrAnswer},
		{"no envelope", 200, `{"data":{}}`, client.ErrAnswer},
		{"a status without a code", 200, `{"status":500,"error":{"code":""},"data":{}}`, client.ErrAnswer},
		{"data of another shape", 200, `{"status":200,"error":{"code":""},"data":{"room":[]}}`, client.ErrAnswer},
		{"too much", 200, strings.Repeat(" ", 2000) + `{"status":200,"error":{"code":""},"data":{}}`, client.ErrAnswer},
		{"a deep one", 200, strings.Repeat("[", 900), client.ErrAnswer},
		{"a proxy's page", 404, "<html>", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var calls atomic.Int32
			b := other(t, client.Config{MaxAnswer: 1000}, func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				w.WriteHeader(tt.status)
				_, _ = fmt.Fprint(w, tt.body)
			})
			_, err := b.Room(t.Context(), "any", client.Page{})
			var refusal *client.Error
			switch {
			case tt.want != nil && !errors.Is(err, tt.want):
				t.Errorf("the error is %v, want %v", err, tt.want)
			case tt.want == nil && (!errors.As(err, &refusal) || refusal.Status != tt.status):
				t.Errorf("the error is %v, want an Error of status %d", err, tt.status)
			}
			if calls.Load() != 1 {
				t.Errorf("%d calls, want one: to repeat them is no use", calls.Load())
			}
		})
	}
}

// TestRedirect makes sure that keys go nowhere else.
func TestRedirect(t *testing.T) {
	leaked := make(chan string, 1)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		leaked <- r.Header.Get("Server-Key")
	}))
	t.Cleanup(elsewhere.Close)
	b := other(t, client.Config{HTTP: &http.Client{}}, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	_, err := b.Room(t.Context(), "any", client.Page{})
	var refusal *client.Error
	if !errors.As(err, &refusal) || refusal.Status != http.StatusTemporaryRedirect {
		t.Errorf("the error is %v", err)
	}
	if len(leaked) != 0 {
		t.Errorf("another server was called, with the key %q", <-leaked)
	}
}

func TestRepeating(t *testing.T) {
	const done = `{"status":200,"error":{"code":"","message":"","field":""},"data":{}}`
	refusal := func(code string) string {
		return fmt.Sprintf(`{"status":%s,"error":{"code":%q,"message":"m","field":""},"data":{}}`, code[:3], code)
	}
	room := func(ctx context.Context, b *client.Backend) error {
		_, err := b.PutRoom(ctx, client.RoomSettings{})
		return err
	}
	send := func(ctx context.Context, b *client.Backend) error {
		_, err := b.Send(ctx, client.BackendMessage{})
		return err
	}
	ticket := func(ctx context.Context, b *client.Backend) error {
		_, err := b.RequestTicket(ctx, client.Profile{})
		return err
	}
	tests := []struct {
		name   string
		answer string // the first one; "" cuts the connection
		call   func(context.Context, *client.Backend) error
		calls  int32
	}{
		{"unavailable", refusal("50301"), room, 2},
		{"a failure", refusal("50000"), room, 2},
		{"too many", refusal("42901"), room, 2},
		{"cut", "", room, 2},
		{"a message, cut", "", send, 2},
		{"a ticket, too many", refusal("42901"), ticket, 2},
		{"a ticket, unavailable", refusal("50301"), ticket, 1},
		{"a ticket, cut", "", ticket, 1},
		{"not found", refusal("40401"), room, 1},
		{"a wrong key", refusal("49102"), room, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var calls atomic.Int32
			bodies := make(chan string, 10)
			b := other(t, client.Config{}, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body) // a part shows as another body
				bodies <- string(body)
				switch {
				case calls.Add(1) > 1:
					_, _ = fmt.Fprint(w, done)
				case tt.answer == "":
					panic(http.ErrAbortHandler)
				default:
					_, _ = fmt.Fprint(w, tt.answer)
				}
			})
			err := tt.call(t.Context(), b)
			if calls.Load() != tt.calls || (err == nil) != (tt.calls > 1) {
				t.Errorf("%d calls, want %d; then %v", calls.Load(), tt.calls, err)
			}
			if first := <-bodies; tt.calls > 1 && first != <-bodies {
				t.Error("the second call has another body")
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	var calls atomic.Int32
	b := other(t, client.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = fmt.Fprint(w, `{"status":200,"error":{"code":""},"data":{}}`)
	})
	began := time.Now()
	if _, err := b.Room(t.Context(), "any", client.Page{}); err != nil {
		t.Fatal(err)
	}
	if waited := time.Since(began); waited < time.Second {
		t.Errorf("it has waited %v, and was asked for a second", waited)
	}
	// Whoever has no time for that gets the refusal at once.
	calls.Store(0)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var refusal *client.Error
	if _, err := b.Room(ctx, "any", client.Page{}); !errors.As(err, &refusal) || refusal.RetryAfter != time.Second ||
		!errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

// hostileEvents are what no Parlor sends, and what later versions may.
var hostileEvents = []string{
	"", "no JSON", "[]", `{"eventName":7}`, `{"eventName":"chat/sendMessage","data":[]}`,
	`{"eventName":"chat/sendMessage","data":{"messageID":"x","created":"late"}}`, `{"eventName":"later/event","data":{"a":1}}`,
	`{"eventName":"chat/sendMessage","data":{"messageID":"1","localID":"short","body":"not enciphered"}}`,
}

// TestHostileFrames has a stream survive them, each in a frame of its own or all in one.
func TestHostileFrames(t *testing.T) {
	for name, frames := range map[string][]string{"alone": hostileEvents, "together": {strings.Join(hostileEvents, "\n")}} {
		t.Run(name, func(t *testing.T) { surviveFrames(t, frames) })
	}
}

func surviveFrames(t *testing.T, frames []string) {
	upgrader := websocket.Upgrader{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/connect" {
			_, _ = fmt.Fprint(w, `{"status":200,"error":{"code":""},"data":{"messages":[]}}`)
			return
		}
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = socket.Close() }()
		for _, frame := range frames {
			_ = socket.WriteMessage(websocket.BinaryMessage, []byte(frame))
		}
		_, _, _ = socket.ReadMessage() // until the device goes
	}))
	t.Cleanup(s.Close)
	a, err := client.NewApp(client.Config{URL: s.URL, Key: "id:secret"})
	if err != nil {
		t.Fatal(err)
	}
	stream := connect(t, a.Resume(client.Tokens{Access: "token"}, client.DeviceOptions{ID: "a"}), client.StreamOptions{})
	for i := range 6 {
		if e := next[client.Unknown](t, stream, nil); e.Err == nil {
			t.Errorf("frame %d: %+v", i, e)
		}
	}
	if e := next[client.Unknown](t, stream, nil); e.Err != nil || e.Name != "later/event" || string(e.Data) != `{"a":1}` {
		t.Errorf("an event of a later version: %+v", e)
	}
	m := next[client.MessageSent](t, stream, nil).Message
	if text, err := m.Text(); text != "" || !errors.Is(err, client.ErrCipher) {
		t.Errorf("a message that is not enciphered says %q, %v", text, err)
	}
}

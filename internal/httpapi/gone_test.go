package httpapi_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// TestCallersWhoAreGone: of calls that wait for their turn only those are served whose
// callers are still there, also when these had sent the next call already.
func TestCallersWhoAreGone(t *testing.T) {
	t.Parallel()
	const running, waiting = 8, 10
	came, served, release := make(chan bool, 100), make(chan bool, 100), make(chan struct{})
	codes := make(chan string, 100)
	api := httpapi.New([]httpapi.Endpoint{{
		Path: "/x",
		Authenticate: func(context.Context, http.Header) (chat.Caller, error) {
			came <- true
			return chat.Caller{KeyKind: chat.AppKey, User: 1}, nil
		},
		Handle: func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
			served <- true
			<-release
			return nothing{}, nil
		},
	}}, plain{}, budget.New(nil), slog.New(slog.DiscardHandler), func(_, code string, _ time.Duration) { codes <- code })

	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: api, ConnContext: httpapi.ConnContext, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(httpapi.Watch(ln)) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })

	const one = "POST /here/x HTTP/1.1\r\nHost: parlor\r\nContent-Length: 2\r\n\r\n{}"
	call := func() *net.TCPConn {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := io.WriteString(c, one); err != nil {
			t.Fatal(err)
		}
		<-came
		return c.(*net.TCPConn)
	}
	for range running {
		call()
		<-served
	}
	trickle := time.NewTicker(time.Millisecond) // so that some of it comes while the first one waits
	defer trickle.Stop()
	for range waiting {
		c := call()
		for i := range one[:20] {
			<-trickle.C
			if _, err := io.WriteString(c, one[i:i+1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.SetLinger(0); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
	}
	time.AfterFunc(20*time.Millisecond, func() { close(release) }) // which is a long wait
	gone := 0
	for range running + waiting {
		if <-codes != "" {
			gone++
		}
	}
	if gone != waiting || len(served) > 0 {
		t.Errorf("of %d whose callers were gone %d were not served", waiting, gone)
	}
}

package e2e

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// TestCutAnswerComesAgain: the connection breaks in the middle of an answer, wherever that
// is. What was in it comes with the next.
func TestCutAnswerComesAgain(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		listMessages(t, bo, "chat/message/room_list_and_unread", nil)
		pair := pairOf(ana, bo)
		for percent := 0; percent < 100; percent += 4 {
			var want []string
			for range 3 {
				want = append(want, ana.Send(t, pair, strings.Repeat("text ", 100)))
				ana.NextMessage(t)
			}
			cutAnswer(t, bo, "chat/message/new_and_updated", percent)
			got := localIDs(catchUp(t, bo))
			for _, id := range want {
				if !slices.Contains(got, id) {
					t.Fatalf("cut after %d %%: %d messages come again, %s is not among them", percent, len(got), id)
				}
			}
		}
	})
}

// cutAnswer makes a call and resets the connection when part of the answer was read.
func cutAnswer(t *testing.T, d *servertest.Device, path string, percent int) {
	t.Helper()
	var conn *net.TCPConn
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			if err == nil {
				conn = c.(*net.TCPConn)
			}
			return c, err
		},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.App.URL+"/v1/"+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = d.Headers(d.Access)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.CopyN(io.Discard, resp.Body, resp.ContentLength*int64(percent)/100)
	_ = conn.SetLinger(0) // a reset
	_ = conn.Close()
	_ = resp.Body.Close()
}

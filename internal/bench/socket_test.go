package bench

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// receiving is a socket to which the other end has said all of these bytes, and what it
// has answered.
func receiving(t *testing.T, said string) (s *socket, answered func() string) {
	t.Helper()
	near, far := net.Pipe()
	var got bytes.Buffer
	go func() { _, _ = far.Write([]byte(said)); _ = far.Close() }() // ends when it is read
	t.Cleanup(func() { _ = near.Close() })
	s = &socket{tcp: noting{near, &got}, in: bufio.NewReaderSize(near, 16)}
	return s, got.String
}

// noting keeps what is written.
type noting struct {
	net.Conn
	to *bytes.Buffer
}

// Write never fails.
func (n noting) Write(p []byte) (int, error) { return n.to.Write(p) }

func TestFrames(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct {
		name, said string
		want       string // the message, or part of the error
		answered   string
	}{
		{"a message", "\x82\x02hi", "hi", ""},
		{"a long one", "\x82\x7e\x01\x2c" + long, long, ""},
		{"one with a long length", "\x82\x7f\x00\x00\x00\x00\x00\x00\x01\x2c" + long, long, ""},
		{"an empty one", "\x82\x00", "", ""},
		{"a text, which SDKs pass over", "\x81\x02no\x82\x02hi", "hi", ""},
		{"a ping", "\x89\x03abc\x82\x02hi", "hi", "\x8a\x83\x00\x00\x00\x00abc"},
		{"a pong", "\x8a\x00\x82\x02hi", "hi", ""},
		{"a part", "\x02\x02hi", "begins with 02 02", ""},
		{"an extension", "\xc2\x02hi", "begins with c2 02", ""},
		{"a mask", "\x82\x82\x00\x00\x00\x00hi", "begins with 82 82", ""},
		{"too much", "\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00", "too long", ""},
		{"a close", "\x88\x06\x03\xf5slow", "1013 slow", ""},
		{"a close without a word", "\x88\x00", "closed the socket", ""},
		{"nothing", "", "EOF", ""},
		{"half a length", "\x82\x7e\x01", "EOF", ""},
		{"half a message", "\x82\x05hi", "EOF", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, answered := receiving(t, tt.said)
			frame, err := s.read()
			if got := string(frame); err == nil && got != tt.want || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q, %v, want %q", got, err, tt.want)
			}
			if got := answered(); got != tt.answered {
				t.Errorf("answered %q, want %q", got, tt.answered)
			}
		})
	}
}

// Frames of every length reach a server as they are, and all of its sockets.
func TestBareSockets(t *testing.T) {
	srv := httptest.NewServer(newBareSockets())
	defer srv.Close()
	to := target{url: srv.URL}
	var sockets []*socket
	for range 3 {
		s, err := dialSocket(t.Context(), to, bearer("any"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		if err := s.answers(); err != nil {
			t.Fatal(err)
		}
		sockets = append(sockets, s)
	}
	for _, n := range []int{0, 1, 125, 126, 65535, 65536, 200_000} {
		want := strings.Repeat("m", n)
		if err := sockets[0].write(textFrame, []byte(want)); err != nil {
			t.Fatal(err)
		}
		for i, s := range sockets {
			if got, err := s.read(); err != nil || string(got) != want {
				t.Errorf("socket %d got %d bytes, %v, want %d", i, len(got), err, n)
			}
		}
	}
}

func TestSocketIsRefused(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "who are you?", http.StatusUnauthorized)
	}))
	defer srv.Close()
	_, err := dialSocket(t.Context(), target{url: srv.URL}, bearer("any"))
	if err == nil || !strings.Contains(err.Error(), "401 Unauthorized: who are you?") {
		t.Errorf("error %v, want the server's", err)
	}
}

// A crowd notices what should not have come.
func TestCrowd(t *testing.T) {
	const message, other = "\x82\x02m1", "\x82\x02m2"
	for name, said := range map[string]string{
		"another message": other, "a message twice": message + message,
		"twice in a frame": "\x82\x05m1\nm1", "another behind it": "\x82\x05m1\nm2",
	} {
		s, _ := receiving(t, said)
		c := &crowd{sockets: []*socket{s, s}}
		m := "m1"
		c.underWay.Store(&m)
		if err := c.read(s); err == nil || !strings.Contains(err.Error(), "unexpectedly") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// Events are counted, not frames: each has what it says looked at, wherever in a frame it is.
func TestEventsOfAFrame(t *testing.T) {
	s, _ := receiving(t, "\x82\x16{\"type\":9001,\"a\":1}\nm1")
	c := &crowd{sockets: []*socket{s}, last: make(chan []byte, 1)}
	m := "m1"
	c.underWay.Store(&m)
	if err := c.read(s); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v, want the end of the socket", err)
	}
	select {
	case got := <-c.last:
		if string(got) != "m1" {
			t.Errorf("the last one got %q, want the event alone", got)
		}
	default:
		t.Error("the message behind the newline was not seen")
	}

	var counts soakCounts
	soaker := &soaker{counts: &counts, waits: "mine"}
	echo := make(chan struct{}, 1)
	one := func(id, local string) string {
		return `{"eventName":"chat/sendMessage","data":{"messageID":"` + id + `","localID":"` + local + `","created":5}}`
	}
	frame := one("1", "others") + "\n" + one("2", "mine") + "\n" + `{"eventName":"user/online","data":{}}`
	if err := soaker.hearAll([]byte(frame), echo); err != nil {
		t.Fatal(err)
	}
	if got := counts.events.Load(); got != 3 || len(echo) != 1 || !slices.Equal(soaker.unread, []string{"1"}) {
		t.Errorf("%d events, %d echoes, unread %v, want 3, 1 and that of the others", got, len(echo), soaker.unread)
	}
}

func TestTooFewFiles(t *testing.T) {
	g := &rig{row: "fan-out"}
	if err := g.enoughFiles(1); err != nil {
		t.Error(err)
	}
	err := g.enoughFiles(1 << 40)
	if err == nil {
		t.Fatal("so many files are never allowed")
	}
	g.leaveOut("%d members: %v", 1<<40, err)
	if len(g.leftOut) != 1 || !strings.HasPrefix(g.leftOut[0], "fan-out: 1099511627776 members: ") {
		t.Errorf("left out: %q", g.leftOut)
	}
}

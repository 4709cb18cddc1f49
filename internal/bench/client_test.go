package bench

import (
	"bufio"
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// answering is a connection whose other end has said all of answer, a few bytes at a
// time, when it closes.
func answering(t *testing.T, answer string) *conn {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { _ = near.Close() })
	go func() { // ends with the answer, or when the test closes its end
		request := make([]byte, 4096)
		_, _ = far.Read(request)
		for answer != "" {
			n := min(7, len(answer))
			if _, err := io.WriteString(far, answer[:n]); err != nil {
				break
			}
			answer = answer[n:]
		}
		_ = far.Close()
	}()
	return &conn{tcp: near, in: bufio.NewReaderSize(near, headBuffer), head: []byte("POST / HTTP/1.1\r\nContent-Length: ")}
}

func TestAnswers(t *testing.T) {
	const ok = `{"status":200,"data":{}}`
	length := "Content-Length: " + strconv.Itoa(len(ok)) + "\r\n"
	tests := []struct {
		name, answer string
		want         string // of the error; "" means the answer is good
	}{
		{"good", "HTTP/1.1 200 OK\r\n" + length + "\r\n" + ok, ""},
		{"good, in its own way", "HTTP/1.1 200 Fine\r\nX: y\r\ncontent-length:" + strconv.Itoa(len(ok)) +
			"  \r\nDate: now\r\n\r\n" + ok, ""},
		{"line ends without a return", strings.ReplaceAll("HTTP/1.1 200 OK\r\n"+length+"\r\n", "\r", "") + ok, ""},
		{"a failure in the envelope", "HTTP/1.1 200 OK\r\nContent-Length: 36\r\n\r\n" +
			`{"status":404,"message":"not found"}`, "not found"},
		{"a failure in the status line", "HTTP/1.1 503 Busy\r\n" + length + "\r\n" + ok, "503"},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "chunked"},
		{"no length", "HTTP/1.1 200 OK\r\n\r\n" + ok, "no Content-Length"},
		{"two lengths", "HTTP/1.1 200 OK\r\n" + length + length + "\r\n" + ok, "Content-Length"},
		{"a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "-1"},
		{"an absurd length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "99999999999"},
		{"a short body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + ok, "unexpected EOF"},
		{"no answer", "", "EOF"},
		{"half a head", "HTTP/1.1 200 OK\r\nContent-Len", "EOF"},
		{"another version", "HTTP/1.0 200 OK\r\n" + length + "\r\n" + ok, "status line"},
		{"no HTTP", "SSH-2.0-OpenSSH_9\r\n", "status line"},
		{"no header", "HTTP/1.1 200 OK\r\nwhat\r\n\r\n", "header line"},
		{"an endless header", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", headBuffer) + "\r\n\r\n", "buffer full"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := answering(t, tt.answer).post([]byte("{}"))
			switch {
			case tt.want == "" && (err != nil || string(got) != ok):
				t.Errorf("got %q, %v", got, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %q, %v; want an error with %q", got, err, tt.want)
			}
		})
	}
}

// The bare handler is called by the same client as a Parlor, many times on a connection.
func TestBareHandler(t *testing.T) {
	addr, err := freePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { served <- ServeBare(ctx, addr, 1000) }()
	s := &server{process: &process{done: make(chan struct{})}, url: "http://" + addr}
	if err := s.waitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := dial(t.Context(), target{url: s.url}.call("room/get"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for range 3 {
		answer, err := c.post([]byte(`{"xcRoomID":"x"}`))
		if err != nil || len(answer) != 1000 {
			t.Fatalf("%d bytes, %v; want 1000", len(answer), err)
		}
	}
	if _, err := cpuSeconds(t.Context(), s.url); err != nil {
		t.Error(err)
	}
	cancel()
	select {
	case err := <-served:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it does not end")
	}
}

package client_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// relay stands between devices and a server, whose address stays the same, and can cut what goes through it.
type relay struct {
	url string

	mu    sync.Mutex
	conns map[net.Conn]bool
}

func startRelay(t *testing.T, serverURL string) *relay {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{url: "http://" + l.Addr().String(), conns: map[net.Conn]bool{}}
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		r.cut()
		all.Wait()
	})
	to := strings.TrimPrefix(serverURL, "http://")
	all.Go(func() { // ends with the listener
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { r.pass(near, to) }) // ends with the connection
		}
	})
	return r
}

// pass carries bytes in both directions until one side ends.
func (r *relay) pass(near net.Conn, to string) {
	far, err := net.Dial("tcp4", to)
	if err != nil {
		_ = near.Close() // the server is down
		return
	}
	for _, c := range []net.Conn{near, far} {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // its end is a reset: in order would mean that all has arrived
		}
	}
	r.mu.Lock()
	r.conns[near], r.conns[far] = true, true
	r.mu.Unlock()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1]) // ends by a cut as well
			_, _ = near.Close(), far.Close()
		})
	}
	both.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, near)
	delete(r.conns, far)
}

// cut breaks all connections, as a network does: whatever was under way is lost.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		_ = c.Close()
	}
}

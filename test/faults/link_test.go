package faults

import (
	"context"
	"net"
	"net/url"
	"sync"
	"testing"
)

// link is a wire to PostgreSQL or NATS that can be cut so that neither end notices, or
// torn so that both do.
type link struct {
	dsn string // the server's address by way of the link

	mu    sync.Mutex
	whole chan struct{} // closed while the wire is whole
	torn  chan struct{} // closed while the wire is torn
}

// newLink lays a wire to the server of dsn that lasts as long as the test.
func newLink(t *testing.T, dsn string) *link {
	t.Helper()
	to, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{whole: make(chan struct{}), torn: make(chan struct{})}
	close(l.whole)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { l.serve(ctx, &wg, ln, to.Host) })
	t.Cleanup(func() {
		cancel()
		_ = ln.Close() // nothing was written to it
		wg.Wait()
	})
	from := *to
	from.Host = ln.Addr().String()
	l.dsn = from.String()
	return l
}

// serve joins every connection to one of its own, until ln is closed.
func (l *link) serve(ctx context.Context, wg *sync.WaitGroup, ln net.Listener, host string) {
	for {
		near, err := ln.Accept()
		if err != nil {
			return
		}
		l.mu.Lock()
		torn := l.torn
		l.mu.Unlock()
		select {
		case <-torn:
			_ = near.Close() // the caller sees that nobody is there
			continue
		default:
		}
		far, err := net.Dial("tcp", host)
		if err != nil {
			_ = near.Close() // the caller sees that nobody is there
			continue
		}
		for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
			wg.Go(func() { l.carry(ctx, pair[0], pair[1]) })
		}
		wg.Go(func() { // ends a connection that waits for bytes when the test is over
			select {
			case <-torn:
			case <-ctx.Done():
			}
			_, _ = near.Close(), far.Close()
		})
	}
}

// carry moves bytes while the wire is whole.
func (l *link) carry(ctx context.Context, from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		l.mu.Lock()
		whole := l.whole
		l.mu.Unlock()
		select {
		case <-whole:
		case <-ctx.Done():
			return
		}
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.whole = make(chan struct{})
}

func (l *link) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.whole)
}

// tear ends all connections and lets no new ones be made until join is called.
func (l *link) tear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.torn)
}

func (l *link) join() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.torn = make(chan struct{})
}

package bench

import (
	"context"
	"net/http"
	"runtime"
	"sync"

	"github.com/gorilla/websocket"
)

// broadcasters is how many goroutines write a frame for each processor: some that wait for
// the kernel are not to hold up the others.
const broadcasters = 4

// ServeBareSockets serves WebSockets on listen until ctx ends: what one of them sends goes
// to all as it is. It stores nothing and asks for nothing, so this is what any server with
// this library costs at least. Like a Parlor it shows its processor time at /metrics and
// is ready at /readyz. It fails when it cannot listen.
func ServeBareSockets(ctx context.Context, listen string) error {
	mux := http.NewServeMux()
	mux.Handle("/connect", newBareSockets())
	mux.Handle("/metrics", processMetrics())
	mux.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	return serveBare(ctx, listen, mux)
}

type bareSockets struct {
	upgrader websocket.Upgrader
	mu       sync.Mutex // held while a frame is written to all: one writer per connection
	all      map[*websocket.Conn]struct{}
}

// newBareSockets has the buffers that a Parlor has.
func newBareSockets() *bareSockets {
	return &bareSockets{
		upgrader: websocket.Upgrader{ReadBufferSize: 1 << 10, WriteBufferSize: 4 << 10, WriteBufferPool: &sync.Pool{}},
		all:      map[*websocket.Conn]struct{}{},
	}
}

// ServeHTTP opens a socket.
func (b *bareSockets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := b.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	b.mu.Lock()
	b.all[c] = struct{}{}
	b.mu.Unlock()
	go b.read(c) // ends with the socket; the handler returns, so that an idle socket is small
}

func (b *bareSockets) read(c *websocket.Conn) {
	for {
		_, frame, err := c.ReadMessage()
		if err == nil {
			err = b.broadcast(frame)
		}
		if err != nil {
			break
		}
	}
	b.mu.Lock()
	delete(b.all, c)
	b.mu.Unlock()
	_ = c.Close() // it is broken
}

// broadcast writes one encoded frame to all, and leaves those who are gone to their readers.
func (b *bareSockets) broadcast(frame []byte) error {
	p, err := websocket.NewPreparedMessage(websocket.BinaryMessage, frame)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	todo := make(chan *websocket.Conn, len(b.all))
	for c := range b.all {
		todo <- c
	}
	close(todo)
	var writers sync.WaitGroup
	for range broadcasters * runtime.GOMAXPROCS(0) {
		writers.Go(func() { // ends when all is written
			for c := range todo {
				_ = c.WritePreparedMessage(p)
			}
		})
	}
	writers.Wait()
	return nil
}

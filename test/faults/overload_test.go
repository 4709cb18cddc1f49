package faults

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parlor/client"
	"parlor/internal/store"
)

// TestWriteQueueOverflows: with hardly any room to wait in, many of many writers are
// turned away, at once. The others' writes are there.
func TestWriteQueueOverflows(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		p := start(t, o, "--write-queue", "1", "--write-batch", "1")
		w := &workload{}
		names := []string{watch}
		for i := range guests {
			names = append(names, guestXC(i))
		}
		for _, xc := range names {
			eventually(t, "there is room in the queue beside what the start writes", func() bool {
				err := p.put(t.Context(), xc)
				if err != nil && !isUnavailable(err) {
					t.Fatal(err)
				}
				return err == nil
			})
		}
		const writers, each = 64, 8
		var mu sync.Mutex
		var refusals []time.Duration
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range each {
					e := w.create()
					begun := time.Now()
					if err := w.issue(t.Context(), p.server, e); err != nil {
						t.Error(err)
					}
					if e.fate == refused {
						mu.Lock()
						refusals = append(refusals, time.Since(begun))
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		if len(refusals) == 0 || w.acks.Load() == 0 || int64(len(refusals)) != w.refusals.Load() {
			t.Fatalf("of %d writes %d were acknowledged and %d refused for sure; want some of each and no others",
				writers*each, w.acks.Load(), len(refusals))
		}
		slices.Sort(refusals)
		if typical := refusals[len(refusals)/2]; typical > time.Second {
			t.Errorf("a refusal takes %s, which is not at once", typical)
		}
		w.check(t, p.server, o)
	})
}

// TestSlowClientsHinderNobody opens more connections than the server serves calls at
// once and dawdles on all of them, in every way there is.
func TestSlowClientsHinderNobody(t *testing.T) {
	t.Parallel()
	p := start(t, sqliteIn(t.TempDir()))
	newWorkload(t, p.server)
	request := "POST /v1/server/room/get HTTP/1.1\r\nHost: parlor\r\n"
	key := "Server-Key: " + keyHeader() + "\r\n"
	for _, tt := range []struct {
		name  string
		begin string // what is sent of a request, without its end
		n     int
	}{
		{"nothing at all", "", 200},
		{"half a request line", "POST /v1/ser", 200},
		{"headers without an end", request + key, 200},
		{"a body that does not come, without a key", request + "Content-Length: 1000\r\n\r\n", 200},
		{"a body that does not come", request + key + "Content-Length: 1000\r\n\r\n{", 1200},
		{"chunks without an end", request + key + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", 1200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var slow []net.Conn
			defer func() {
				for _, c := range slow {
					_ = c.Close()
				}
			}()
			for range tt.n {
				c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				slow = append(slow, c)
				if _, err := fmt.Fprint(c, tt.begin); err != nil {
					t.Fatal(err)
				}
			}
			// Well-behaved callers are served as usual while the slow ones go on.
			for i := range 20 {
				for _, c := range slow[i*tt.n/20 : (i+1)*tt.n/20] {
					if strings.Contains(tt.begin, "Length") {
						_, _ = fmt.Fprint(c, " ") // one that has been cut off is fine, too
					}
				}
				begun := time.Now()
				if err := p.put(t.Context(), watch); err != nil {
					t.Fatal(err)
				}
				if _, err := p.backend.Room(t.Context(), "room0", client.Page{}); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begun); took > 3*time.Second {
					t.Fatalf("two calls took %s beside %d slow clients", took, tt.n)
				}
			}
		})
	}
}

// TestHalfOpenConnectionsEnd: a client that never finishes its headers is cut off.
func TestHalfOpenConnectionsEnd(t *testing.T) {
	t.Parallel()
	p := start(t, sqliteIn(t.TempDir()))
	c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := fmt.Fprint(c, "POST /v1/server/room/get HTTP/1.1\r\nHost: parlor\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	for buf := make([]byte, 1024); err == nil; {
		_, err = c.Read(buf)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open")
	}
}

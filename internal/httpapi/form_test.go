package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// inbox takes the files of forms, and keeps what has become of them.
type inbox struct {
	limit int64

	mu      sync.Mutex
	waiting int // begun and not discarded
	got     []received
}

// received is a form that has come whole.
type received struct {
	caption    string
	name, kind string
	content    []byte
}

// inflow is one file.
type inflow struct {
	bytes.Buffer
	in    *inbox
	ended bool
}

func (f *inflow) Write(b []byte) (int, error) {
	if int64(f.Len()+len(b)) > f.in.limit {
		return 0, errors.New("more than the limit was passed on")
	}
	return f.Buffer.Write(b)
}

func (f *inflow) Discard() error {
	f.in.mu.Lock()
	defer f.in.mu.Unlock()
	if f.ended {
		return errors.New("discarded twice")
	}
	f.ended = true
	f.in.waiting--
	return nil
}

// api takes forms under /here/x, from the user whose number is in the header User.
func (in *inbox) api(log io.Writer) *httpapi.API {
	return httpapi.New([]httpapi.Endpoint{{
		Path: "/x",
		Authenticate: func(_ context.Context, h http.Header) (chat.Caller, error) {
			n, err := strconv.Atoi(h.Get("User"))
			return chat.Caller{KeyKind: chat.AppKey, User: chat.UserID(n)}, err
		},
		Upload: &httpapi.Upload{
			Limit: func() int64 { return in.limit },
			Begin: func() (httpapi.Inflow, error) {
				in.mu.Lock()
				defer in.mu.Unlock()
				in.waiting++
				return &inflow{in: in}, nil
			},
			Handle: func(_ context.Context, _ chat.Caller, p *httpapi.Params, f httpapi.FormFile) (httpapi.Answer, error) {
				content := f.Content.(*inflow).Bytes()
				if int64(len(content)) != f.Size {
					return nil, fmt.Errorf("%d bytes are called %d", len(content), f.Size)
				}
				r := received{p.RawText("caption"), f.Name, f.Type, content}
				if err := p.Err(); err != nil {
					return nil, err
				}
				in.mu.Lock()
				defer in.mu.Unlock()
				in.got = append(in.got, r)
				return nothing{}, nil
			},
		},
	}}, plain{}, budget.New(nil), slog.New(slog.NewTextHandler(log, nil)), func(string, string, time.Duration) {})
}

// held is how many files are on the way.
func (in *inbox) held() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.waiting
}

// pipes is a network without one, so that a test's clock counts for its timeouts.
type pipes struct {
	conns chan net.Conn
	ended chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.ended) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p *pipes) dial() net.Conn {
	near, far := net.Pipe()
	p.conns <- far
	return near
}

// formOf is a whole form with a file of size bytes, as a request of a user's.
func formOf(t *testing.T, user string, size int) (head string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "f")
	if err == nil {
		_, err = part.Write(make([]byte, size))
	}
	if err = errors.Join(err, w.WriteField("caption", "c"), w.Close()); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("POST /here/x HTTP/1.1\r\nHost: h\r\nUser: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
		user, w.FormDataContentType(), b.Len()), b.Bytes()
}

// TestUploadsThatStall: an upload whose sender stops, or sends byte by byte, ends after a while and frees
// its share. Until then others are served, and one that is slow and steady comes whole.
func TestUploadsThatStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const places, grace = 8, 30 * time.Second // of one user; of an upload that does not come
		in := &inbox{limit: 2 << 20}
		net := &pipes{conns: make(chan net.Conn), ended: make(chan struct{})}
		server := &http.Server{Handler: in.api(io.Discard), ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(net) }() // ends with server.Close
		defer func() { _ = server.Close() }() // nothing is under way
		send := func(user string, size int, pieces ...func(body []byte) []byte) (answer string, took time.Duration) {
			start := time.Now()
			conn := net.dial()
			defer func() { _ = conn.Close() }() // nothing is under way
			head, body := formOf(t, user, size)
			if _, err := io.WriteString(conn, head); err != nil {
				return err.Error(), time.Since(start)
			}
			go func() { // ends with conn
				for _, piece := range pieces {
					if _, err := conn.Write(piece(body)); err != nil {
						return
					}
				}
			}()
			text, _ := io.ReadAll(conn) // until the server ends it, or its answer is there
			return string(text), time.Since(start)
		}
		half := func(body []byte) []byte { return body[:len(body)/2] }
		var stalled sync.WaitGroup
		for range places {
			stalled.Go(func() {
				if answer, took := send("1", 1000, half); strings.Contains(answer, `"data"`) || took < grace || took > grace+time.Second {
					t.Errorf("after %v a stalled upload is answered %.300q", took, answer)
				}
			})
		}
		dripping := 0
		stalled.Go(func() {
			var drops []func([]byte) []byte
			for i := range 1000 {
				drops = append(drops, func(body []byte) []byte {
					time.Sleep(time.Second)
					dripping = i
					return body[i : i+1]
				})
			}
			if _, took := send("2", 1000, drops...); took < grace || took > grace+time.Second {
				t.Errorf("an upload that drips ended after %v, at byte %d", took, dripping)
			}
		})
		time.Sleep(time.Second)
		if n := in.held(); n < places {
			t.Fatalf("%d uploads are on the way", n)
		}
		whole := func(user string) string {
			conn := net.dial()
			defer func() { _ = conn.Close() }() // nothing is under way
			head, body := formOf(t, user, 1000)
			go func() { _, _ = io.WriteString(conn, head+string(body)) }() // ends with conn
			buf := make([]byte, 4096)
			n, err := conn.Read(buf)
			return fmt.Sprint(string(buf[:n]), err)
		}
		if got := whole("1"); !strings.Contains(got, "too_many") {
			t.Errorf("the user of all that stall: %s", got)
		}
		if got := whole("3"); !strings.Contains(got, `{"data":{}}`) {
			t.Errorf("another user: %s", got)
		}
		stalled.Wait()
		synctest.Wait()
		if n := in.held(); n > 0 {
			t.Errorf("%d uploads are still there", n)
		}
		for range places + 1 {
			if got := whole("1"); !strings.Contains(got, `{"data":{}}`) {
				t.Errorf("after them: %s", got)
			}
		}
		steady := func(i int) func([]byte) []byte { // 20 KiB a second, for longer than what stalls has
			return func(body []byte) []byte {
				time.Sleep(time.Second)
				return body[min(i*20<<10, len(body)):min((i+1)*20<<10, len(body))]
			}
		}
		var pieces []func([]byte) []byte
		for i := range 60 {
			pieces = append(pieces, steady(i))
		}
		before := len(in.got)
		done := make(chan struct{})
		go func() {
			defer close(done)
			send("1", 1<<20, pieces...)
		}()
		time.Sleep(70 * time.Second)
		if in.mu.Lock(); len(in.got) != before+1 || len(in.got[before].content) != 1<<20 {
			t.Error("a steady upload did not come whole")
		}
		in.mu.Unlock()
		_ = server.Close() // its connection would be kept
		<-done
	})
}

// TestAnnouncedAndNotSent: a sender who announces more than their form has does not keep the connection.
func TestAnnouncedAndNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &inbox{limit: 2 << 20}
		net := &pipes{conns: make(chan net.Conn), ended: make(chan struct{})}
		server := &http.Server{Handler: in.api(io.Discard), ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(net) }() // ends with server.Close
		defer func() { _ = server.Close() }() // nothing is under way
		conn := net.dial()
		defer func() { _ = conn.Close() }() // nothing is under way
		head, body := formOf(t, "1", 1000)
		head = strings.Replace(head, "Content-Length: ", "Content-Length: 1", 1) // a digit more
		go func() { _, _ = io.WriteString(conn, head+string(body)) }()           // ends with conn
		start := time.Now()
		text, _ := io.ReadAll(conn) // until the server ends it
		if took := time.Since(start); strings.Contains(string(text), `"data"`) || took > time.Minute || in.held() > 0 {
			t.Errorf("after %v: %.300q, %d files are held", took, text, in.held())
		}
	})
}

// TestUploadsThatAreCut: of an upload whose connection ends nothing is kept, and its share is free at once.
func TestUploadsThatAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &inbox{limit: 2 << 20}
		net := &pipes{conns: make(chan net.Conn), ended: make(chan struct{})}
		server := &http.Server{Handler: in.api(io.Discard), ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(net) }() // ends with server.Close
		defer func() { _ = server.Close() }() // nothing is under way
		start := time.Now()
		head, body := formOf(t, "1", 100_000)
		request := head + string(body)
		for _, n := range []int{len(head), len(head) + 20, len(head) + 200, len(head) + 50_000, len(request) - 30, len(request) - 1} {
			for range 9 { // more than a user has places for
				conn := net.dial()
				if _, err := io.WriteString(conn, request[:n]); err != nil {
					t.Fatal(err)
				}
				if err := conn.Close(); err != nil {
					t.Fatal(err)
				}
				if synctest.Wait(); in.held() > 0 || len(in.got) > 0 {
					t.Fatalf("cut after %d bytes of %d: %d files are held, %d were taken", n, len(request), in.held(), len(in.got))
				}
			}
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("one had to wait for those before: %v", took)
		}
	})
}

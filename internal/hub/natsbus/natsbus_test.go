package natsbus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parlor/test/env/natstest"
)

const patience = 30 * time.Second

// node is a Bus and what it has said.
type node struct {
	*Bus
	got  chan string
	lost chan time.Time
	log  *syncBuffer
}

// open opens a bus that hands out into channels.
func open(t *testing.T, s *natstest.Server, o Options) *node {
	t.Helper()
	n := openOnly(t, s, o)
	err := n.Subscribe(func(p []byte) { n.got <- string(p) }, func(since time.Time) { n.lost <- since })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func openOnly(t *testing.T, s *natstest.Server, o Options) *node {
	t.Helper()
	n := &node{got: make(chan string, 100_000), lost: make(chan time.Time, 1000), log: &syncBuffer{}}
	o.Log = slog.New(slog.NewTextHandler(n.log, nil))
	if o.URL == "" {
		o.URL = s.URL()
	}
	var err error
	if n.Bus, err = Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func (n *node) publish(t *testing.T, s string) {
	t.Helper()
	if err := n.Publish([]byte(s)); err != nil {
		t.Fatal(err)
	}
}

func (n *node) expect(t *testing.T, want string) {
	t.Helper()
	if got := receive(t, n.got); got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// expectLost waits for a loss since before t0.
func (n *node) expectLost(t *testing.T, t0 time.Time) {
	t.Helper()
	if since := receive(t, n.lost); !since.Before(t0) || since.Before(t0.Add(-time.Minute)) {
		t.Fatalf("messages may be missing since %s, want a little before %s", since, t0)
	}
}

func (n *node) expectHealth(t *testing.T, well bool) {
	t.Helper()
	until(t, fmt.Sprintf("healthy is %v", well), func() bool { return (n.Healthy() == nil) == well })
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.After(patience); !cond(); {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("it never came true that %s", what)
		}
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestOrderAndNoEcho(t *testing.T) {
	t.Parallel()
	s := natstest.Run(t)
	a, b := open(t, s, Options{Cluster: "c"}), open(t, s, Options{Cluster: "c"})
	stranger := open(t, s, Options{Cluster: "another cluster"})

	const count = 5000
	var both sync.WaitGroup
	for _, n := range []*node{a, b} {
		both.Go(func() {
			for i := range count {
				if err := n.Publish([]byte(strconv.Itoa(i))); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	both.Wait()
	for _, n := range []*node{a, b} {
		for i := range count {
			n.expect(t, strconv.Itoa(i))
		}
	}
	stranger.publish(t, "not for them")
	a.publish(t, "last")
	b.expect(t, "last")
	for name, n := range map[string]*node{"a": a, "b": b, "stranger": stranger} {
		if len(n.got) > 0 || len(n.lost) > 0 {
			t.Errorf("%s: %d messages too many, %d losses", name, len(n.got), len(n.lost))
		}
	}
	if err := a.Subscribe(func([]byte) {}, func(time.Time) {}); err == nil {
		t.Error("a second subscription is possible")
	}
}

func TestPayloads(t *testing.T) {
	t.Parallel()
	s := natstest.Run(t)
	a, b := open(t, s, Options{}), open(t, s, Options{})
	const largest = 1<<20 - headerSize // of nats-server's default
	payload := bytes.Repeat([]byte("x"), largest+1)
	if err := a.Publish(payload); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	for _, size := range []int{largest, 0, 1} {
		if err := a.Publish(payload[:size]); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		payload[0]++ // it is ours again
		if got := receive(t, b.got); len(got) != size || strings.Trim(got, "xyz") != "" {
			t.Fatalf("%d bytes arrived as %d", size, len(got))
		}
	}
	a.expectHealth(t, true)
	if len(b.lost) > 0 {
		t.Error("a message that was refused counts as lost")
	}
}

func TestServerKilled(t *testing.T) {
	t.Parallel()
	s := natstest.Run(t, "--user", "me", "--pass", "hunter2")
	url := "nats://me:hunter2@" + s.Address()
	a, b := open(t, s, Options{URL: url}), open(t, s, Options{URL: url})
	a.publish(t, "before")
	b.expect(t, "before")

	killed := time.Now()
	s.Kill()
	a.expectHealth(t, false)
	b.expectHealth(t, false)
	if err := a.Publish([]byte("meanwhile")); !errors.Is(err, ErrDisconnected) {
		t.Errorf("publish while down: %v", err)
	}
	if len(a.lost)+len(b.lost) > 0 {
		t.Error("told of a loss before it can be made up for")
	}
	if err := s.StartAgain(); err != nil {
		t.Fatal(err)
	}
	a.expectLost(t, killed)
	b.expectLost(t, killed)
	a.expectHealth(t, true)
	b.expectHealth(t, true)
	a.publish(t, "after")
	b.expect(t, "after")
	for _, n := range []*node{a, b} {
		log := n.log.String()
		if strings.Contains(log, "hunter2") {
			t.Errorf("the password is logged:\n%s", log)
		}
		for _, want := range []string{"connection to NATS lost", "connected to NATS again"} {
			if strings.Count(log, want) != 1 {
				t.Errorf("want one line %q:\n%s", want, log)
			}
		}
	}
}

// TestSenderDisconnected: only the publisher's connection breaks, so that the receiver
// has no other sign of a loss than the numbers.
func TestSenderDisconnected(t *testing.T) {
	t.Parallel()
	s := natstest.Run(t)
	p := newProxy(t, s.Address())
	a, b := open(t, s, Options{URL: "nats://" + p.address()}), open(t, s, Options{})
	a.publish(t, "before")
	b.expect(t, "before")

	broken := time.Now()
	p.cut()
	a.expectHealth(t, false)
	if err := a.Publish([]byte("lost")); !errors.Is(err, ErrDisconnected) {
		t.Fatalf("publish while down: %v", err)
	}
	p.mend(t)
	b.expectLost(t, broken)
	a.expectLost(t, broken)
	a.expectHealth(t, true)
	a.publish(t, "after")
	b.expect(t, "after")
	if err := b.Healthy(); err != nil {
		t.Error(err)
	}
}

// TestChecked: what has arrived is not looked through before lost was called, and has returned,
// for what it shows to be missing.
func TestChecked(t *testing.T) {
	t.Parallel()
	s := natstest.Run(t)
	p := newProxy(t, s.Address())
	a, b := open(t, s, Options{URL: "nats://" + p.address()}), openOnly(t, s, Options{})
	begun, goOn := make(chan struct{}), make(chan struct{})
	lost := sync.OnceFunc(func() { close(begun); <-goOn })
	if err := b.Subscribe(func(p []byte) { b.got <- string(p) }, func(time.Time) { lost() }); err != nil {
		t.Fatal(err)
	}
	a.publish(t, "before")
	b.expect(t, "before")
	arrived := time.Now()
	until(t, "it was looked through", func() bool { return b.Checked().After(arrived) })

	p.cut()
	a.expectHealth(t, false)
	if err := a.Publish([]byte("lost")); !errors.Is(err, ErrDisconnected) {
		t.Fatalf("publish while down: %v", err)
	}
	p.mend(t)
	receive(t, begun)
	if at := b.Checked(); !at.IsZero() {
		t.Errorf("it was looked through up to %s, and the loss is not reported yet", at)
	}
	close(goOn)
	reported := time.Now()
	until(t, "it was looked through after that", func() bool { return b.Checked().After(reported) })
}

// TestServerStalls: the connection stays open, yet nothing moves. Publish must not wait
// for it; it would if nats.go's buffers were all there is.
func TestServerStalls(t *testing.T) {
	t.Parallel()
	s := natstest.Run(t)
	a, b := open(t, s, Options{}), open(t, s, Options{})
	a.publish(t, "before")
	b.expect(t, "before")

	stalled := time.Now()
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	var err error
	for payload := make([]byte, 4096); err == nil; {
		err = a.Publish(payload)
	}
	// A blocked Publish would have gone on until the connection was given up.
	if !errors.Is(err, ErrBacklog) {
		t.Errorf("publish to a stalled server: %v, want %v", err, ErrBacklog)
	}
	a.expectHealth(t, false)
	b.expectHealth(t, false)
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	b.expectLost(t, stalled)
	a.expectHealth(t, true)
	b.expectHealth(t, true)
}

func TestSlowConsumer(t *testing.T) {
	t.Parallel()
	s := natstest.Run(t)
	a := open(t, s, Options{})
	b := openOnly(t, s, Options{limits: limits{messages: 10, bytes: 1 << 20}})
	enter, leave := make(chan struct{}, 1), make(chan struct{})
	got, lost := make(chan string, 100), make(chan time.Time, 100)
	err := b.Subscribe(func(p []byte) {
		select {
		case enter <- struct{}{}:
		default:
		}
		<-leave
		got <- string(p)
	}, func(since time.Time) { lost <- since })
	if err != nil {
		t.Fatal(err)
	}

	a.publish(t, "0")
	receive(t, enter)
	before := time.Now()
	for i := range 20 {
		a.publish(t, strconv.Itoa(i+1))
	}
	until(t, "the loss was noticed", func() bool {
		b.in.mu.Lock()
		defer b.in.mu.Unlock()
		return !b.in.loss.IsZero()
	})
	close(leave)
	for i := range 11 {
		if v := receive(t, got); v != strconv.Itoa(i) {
			t.Fatalf("got %s, want %d", v, i)
		}
	}
	if since := receive(t, lost); !since.Before(before) {
		t.Errorf("lost since %s, want before %s", since, before)
	}
	a.publish(t, "after")
	if v := receive(t, got); v != "after" {
		t.Errorf("got %s after the loss", v)
	}
}

// TestNodeDies: what it committed last may not have been announced.
func TestNodeDies(t *testing.T) {
	t.Parallel()
	s := natstest.Run(t)
	p := newProxy(t, s.Address())
	a, b := open(t, s, Options{URL: "nats://" + p.address()}), open(t, s, Options{})
	a.publish(t, "before")
	b.expect(t, "before")
	died := time.Now()
	p.cut()
	b.expectLost(t, died)

	// One that leaves in an orderly way leaves nothing to catch up with.
	c := open(t, s, Options{})
	c.publish(t, "last words")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	b.expect(t, "last words")
	until(t, "the node that left is forgotten", func() bool {
		b.peers.mu.Lock()
		defer b.peers.mu.Unlock()
		return len(b.peers.nodes) == 1
	})
}

func TestClose(t *testing.T) {
	s := natstest.Run(t)
	before := goleak.IgnoreCurrent()
	for _, state := range []string{"up", "down"} {
		var buses []*node
		if state == "down" {
			if err := s.StartAgain(); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			buses = append(buses, open(t, s, Options{}))
		}
		if state == "up" {
			for range 100 {
				buses[0].publish(t, "drained")
			}
			if err := buses[0].Close(); err != nil {
				t.Error(err)
			}
			for range 100 {
				buses[1].expect(t, "drained")
			}
			s.Kill()
		} else {
			s.Kill()
			buses[0].expectHealth(t, false)
		}
		for _, b := range buses {
			for range 2 {
				if err := b.Close(); err != nil {
					t.Errorf("%s: close: %v", state, err)
				}
			}
			if err := b.Publish(nil); !errors.Is(err, ErrClosed) {
				t.Errorf("%s: publish: %v", state, err)
			}
			if err := b.Healthy(); !errors.Is(err, ErrClosed) {
				t.Errorf("%s: healthy: %v", state, err)
			}
		}
		goleak.VerifyNone(t, before)
	}
}

func TestOpenFails(t *testing.T) {
	s := natstest.Run(t, "--user", "me", "--pass", "right")
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	gone := natstest.Run(t)
	gone.Kill()

	tests := []struct {
		name, url string
		want      string // in the error
	}{
		{
			"nobody there", "nats://me:hunter2@" + gone.Address(),
			"nats://" + gone.Address() + ": dial tcp " + gone.Address() + ": connect: connection refused",
		},
		{
			"none of several", "nats://me:hunter2@" + gone.Address() + ", nats://hunter2@" + gone.Address(),
			"connection refused",
		},
		{"wrong password", "nats://me:hunter2@" + s.Address(), "nats://" + s.Address() + ": nats: Authorization Violation"},
		{"no answer", "nats://me:hunter2@" + silent.Addr().String(), "timeout"},
		{"no such host", "nats://me:hunter2@nowhere.invalid:4222", "lookup nowhere.invalid"},
		{"empty", "", "address 1 is none"},
		{"no host", "nats://", "address 1 is none"},
		{"bad port", "nats://me:hunter2@h:port", "address 1 is none"},
		{"second is bad", "nats://h:1,me:hunter2@h:2", "address 2 is none"},
		{"other scheme", "http://me:hunter2@h:1", `address 1 begins with "http"`},
		{"slash in the password", "nats://me:1/hunter2@h:1", "address 1"},
		{"question mark in the password", "nats://me?hunter2@h:1", "%3F"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, log := goleak.IgnoreCurrent(), &syncBuffer{}
			b, err := Open(t.Context(), Options{URL: tt.url, Log: slog.New(slog.NewTextHandler(log, nil))})
			if err == nil {
				_ = b.Close()
				t.Fatal("it opens")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %q, want one with %q and no password", err, tt.want)
			}
			if log.String() != "" {
				t.Errorf("logged beside the error: %s", log)
			}
			goleak.VerifyNone(t, before)
		})
	}

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(nil)
	if _, err := Open(ctx, Options{URL: "nats://" + silent.Addr().String()}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNotPermitted(t *testing.T) {
	for _, tt := range []struct{ name, permissions string }{
		{"publish", `publish: {deny: "parlor.>"}`},
		{"subscribe", `subscribe: {deny: "parlor.>"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := `authorization: {users: [{user: me, password: p, permissions: {` + tt.permissions + `}}]}`
			s := natstest.Run(t, "--config", writeFile(t, config))
			b, err := Open(t.Context(), Options{URL: "nats://me:p@" + s.Address()})
			if err == nil {
				err = b.Subscribe(func([]byte) {}, func(time.Time) {})
				_ = b.Close()
			}
			if err == nil || !strings.Contains(strings.ToLower(err.Error()), "permissions violation") {
				t.Errorf("error %v", err)
			}
		})
	}
}

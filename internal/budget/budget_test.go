package budget

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
)

func TestOwners(t *testing.T) {
	app := chat.App{ID: 1}
	server := chat.Caller{App: app, KeyID: "s", KeyKind: chat.ServerKey}
	guest := chat.Caller{App: app, KeyID: "a", KeyKind: chat.AppKey}
	user := func(n chat.UserID, login chat.LoginID) chat.Caller {
		return chat.Caller{App: app, KeyID: "a", KeyKind: chat.AppKey, User: n, Login: chat.Login{ID: login}}
	}
	for name, tt := range map[string]struct {
		one, other Owner
		same       bool
	}{
		"devices of a user":          {OwnerOf(user(1, 1), "192.0.2.1:1"), OwnerOf(user(1, 2), "192.0.2.2:1"), true},
		"users":                      {OwnerOf(user(1, 1), "192.0.2.1:1"), OwnerOf(user(2, 2), "192.0.2.1:1"), false},
		"a backend's machines":       {OwnerOf(server, "192.0.2.1:1"), OwnerOf(server, "192.0.2.2:1"), true},
		"ports of an address":        {OwnerOf(guest, "192.0.2.1:1"), OwnerOf(guest, "192.0.2.1:2"), true},
		"addresses":                  {OwnerOf(guest, "192.0.2.1:1"), OwnerOf(guest, "192.0.2.2:1"), false},
		"an address in two writings": {OwnerOf(guest, "192.0.2.1:1"), OwnerOf(guest, "[::ffff:192.0.2.1]:1"), true},
		"a network of IPv6":          {Stranger("[2001:db8::1]:1"), Stranger("[2001:db8::2:3:4:5]:1"), true},
		"networks of IPv6":           {Stranger("[2001:db8:0:1::1]:1"), Stranger("[2001:db8:0:2::1]:1"), false},
		"zones":                      {Stranger("[fe80::1%eth0]:1"), Stranger("[fe80::1%eth1]:1"), true},
		"no address":                 {Stranger(""), Stranger("@"), true},
		"a backend and a guest":      {OwnerOf(server, "192.0.2.1:1"), OwnerOf(guest, "192.0.2.1:1"), false},
	} {
		if (tt.one == tt.other) != tt.same {
			t.Errorf("%s: %v and %v", name, tt.one, tt.other)
		}
	}
}

// TestPace: what is beyond the burst comes at the pace, whoever else does what; idle
// owners are forgotten.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPace(10, 20)
		for range 20 {
			if d := p.Next(person(1), 1); d > 0 {
				t.Fatalf("within the burst: %v", d)
			}
		}
		for n := 1; n <= 30; n++ {
			if d, want := p.Next(person(1), 1), time.Duration(n)*100*time.Millisecond; d != want {
				t.Fatalf("beyond it, %d: %v, want %v", n, d, want)
			}
		}
		if d := p.Next(person(2), 1000); d > 0 {
			t.Errorf("another, with more than the burst at once: %v", d)
		}
		time.Sleep(time.Minute)
		for n := range 3 * keptPaces {
			p.Next(person(10+n), 1)
			time.Sleep(100 * time.Millisecond)
		}
		if len(p.known) > keptPaces {
			t.Errorf("%d owners are known", len(p.known))
		}
	})
}

// TestSizes: one large answer is expected again; many small ones make it be forgotten.
func TestSizes(t *testing.T) {
	var s Sizes
	if n := s.expected(); n != firstEstimate {
		t.Errorf("at first %d", n)
	}
	s.saw(8 << 20)
	if n := s.expected(); n != 8<<20 {
		t.Errorf("after a large one %d", n)
	}
	for range 200 {
		s.saw(1000)
	}
	if n := s.expected(); n > FreeAnswer {
		t.Errorf("after small ones %d", n)
	}
}

// TestDoor: wrong credentials in numbers close it to all but those that were right, until
// a while has passed.
func TestDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(nil)
		try := func(key, remote string, err error) chat.Code {
			_, err = b.Identify(Credentials{key}, remote, func() (chat.Caller, error) { return chat.Caller{}, err })
			return chat.CodeOf(err)
		}
		const here, there = "192.0.2.1:1", "192.0.2.2:1"
		wrong, expired := chat.Errorf(chat.CodeKeyUnknown, "no key"), chat.Errorf(chat.CodeTokenExpired, "expired")
		try("known", here, nil)
		for n := range 2 * wrongAtOnce {
			if code := try(fmt.Sprint(n), here, expired); code != chat.CodeTokenExpired {
				t.Fatalf("one that has expired: %s", code)
			}
		}
		for n := range wrongAtOnce {
			if code := try(fmt.Sprint(n), here, wrong); code != chat.CodeKeyUnknown {
				t.Fatalf("guess %d: %s", n, code)
			}
		}
		for key, want := range map[string]chat.Code{"new": chat.CodeTooMany, "known": ""} {
			if code := try(key, here, nil); code != want {
				t.Errorf("%s: %q", key, code)
			}
		}
		if code := try("new", there, nil); code != "" {
			t.Errorf("elsewhere: %q", code)
		}
		time.Sleep(time.Second)
		if code := try("newer", here, nil); code != "" {
			t.Errorf("after a second: %q", code)
		}
	})
}

// TestWaitTime: nobody waits forever.
func TestWaitTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refusals := map[string]int{}
		b := New(func(share, who string) { refusals[share+" "+who]++ })
		for range 8 {
			if _, err := b.Call(context.Background(), person(1)); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		_, err := b.Call(context.Background(), person(1))
		if waited := time.Since(start); chat.CodeOf(err) != chat.CodeTooMany || waited != waitTime {
			t.Errorf("after %v: %v", waited, err)
		}
		if refusals["calls user"] != 1 {
			t.Errorf("refusals %v", refusals)
		}
	})
}

// TestWork: a user whose calls take much time waits; nobody is refused for it, and others
// do not wait.
func TestWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(nil)
		b.work = NewPace(250_000, int(workAtOnce.Microseconds())) // as with two processors
		call := func(o Owner, work time.Duration) (waited time.Duration) {
			start := time.Now()
			done, err := b.Call(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			waited = time.Since(start)
			time.Sleep(work)
			done()
			return waited
		}
		var waited time.Duration
		for range 20 {
			waited += call(person(1), maxWork)
		}
		if waited < 5*time.Second || waited > 10*time.Second {
			t.Errorf("after 5 s of work: waited %v", waited)
		}
		for _, o := range []Owner{person(2), backend(1), Stranger("192.0.2.1:1")} {
			if d := call(o, time.Millisecond); d > 0 {
				t.Errorf("%v waited %v", o, d)
			}
		}
		time.Sleep(time.Minute)
		if d := call(person(1), 0); d > 0 {
			t.Errorf("after a rest: %v", d)
		}
	})
}

// TestBodyPace: a sender of bodies without end is made to wait, and then refused.
func TestBodyPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(nil)
		guest := Stranger("192.0.2.1:1")
		send := func() (after time.Duration, err error) {
			after, err = b.Body(guest, 4*mib)
			if err == nil {
				b.BodyDone(guest, 4*mib)
			}
			return after, err
		}
		for n, want := range []time.Duration{0, 0, 4 * time.Second} {
			if after, err := send(); err != nil || after != want {
				t.Errorf("body %d: after %v, %v", n, after, err)
			}
		}
		if _, err := send(); chat.CodeOf(err) != chat.CodeTooMany {
			t.Errorf("body 3: %v", err)
		}
		if used := b.bodies.used; used != 0 {
			t.Errorf("%d bytes are held", used)
		}
	})
}

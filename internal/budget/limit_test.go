package budget

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"parlor/internal/chat"
)

var aKey = Owner{kind: Backend, app: 1, key: "k"}

// limitOf is the share behind a refusal, which must have one.
func limitOf(t *testing.T, err error) Limit {
	t.Helper()
	l, ok := LimitOf(fmt.Errorf("wrapped: %w", err))
	if !ok {
		t.Fatalf("%v has no limit", err)
	}
	return l
}

// TestLimits: a refusal says which share it was and how much is left of it, and nothing that is not known.
func TestLimits(t *testing.T) {
	b := New(nil)
	for range 512 {
		if _, err := b.Call(t.Context(), aKey); err != nil {
			t.Fatal(err)
		}
	}
	refuseNow := func(share string, err error) error {
		return b.refuse(b.calls.limit(share, Concurrent, aKey), aKey, err, "why")
	}
	full := limitOf(t, refuseNow("calls", errShare))
	if full.Policy() != `"calls";q=512;qu="concurrent-requests"` || full.State() != `"calls";r=0` || full.RetryAfter() != 1 {
		t.Errorf("%s, %s, %d", full.Policy(), full.State(), full.RetryAfter())
	}
	b.calls.give(aKey, 12)
	if err := refuseNow("calls", errFull); chat.CodeOf(err) != chat.CodeUnavailable || limitOf(t, err).State() != `"calls";r=12` {
		t.Errorf("%v, %s", err, limitOf(t, err).State())
	}
	other := Owner{kind: Person, app: 1, user: 7}
	if got := b.calls.limit("calls", Concurrent, other).State(); got != `"calls";r=8` {
		t.Errorf("somebody who has nothing: %s", got)
	}
	b.answers.add(aKey, 1<<40) // more than the share
	if got := b.answers.limit("answers", Bytes, aKey); got.Left != 0 || got.Quota != 128*mib {
		t.Errorf("who owes something: %+v", got)
	}
	for _, err := range []error{nil, errors.New("x"), chat.Errorf(chat.CodeTooMany, "of another kind")} {
		if _, ok := LimitOf(err); ok {
			t.Errorf("%v has a limit", err)
		}
	}
}

// TestLimitsOfPaces: what comes back with time says when there will be enough.
func TestLimitsOfPaces(t *testing.T) {
	p := NewPace(100, 2000)
	if got := p.limit("x", Bytes, aKey, 50); got.State() != `"x";r=2000` || got.Policy() != `"x";q=2000;qu="content-bytes";w=20` {
		t.Errorf("%s, %s", got.State(), got.Policy())
	}
	p.Next(aKey, 2000)
	p.Next(aKey, 1000) // in debt
	l := p.limit("x", Bytes, aKey, 50)
	if l.Left != 0 || l.After < 10*time.Second || l.After > 11*time.Second || l.RetryAfter() != 11 {
		t.Errorf("%+v", l)
	}
	if huge := p.limit("x", Bytes, aKey, 1<<30); huge.After < 30*time.Second || huge.After > 31*time.Second {
		t.Errorf("more than there ever is: %+v", huge)
	}
}

// TestBodiesSayTheirLimit asks for more than comes back in time, by the way that calls take.
func TestBodiesSayTheirLimit(t *testing.T) {
	b := New(nil)
	o := Owner{kind: Guest}
	for {
		if _, err := b.Body(o, mib); err != nil {
			l := limitOf(t, err)
			if l.Share != "bodies" || l.Unit != Bytes || l.Quota != 8*mib {
				t.Errorf("%+v", l)
			}
			return
		}
	}
}

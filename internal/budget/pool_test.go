package budget

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"parlor/internal/chat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func person(n int) Owner { return OwnerOf(chat.Caller{User: chat.UserID(n + 1)}, "") }

func backend(n int) Owner {
	return OwnerOf(chat.Caller{KeyKind: chat.ServerKey, KeyID: fmt.Sprint(n)}, "")
}

// TestPool makes random takes, requests, departures and returns: what is held keeps to
// every bound, no request waits that could be granted, those of one owner are granted in
// their order, and what was held comes back.
func TestPool(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shares := map[Kind]Share{}
		total := rapid.Int64Range(1, 12).Draw(t, "total")
		for _, k := range []Kind{Backend, Person} {
			shares[k] = Share{
				Each: rapid.Int64Range(1, 6).Draw(t, "each"), All: rapid.Int64Range(1, 12).Draw(t, "all"),
				Waiting: rapid.IntRange(0, 4).Draw(t, "waiting"),
			}
		}
		w := &poolWalk{
			p: NewPool(total, shares), total: total, shares: shares,
			held: map[Owner][]int64{}, asked: map[Owner][]*request{},
		}
		owners := []Owner{person(1), person(2), person(3), backend(1), backend(2)}
		owner := rapid.SampledFrom(owners)
		size := rapid.Int64Range(0, 5)
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				o, n := owner.Draw(t, "owner"), size.Draw(t, "n")
				if w.p.take(o, n) == nil {
					w.held[o] = append(w.held[o], n)
				}
			},
			"ask": func(t *rapid.T) {
				o, n := owner.Draw(t, "owner"), size.Draw(t, "n")
				switch r, err := w.p.ask(o, n); {
				case r != nil:
					w.asked[o] = append(w.asked[o], r)
				case err == nil:
					w.held[o] = append(w.held[o], n)
				}
			},
			"leave": func(t *rapid.T) {
				o := owner.Draw(t, "owner")
				if len(w.asked[o]) == 0 {
					return
				}
				i := rapid.IntRange(0, len(w.asked[o])-1).Draw(t, "which")
				r := w.asked[o][i]
				if err := w.p.leave(r); err == nil {
					t.Fatal("a request was granted without a sign of it")
				}
				w.asked[o] = append(w.asked[o][:i:i], w.asked[o][i+1:]...)
			},
			"give": func(t *rapid.T) {
				o := owner.Draw(t, "owner")
				if len(w.held[o]) == 0 {
					return
				}
				i := rapid.IntRange(0, len(w.held[o])-1).Draw(t, "which")
				n := w.held[o][i]
				w.held[o] = append(w.held[o][:i:i], w.held[o][i+1:]...)
				w.p.give(o, n)
			},
			"": w.check,
		})
		for _, o := range owners { // nobody waits forever, and nothing stays
			for len(w.held[o])+len(w.asked[o]) > 0 {
				w.settle(t)
				for len(w.held[o]) > 0 {
					n := w.held[o][0]
					w.held[o] = w.held[o][1:]
					w.p.give(o, n)
				}
				if w.settle(t); len(w.held[o]) == 0 && len(w.asked[o]) > 0 {
					if err := w.p.leave(w.asked[o][0]); !errors.Is(err, errFull) {
						t.Fatalf("leaving for others' sake: %v", err)
					}
					w.asked[o] = w.asked[o][1:]
				}
			}
		}
		if busy(w.p) > 0 || w.p.used != 0 || w.p.waiting != 0 || w.p.kinds[Person].used != 0 || w.p.kinds[Backend].used != 0 {
			t.Fatalf("what is left: %+v", w.p)
		}
	})
}

// poolWalk is a Pool and what it has granted.
type poolWalk struct {
	p      *Pool
	total  int64
	shares map[Kind]Share
	held   map[Owner][]int64
	asked  map[Owner][]*request
}

// settle notes what was granted meanwhile.
func (w *poolWalk) settle(t *rapid.T) {
	for o, requests := range w.asked {
		var open []*request
		for _, r := range requests {
			select {
			case <-r.granted:
				if len(open) > 0 {
					t.Fatalf("%v: a later request was granted before an earlier one", o)
				}
				w.held[o] = append(w.held[o], r.n)
			default:
				open = append(open, r)
			}
		}
		w.asked[o] = open
	}
}

func (w *poolWalk) check(t *rapid.T) {
	w.settle(t)
	all, byKind := int64(0), map[Kind]int64{}
	byOwner := map[Owner]int64{}
	for o, held := range w.held {
		for _, n := range held {
			all, byKind[o.kind], byOwner[o] = all+n, byKind[o.kind]+n, byOwner[o]+n
		}
		if byOwner[o] > w.shares[o.kind].Each {
			t.Fatalf("%v holds %d", o, byOwner[o])
		}
	}
	for kind, n := range byKind {
		if n > w.shares[kind].All {
			t.Fatalf("%s holds %d", kind, n)
		}
	}
	if all > w.total || all != w.p.used {
		t.Fatalf("%d are held, counted %d of %d", all, w.p.used, w.total)
	}
	waiting := 0
	for o, open := range w.asked {
		waiting += len(open)
		if len(open) > w.shares[o.kind].Waiting {
			t.Fatalf("%d requests of %v wait", len(open), o)
		}
		if len(open) > 0 && w.p.own(w.p.owners[o], open[0].n) && w.p.fits(o.kind, open[0].n) && w.first(o) {
			t.Fatalf("%v waits for %d, which are there", o, open[0].n)
		}
	}
	if waiting != w.p.waiting {
		t.Fatalf("%d wait, counted %d", waiting, w.p.waiting)
	}
}

// first reports whether an owner is the first in the line of their kind.
func (w *poolWalk) first(o Owner) bool {
	for _, s := range w.p.kinds[o.kind].owners {
		if len(s.waiting) > 0 && w.p.own(s, s.waiting[0].n) {
			return s.owner == o
		}
	}
	return true
}

// TestOwnersTakeTurns: of many who wait, one with many requests is served no more often
// than one with one.
func TestOwnersTakeTurns(t *testing.T) {
	p := NewPool(1, map[Kind]Share{Person: {Each: 1, All: 1, Waiting: 10}})
	if err := p.take(person(0), 1); err != nil {
		t.Fatal(err)
	}
	var greedy, modest []*request
	for range 5 {
		r, _ := p.ask(person(1), 1)
		greedy = append(greedy, r)
	}
	for i := range 3 {
		r, _ := p.ask(person(2+i), 1)
		modest = append(modest, r)
	}
	granted := func(r *request) bool {
		select {
		case <-r.granted:
			return true
		default:
			return false
		}
	}
	p.give(person(0), 1)
	for i, r := range modest {
		p.give(map[bool]Owner{true: person(1), false: person(1 + i)}[i == 0], 1)
		if !granted(r) || granted(greedy[1]) {
			t.Fatalf("modest %d: granted %t; greedy's second: %t", i, granted(r), granted(greedy[1]))
		}
	}
}

// TestDebt: what was larger than expected is its owner's to make up for.
func TestDebt(t *testing.T) {
	p := NewPool(100, map[Kind]Share{Person: {Each: 10, All: 30}})
	p.add(person(1), 1000)
	if err := p.take(person(1), 0); !errors.Is(err, errShare) {
		t.Errorf("the debtor: %v", err)
	}
	if err := p.take(person(2), 10); err != nil {
		t.Errorf("another: %v", err)
	}
	p.give(person(1), 995)
	if err := p.take(person(1), 5); err != nil {
		t.Errorf("no debtor any more: %v", err)
	}
	if p.used != 20 {
		t.Errorf("%d are counted", p.used)
	}
}

// TestPoolConcurrently has many take, wait, give up and give back at once.
func TestPoolConcurrently(t *testing.T) {
	const each, all = 3, 8
	p := NewPool(10, map[Kind]Share{Person: {Each: each, All: all, Waiting: 4}, Backend: {Each: 5, All: all, Waiting: 4}})
	var mu sync.Mutex
	held := map[Owner]int64{}
	var group sync.WaitGroup
	for i := range 40 {
		o := person(i % 5)
		if i%4 == 0 {
			o = backend(i % 3)
		}
		group.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 1))
			for range 300 {
				n := int64(1 + rng.IntN(3))
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.IntN(2000))*time.Microsecond)
				err := p.wait(ctx, o, n)
				cancel()
				if err != nil {
					continue
				}
				mu.Lock()
				if held[o] += n; o.kind == Person && held[o] > each {
					t.Errorf("%v holds %d", o, held[o])
				}
				held[o] -= n
				mu.Unlock()
				p.give(o, n)
			}
		})
	}
	group.Wait()
	if p.used != 0 || p.waiting != 0 || busy(p) > 0 {
		t.Errorf("what is left: %+v", p)
	}
}

// busy counts the owners who hold something or wait for it.
func busy(p *Pool) (n int) {
	for _, s := range p.owners {
		if s.used != 0 || len(s.waiting) > 0 || s.inLine {
			n++
		}
	}
	return n
}

// TestOwnersAreForgotten: strangers who come and go do not make a pool grow.
func TestOwnersAreForgotten(t *testing.T) {
	t.Parallel()
	p := NewPool(10, map[Kind]Share{Person: {Each: 1, All: 10}})
	for i := range 3 * keptOwners {
		o := Owner{kind: Person, user: chat.UserID(i)}
		if err := p.take(o, 1); err != nil {
			t.Fatal(err)
		}
		p.give(o, 1)
	}
	if len(p.owners) > keptOwners {
		t.Errorf("%d owners are remembered", len(p.owners))
	}
}

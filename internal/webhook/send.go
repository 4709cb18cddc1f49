package webhook

import (
	"cmp"
	"context"
	"slices"
	"time"

	"parlor/internal/chat"
)

// limit is how many calls may be under way.
func (r *runner) limit() int {
	if r.hook.Batch > 1 {
		return 1
	}
	return atOnce
}

// send makes calls, about what waits in the window and about what is parked. Neither keeps the other from
// its turn: where there is one call at a time they take turns, and of several what is parked has half.
func (r *runner) send(ctx, calls context.Context) error {
	if r.retried {
		r.launch(calls)
		return r.retry(ctx, calls)
	}
	err := r.retry(ctx, calls)
	if err == nil {
		r.launch(calls)
	}
	return err
}

// launch calls the webhook about what waits in the window: while it rests, about one event as a probe.
func (r *runner) launch(calls context.Context) {
	for r.flying < r.limit() {
		resting, c := r.resting(), &r.circuit
		if resting && (c.probing || r.m.o.Now().UnixMilli() < max(c.freshAt, c.asked)) {
			return
		}
		var s shipment
		var ok bool
		switch {
		case r.hook.Batch <= 1:
			s, ok = r.window.next()
		case resting:
			s, ok = r.window.nextBatch(1)
		default:
			s, ok = r.window.nextBatch(r.hook.Batch)
		}
		if !ok {
			return
		}
		r.call(calls, s)
	}
}

// retry tries what is parked and due: while the webhook rests, whatever comes first as a probe.
func (r *runner) retry(ctx, calls context.Context) error {
	now := r.m.o.Now().UnixMilli()
	by, room := now, min(r.limit()-r.flying, (r.limit()+1)/2-len(r.trying))
	if r.resting() {
		if r.circuit.probing || now < r.hook.RetryAt {
			return nil
		}
		by, room = chat.ParkedBehind-1, min(room, 1)
	}
	if room <= 0 || time.Now().Before(r.nextDue) {
		return nil
	}
	heads, err := r.heads(ctx, by, room)
	if err != nil {
		return err
	}
	for len(heads) > 0 && room > 0 {
		var s shipment
		if s, heads, err = r.load(ctx, heads); err != nil {
			return err
		}
		if len(s.entries) > 0 {
			r.call(calls, s)
			room--
		}
	}
	return nil
}

// heads lists the first parked events of lanes in which nothing is under way.
func (r *runner) heads(ctx context.Context, by int64, n int) (list []chat.Parked, err error) {
	if !r.resting() {
		n = max(n, r.hook.Batch)
	}
	due, err := r.m.o.Store.ParkedDue(ctx, r.hook, by, n+len(r.trying))
	if err != nil {
		return nil, err
	}
	r.nextDue = time.Now().Add(pollFeed)
	if len(due) == 0 && len(r.parked) == 0 {
		r.nextDue = time.Now().Add(pollReplayed)
	}
	if r.resting() && len(due) == 0 && r.flying == 0 { // nothing is parked that could be the probe
		r.hook.RetryAt, r.circuit = 0, newCircuit(0)
		clear(r.parked)
	}
	for _, p := range due {
		lane := p.Lane()
		r.parked[lane] = true // it may be that of a dead letter that is to be told again
		if r.trying[lane] || len(r.window.lanes[lane]) > 0 {
			continue
		}
		// What was read again after a crash may be parked in front of one that is due still.
		at := slices.IndexFunc(list, func(other chat.Parked) bool { return other.Lane() == lane })
		switch {
		case at < 0:
			list = append(list, p)
		case p.Less(list[at].FeedPlace):
			list[at] = p
		}
	}
	return list, nil
}

// load makes a shipment of the first of heads, with batches of as many as may go together, and returns
// the others. It is empty if nothing of it is wanted any more.
func (r *runner) load(ctx context.Context, heads []chat.Parked) (s shipment, others []chat.Parked, err error) {
	some, others := heads[:1:1], heads[1:]
	if r.hook.Batch > 1 {
		if some, others, err = r.together(ctx, heads); err != nil {
			return s, nil, err
		}
	}
	events := make([]chat.FeedEvent, len(some))
	for i := range some {
		events[i] = some[i].FeedEvent
	}
	bodies, err := r.m.o.Render(ctx, &r.hook, events)
	if err != nil {
		return s, nil, err
	}
	bytes := 0
	for i, p := range some {
		if len(s.entries) > 0 && bytes+len(bodies[i]) > maxBatchBytes {
			break
		}
		s.parked = append(s.parked, p)
		if bodies[i] != nil { // it is wanted still, and what it is about is there
			s.entries = append(s.entries, &entry{event: p.FeedEvent, body: bodies[i]})
			bytes += len(bodies[i])
		}
	}
	if len(s.entries) == 0 {
		return s, others, r.settled(ctx, s.parked, true)
	}
	for _, p := range s.parked {
		r.trying[p.Lane()] = true
	}
	return s, others, nil
}

// together is what goes into one call, in the order of the feed: the first of heads, or all whose
// lanes have not failed, and what waits behind these.
func (r *runner) together(ctx context.Context, heads []chat.Parked) (some, others []chat.Parked, err error) {
	if r.resting() || r.circuit.lanes[heads[0].Lane()] != 0 {
		return heads[:1:1], heads[1:], nil
	}
	for _, p := range heads {
		if len(some) < r.hook.Batch && r.circuit.lanes[p.Lane()] == 0 {
			some = append(some, p)
		} else {
			others = append(others, p)
		}
	}
	for _, p := range slices.Clone(some) {
		room := r.hook.Batch - len(some)
		if room == 0 {
			break
		}
		behind, err := r.m.o.Store.ParkedAfter(ctx, r.hook, p, room)
		if err != nil {
			return nil, nil, err
		}
		some = append(some, behind...)
	}
	slices.SortFunc(some, func(a, b chat.Parked) int { return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID)) })
	return some, others, nil
}

// call makes a call.
func (r *runner) call(calls context.Context, s shipment) {
	r.flying++
	r.retried = s.parked != nil
	s.probe = r.resting()
	r.circuit.probing = s.probe
	hook := r.hook
	id, body := s.body(hook.Batch)
	go func() { // ends with the call, which is bounded; run waits for it
		r.results <- result{s, r.m.call(calls, &hook, id, body)}
	}()
}

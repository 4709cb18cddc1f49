package webhook

import (
	"context"
	"slices"
	"time"

	"parlor/internal/chat"
)

const (
	// minBackoff and maxBackoff bound how long an event waits until it is tried again. Where nothing else
	// was taken meanwhile the target may have been down, and it waits no longer than maxLonely.
	minBackoff = time.Second
	maxBackoff = time.Hour
	maxLonely  = time.Minute
)

// judge acts on a result.
func (r *runner) judge(ctx context.Context, res result) error {
	if res.probe {
		r.circuit.probing = false
	}
	switch {
	case ctx.Err() != nil:
		last, done := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
		defer done()
		return r.ended(last, res)
	case res.err == nil:
		return r.succeeded(ctx, res)
	}
	return r.failed(ctx, res)
}

func (r *runner) succeeded(ctx context.Context, res result) error {
	now := r.m.o.Now().UnixMilli()
	r.hook.SuccessAt, r.hook.Failures, r.hook.RetryAt = now, 0, 0
	if r.circuit.asked > now { // it still is to be left alone
		r.hook.RetryAt = r.circuit.asked
	}
	outage := r.circuit.took(res.shipment)
	for range res.entries {
		r.m.o.Observe(Delivered)
	}
	if res.parked == nil {
		r.window.done(res.entries)
	} else if err := r.settled(ctx, res.parked, true); err != nil {
		return err
	}
	if outage { // the target is there again: nothing of it is to wait for its own time
		r.nextDue, r.end = time.Time{}, false
		return r.m.o.Store.HurryParked(ctx, r.hook)
	}
	return nil
}

func (r *runner) failed(ctx context.Context, res result) error {
	now := r.m.o.Now()
	r.hook.Failures++
	r.hook.LastError, r.hook.FailedAt = res.err.Error(), now.UnixMilli()
	r.hook.RetryAt = max(r.hook.RetryAt, r.circuit.failed(res.shipment, res.after, now))
	if res.gone {
		r.hook.State = chat.WebhookGone
		r.m.o.Log.Warn("a webhook has answered 410 and is not called any more", "webhook", int64(r.hook.ID))
	}
	if res.parked != nil {
		return r.failedAgain(ctx, res)
	}
	for _, e := range res.entries {
		r.m.o.Observe(Failed)
		if !e.done { // of a batch, its lane may be parked with one before it
			r.parkLane(e, res, now)
		}
	}
	return r.save(ctx)
}

// parkLane parks an event that was tried, and what is behind it in its lane.
func (r *runner) parkLane(first *entry, res result, now time.Time) {
	lane := first.event.Lane()
	r.parked[lane] = true
	for i, e := range r.window.takeLane(lane, first) {
		p := chat.Parked{FeedEvent: e.event, FirstAt: now.UnixMilli(), DueAt: chat.ParkedBehind}
		if i == 0 {
			p.Attempts, p.LastError = 1, res.err.Error()
			p.DueAt = now.Add(growing(minBackoff, maxBackoff, 1)).UnixMilli()
		}
		r.park = append(r.park, p)
	}
}

// parkSkipped parks what waits in the window before something that was told, which the place can then
// move over: otherwise it would be told again by whoever calls the webhook next.
func (r *runner) parkSkipped() {
	now, seen := r.m.o.Now().UnixMilli(), map[int64]bool{}
	for _, e := range r.window.takeSkipped() {
		p := chat.Parked{FeedEvent: e.event, FirstAt: now, DueAt: now}
		if seen[p.Lane()] {
			p.DueAt = chat.ParkedBehind
		}
		seen[p.Lane()] = true
		r.park = append(r.park, p)
	}
}

// failedAgain puts parked events off, or gives them up: the first of each lane, for which the others wait.
func (r *runner) failedAgain(ctx context.Context, res result) error {
	var firsts []chat.Parked
	for _, p := range res.parked {
		if !slices.ContainsFunc(firsts, func(first chat.Parked) bool { return first.Lane() == p.Lane() }) {
			firsts = append(firsts, r.putOff(p, res))
		}
	}
	return r.settled(ctx, firsts, false)
}

func (r *runner) putOff(p chat.Parked, res result) chat.Parked {
	now, most := r.m.o.Now(), maxBackoff
	p.Attempts++
	p.LastError = res.err.Error()
	if p.FirstAt == 0 {
		p.FirstAt = now.UnixMilli()
	}
	if r.hook.SuccessAt < p.FirstAt {
		most = maxLonely
	}
	p.DueAt = now.Add(growing(minBackoff, most, p.Attempts)).UnixMilli()
	if now.UnixMilli()-p.FirstAt < MaxAge.Milliseconds() {
		r.m.o.Observe(Failed)
		return p
	}
	p.DeadAt = now.UnixMilli()
	r.m.o.Observe(Dead)
	if p.Attempts == 1 {
		return p // like what it has waited for, of which was told
	}
	r.m.o.Log.Error("a webhook has not taken an event for 72 hours; it is kept as a dead letter",
		"webhook", int64(r.hook.ID), "event", p.PublicID(), "error", p.LastError)
	return p
}

// settled stores what has become of parked events.
func (r *runner) settled(ctx context.Context, list []chat.Parked, taken bool) error {
	if err := r.save(ctx); err != nil { // what is to be parked behind them must be there
		return err
	}
	empty, err := r.m.o.Store.SettleParked(ctx, r.hook, list, taken)
	if err != nil {
		return err
	}
	for _, p := range list {
		delete(r.trying, p.Lane())
		if taken || p.DeadAt > 0 {
			r.nextDue = time.Time{} // the next of the lane is due
		}
	}
	for _, lane := range empty {
		delete(r.parked, lane)
		delete(r.circuit.lanes, lane)
	}
	return nil
}

// saveIfDue stores the place now and then, and what is parked at once.
func (r *runner) saveIfDue(ctx context.Context) error {
	moved := r.window.place() != r.stored
	if len(r.park) == 0 && (!moved || time.Since(r.savedAt) < saveEvery) {
		return nil
	}
	return r.save(ctx)
}

// save stores the place, and what is parked.
func (r *runner) save(ctx context.Context) error {
	r.hook.Place = r.window.place()
	if len(r.park) == 0 && r.hook.Place == r.stored && r.hook.State == chat.WebhookActive {
		return nil
	}
	if err := r.m.o.Store.SaveWebhook(ctx, r.hook, r.park); err != nil {
		return err
	}
	r.park, r.stored, r.savedAt = nil, r.hook.Place, time.Now()
	return nil
}

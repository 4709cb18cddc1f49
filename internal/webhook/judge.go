package webhook

import (
	"context"
	"math/rand/v2"
	"time"

	"parlor/internal/chat"
)

const (
	// restAfter is how many calls fail in a row before the webhook rests.
	restAfter = 5
	// minRest and maxRest bound how long it rests between two probes.
	minRest = time.Second
	maxRest = time.Minute
	// minBackoff and maxBackoff bound how long an event waits until it is tried again.
	minBackoff = time.Second
	maxBackoff = time.Hour
)

// growing doubles low with each of n failures, up to high, and takes some of it away at random: what
// failed together should not come back together.
func growing(low, high time.Duration, n int) time.Duration {
	d := low
	for i := 1; i < n && d < high; i++ {
		d *= 2
	}
	d = min(d, high)
	return d - time.Duration(rand.Int64N(int64(d)/4+1)) //nolint:gosec // spreads load, keeps no secret
}

// take notes what was taken of a shipment of the window; the rest is known from the feed again.
func (r *runner) take(res result) {
	if res.err == nil && res.parked == nil {
		r.window.done(res.entries)
	}
}

// judge acts on a result.
func (r *runner) judge(ctx context.Context, res result) error {
	if ctx.Err() != nil { // the call was cut off
		r.take(res)
		if res.err == nil && res.parked != nil {
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
			defer cancel()
			return r.settled(last, *res.parked, true)
		}
		return nil
	}
	if res.err == nil {
		return r.succeeded(ctx, res)
	}
	return r.failed(ctx, res)
}

func (r *runner) succeeded(ctx context.Context, res result) error {
	r.hook.SuccessAt = r.m.o.Now().UnixMilli()
	rested := r.hook.RetryAt != 0
	r.hook.Failures, r.hook.RetryAt = 0, 0
	for range res.entries {
		r.m.o.Observe(Delivered)
	}
	if res.parked == nil {
		r.window.done(res.entries)
	} else if err := r.settled(ctx, *res.parked, true); err != nil {
		return err
	}
	if rested { // the target is there again: nothing of it is to wait for its own time
		r.nextDue, r.end = time.Time{}, false
		return r.m.o.Store.HurryParked(ctx, r.hook)
	}
	return nil
}

func (r *runner) failed(ctx context.Context, res result) error {
	now := r.m.o.Now()
	r.hook.Failures++
	r.hook.LastError, r.hook.FailedAt = res.err.Error(), now.UnixMilli()
	switch {
	case res.after > 0:
		r.hook.RetryAt = now.Add(res.after).UnixMilli()
	case r.hook.Failures >= restAfter:
		r.hook.RetryAt = now.Add(growing(minRest, maxRest, r.hook.Failures-restAfter+1)).UnixMilli()
	}
	if res.gone {
		r.hook.State = chat.WebhookGone
		r.m.o.Log.Warn("a webhook has answered 410 and is not called any more", "webhook", int64(r.hook.ID))
	}
	if res.parked != nil {
		return r.failedAgain(ctx, *res.parked, res)
	}
	for _, e := range res.entries {
		r.m.o.Observe(Failed)
		if r.parked[e.event.Lane()] { // of a batch: its lane was parked with one before it
			continue
		}
		r.parkLane(e, res, now)
	}
	return r.save(ctx)
}

// parkLane parks an event that was tried, and what is behind it in its lane.
func (r *runner) parkLane(first *entry, res result, now time.Time) {
	lane := first.event.Lane()
	r.parked[lane] = true
	for i, e := range r.window.takeLane(lane, first) {
		p := chat.Parked{FeedEvent: e.event, DueAt: chat.ParkedBehind}
		if i == 0 {
			p.Attempts, p.FirstAt, p.LastError = 1, now.UnixMilli(), res.err.Error()
			p.DueAt = now.Add(growing(minBackoff, maxBackoff, 1)).UnixMilli()
		}
		r.park = append(r.park, p)
	}
}

// failedAgain puts a parked event off, or gives it up.
func (r *runner) failedAgain(ctx context.Context, p chat.Parked, res result) error {
	now := r.m.o.Now()
	p.Attempts++
	p.LastError = res.err.Error()
	if p.FirstAt == 0 {
		p.FirstAt = now.UnixMilli()
	}
	p.DueAt = now.Add(growing(minBackoff, maxBackoff, p.Attempts)).UnixMilli()
	if now.UnixMilli()-p.FirstAt >= MaxAge.Milliseconds() {
		p.DeadAt = now.UnixMilli()
		r.m.o.Observe(Dead)
		r.m.o.Log.Error("a webhook has not taken an event for 72 hours; it is kept as a dead letter",
			"webhook", int64(r.hook.ID), "event", p.PublicID(), "error", p.LastError)
	} else {
		r.m.o.Observe(Failed)
	}
	return r.settled(ctx, p, false)
}

// settled stores what has become of a parked event.
func (r *runner) settled(ctx context.Context, p chat.Parked, taken bool) error {
	if err := r.save(ctx); err != nil { // what is to be parked behind it must be there
		return err
	}
	last, err := r.m.o.Store.SettleParked(ctx, r.hook, p, taken)
	if err != nil {
		return err
	}
	delete(r.trying, p.Lane())
	if last {
		delete(r.parked, p.Lane())
	} else if taken || p.DeadAt > 0 {
		r.nextDue = time.Time{} // the next of the lane is due
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

package webhook

import (
	"context"
	"errors"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// atOnce is how many calls of one webhook are under way, each of another lane.
	atOnce = 16
	// saveEvery is how often a webhook's place is stored while it moves: how much may be told again
	// after a crash.
	saveEvery = 200 * time.Millisecond
	// maxLanes bounds the lanes in which events are parked. With so many the webhook only retries.
	maxLanes = 5000
	// maxWait is how long events wait behind others that are not taken, where nothing is. It is longer than MaxAge: by
	// then what is in front was given up, and where the target is there each has had its turn.
	maxWait = MaxAge + time.Hour
	// giveUpEvery is how often it is looked for what has waited too long.
	giveUpEvery = time.Minute
	// writeTime bounds one write.
	writeTime = 10 * time.Second
	// stopTime is how long calls that are under way may take when the process stops.
	stopTime = 2 * time.Second
)

// runner calls one webhook, from one goroutine: it alone touches what is here, but for app and woken.
type runner struct {
	m     *Manager
	app   chat.AppID
	hook  chat.Webhook
	woken chan struct{} // holds one entry when there may be events
	over  chan struct{} // closed when it has ended

	window  *window
	circuit circuit
	parked  map[int64]bool // lanes in which events are parked
	most    int            // how many of those there may be before it only retries
	partial bool           // there are more of them than were read
	trying  map[int64]bool // those of them whose first one is being tried
	flying  int            // calls under way
	retried bool           // the last call was about what is parked
	results chan result
	park    []chat.Parked // yet to be stored

	end     bool // there may be no events to read
	more    bool // there are, and there is room for them: something else comes first, for a moment
	nextDue time.Time
	olderAt int64 // Unix ms: when it is looked again for what has waited too long
	renewAt time.Time
	savedAt time.Time
	stored  chat.FeedPlace
}

// result is what has become of a shipment.
type result struct {
	shipment
	outcome
}

func newRunner(m *Manager, w chat.Webhook) *runner {
	return &runner{
		m: m, app: w.App, hook: w, woken: make(chan struct{}, 1), over: make(chan struct{}), window: newWindow(w.Place), stored: w.Place,
		circuit: newCircuit(w.RetryAt), parked: map[int64]bool{}, most: maxLanes, trying: map[int64]bool{}, results: make(chan result, atOnce),
	}
}

// run calls the webhook until ctx ends or the lease is lost.
func (r *runner) run(ctx context.Context) {
	// What is under way is not cut off with ctx: the target may have taken it already.
	calls, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	err := r.work(ctx, calls)
	if err == nil {
		err = r.drain(ctx)
	}
	last, done := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer done()
	r.land(last, cancel, errors.Is(err, store.ErrLeaseLost))
	if err == nil || !errors.Is(err, store.ErrLeaseLost) {
		r.parkSkipped()
		if serr := r.save(last); serr == nil {
			_ = r.m.o.Store.LetGoWebhook(last, r.hook) // otherwise the lease ends by itself
		}
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrLeaseLost) {
		r.m.o.Log.Warn("a webhook is let go; it is taken again", "webhook", int64(r.hook.ID), "error", err)
	}
}

// drain waits for the calls of a webhook that is paused, or gone, and keeps the lease meanwhile.
func (r *runner) drain(ctx context.Context) error {
	for r.more = false; r.flying > 0 && ctx.Err() == nil; {
		if err := r.renew(ctx); err != nil {
			return err
		}
		if err := r.saveIfDue(ctx); err != nil {
			return err
		}
		if err := r.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// land waits, for a short time or with now not at all, for calls under way, cuts off the others, and
// notes what was taken, so that it is not told again.
func (r *runner) land(ctx context.Context, cancel context.CancelFunc, now bool) {
	if now {
		cancel()
	}
	stop := time.AfterFunc(stopTime, cancel)
	defer stop.Stop()
	for ; r.flying > 0; r.flying-- {
		if res := <-r.results; !now {
			_ = r.ended(ctx, res) // otherwise it is told again
		}
	}
}

// ended notes what was taken when nothing else is told any more. What failed is met again.
func (r *runner) ended(ctx context.Context, res result) error {
	if res.err != nil {
		return nil
	}
	if res.parked == nil {
		r.window.done(res.entries)
		return nil
	}
	return r.settled(ctx, res.parked, true)
}

// work returns an error that another try, by whichever node, may not meet.
func (r *runner) work(ctx, calls context.Context) error {
	if err := r.notePruned(ctx); err != nil {
		return err
	}
	if err := r.readLanes(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if err := r.renew(ctx); err != nil {
			return err
		}
		if r.hook.State != chat.WebhookActive {
			return nil
		}
		if err := r.giveUpWaiting(ctx); err != nil {
			return err
		}
		if err := r.fill(ctx); err != nil {
			return err
		}
		if err := r.send(ctx, calls); err != nil {
			return err
		}
		if err := r.saveIfDue(ctx); err != nil {
			return err
		}
		if err := r.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// readLanes learns in which lanes events are parked.
func (r *runner) readLanes(ctx context.Context) error {
	lanes, err := r.m.o.Store.ParkedLanes(ctx, r.hook.ID, r.most)
	for _, l := range lanes {
		r.parked[l] = true
	}
	r.partial = len(lanes) == r.most
	return err
}

// notePruned says of a webhook that was paused for long that there is something it will not be told.
func (r *runner) notePruned(ctx context.Context) error {
	pruned, err := r.m.o.Store.FeedPruned(ctx, r.hook.App)
	if err == nil && r.window.place().Less(pruned) && r.hook.Place != (chat.FeedPlace{}) {
		r.hook.LastError = "some events are no longer kept: the webhook was paused for too long"
		r.hook.FailedAt = r.m.o.Now().UnixMilli()
		r.m.o.Log.Warn("a webhook was paused for so long that events are no longer kept", "webhook", int64(r.hook.ID))
	}
	return err
}

// renew keeps the lease, and learns what a backend has set meanwhile.
func (r *runner) renew(ctx context.Context) error {
	if time.Now().Before(r.renewAt) {
		return nil
	}
	now, err := r.m.o.Store.RenewWebhook(ctx, r.hook, leaseTime)
	if err != nil {
		return err
	}
	r.renewAt = time.Now().Add(renewEvery)
	probing := r.circuit.probing
	if now.UpdatedAt != r.hook.UpdatedAt { // what it was set to, not how far it is
		now.Place, now.LastError, now.FailedAt, now.SuccessAt = r.hook.Place, r.hook.LastError, r.hook.FailedAt, r.hook.SuccessAt
		r.hook = now
		r.circuit = newCircuit(now.RetryAt)
		r.circuit.probing = probing
		r.window.rally()
		r.nextDue = time.Time{}
	}
	return nil
}

// resting reports whether the webhook is only probed.
func (r *runner) resting() bool { return r.hook.RetryAt != 0 }

// searching reports whether a webhook that rests may try another lane than those that have failed, and
// has yet to read of one.
func (r *runner) searching() bool {
	c := &r.circuit
	return c.aside < maxAside && !c.probing && r.m.o.Now().UnixMilli() >= max(c.freshAt, c.asked) && !r.window.waits()
}

// fill reads events into the window. Those that are too old to be tried are given up.
func (r *runner) fill(ctx context.Context) error {
	r.more = false
	if r.partial && len(r.parked) < r.most/2 {
		if err := r.readLanes(ctx); err != nil {
			return err
		}
	}
	for range readsAtOnce {
		if r.end || len(r.park) > 0 || !r.window.hasRoom() || r.partial || len(r.parked) >= r.most {
			r.more = !r.end && len(r.park) > 0
			return nil
		}
		list, err := r.m.o.Store.FeedEvents(ctx, r.hook.App, r.window.read, r.horizon(ctx), readAtOnce)
		if err != nil {
			return err
		}
		old, now := r.tooOld(), r.m.o.Now().UnixMilli()
		resting := r.resting()
		if resting && (len(list) == 0 || list[0].At >= old) && !r.searching() {
			return nil
		}
		r.end = len(list) < readAtOnce
		bodies, err := r.m.o.Render(ctx, &r.hook, list)
		if err != nil {
			return err
		}
		for i, e := range list {
			switch {
			case bodies[i] == nil:
				r.window.pass(e)
			case e.At < old:
				r.window.pass(e)
				r.bury(e)
			case r.parked[e.Lane()]:
				r.window.pass(e)
				r.park = append(r.park, chat.Parked{FeedEvent: e, FirstAt: now, DueAt: chat.ParkedBehind})
				if resting {
					r.circuit.aside++
				}
			default:
				r.window.add(e, bodies[i])
			}
		}
	}
	r.more = !r.end
	return nil
}

// horizon is below which all events are there, 0 if that is not known.
func (r *runner) horizon(ctx context.Context) int64 {
	n, err := r.m.o.Store.Horizon(ctx)
	if err != nil {
		return 0 // reading says why
	}
	return n
}

// notCalled is the failure of events that were never tried.
const notCalled = "the webhook could not be called for 72 hours"

// tooOld is before when (Unix ms) events are given up that were never tried. It is 0 where the backend has changed
// the webhook since: it may have been paused until then.
func (r *runner) tooOld() int64 {
	if old := r.m.o.Now().Add(-MaxAge).UnixMilli(); r.hook.UpdatedAt < old {
		return old
	}
	return 0
}

// bury makes a dead letter of an event that was never tried.
func (r *runner) bury(e chat.FeedEvent) {
	r.m.o.Observe(Dead)
	r.park = append(r.park, chat.Parked{FeedEvent: e, DeadAt: r.m.o.Now().UnixMilli(), LastError: notCalled})
}

// giveUpWaiting gives up what has waited too long behind events of its lane, where nothing at all was taken
// meanwhile. Otherwise each has its turn, and is given up when it fails.
func (r *runner) giveUpWaiting(ctx context.Context) error {
	now := r.m.o.Now()
	if r.hook.SuccessAt >= r.tooOld() || now.UnixMilli() < r.olderAt {
		return nil
	}
	n, more, err := r.m.o.Store.GiveUpWaiting(ctx, r.hook, now.Add(-maxWait).UnixMilli(), notCalled)
	for range n {
		r.m.o.Observe(Dead)
	}
	if !more {
		r.olderAt = now.Add(giveUpEvery).UnixMilli()
	}
	return err
}

// wait waits until there is something to do.
func (r *runner) wait(ctx context.Context) error {
	timer := time.NewTimer(r.pause())
	defer timer.Stop()
	select {
	case res := <-r.results:
		return r.landed(ctx, res)
	case <-r.woken:
		r.end = false
	case <-timer.C:
		r.end = false // other nodes may have recorded something
	case <-ctx.Done():
	}
	return nil
}

// pause is how long there may be nothing to do.
func (r *runner) pause() time.Duration {
	if len(r.park) > 0 || r.more {
		return 0
	}
	return min(pollFeed, max(time.Until(r.renewAt), time.Millisecond))
}

// landed takes a result, and all others that are there.
func (r *runner) landed(ctx context.Context, res result) error {
	for {
		r.flying--
		if err := r.judge(ctx, res); err != nil {
			return err
		}
		select {
		case res = <-r.results:
		default:
			return nil
		}
	}
}

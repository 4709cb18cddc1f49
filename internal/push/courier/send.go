package courier

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/push"
	"parlor/internal/store"
)

const (
	// devicesAtOnce is how many devices one job sends to at the same time.
	devicesAtOnce = 8
	// startTime bounds how long a job begins to send, so that the last call is over, and written down,
	// before its lease is.
	startTime = 35 * time.Second
	// pauseTime is for how long nothing is sent to a vendor that has refused our credentials, nor to a
	// subscription whose service was not reached.
	pauseTime = time.Minute
	// trialTime is for how long one alone tries after that.
	trialTime = 15 * time.Second
	// maxPauses bounds what is remembered of those.
	maxPauses = 10_000
	// devicesPerUser is how many devices of one user are notified, those that signed in last.
	devicesPerUser = 20
)

// unneeded is the outcome for a device that has the message already.
const unneeded push.Outcome = "unneeded"

// failure is a device that is to be tried again.
type failure struct {
	device chat.PushDevice
	result push.Result
	wait   time.Duration // at least
}

// send notifies the devices of a parcel that lack the message, if their users still are to be
// notified. It returns those that are to be tried again. Once ctx has ended nothing more is sent
// and the rest is among those; what is under way is waited for.
func (c *Courier) send(ctx context.Context, m *chat.Message, p parcel) (failed []failure, err error) {
	views, err := c.viewsOf(ctx, m, p.Users)
	if err != nil || len(views) == 0 {
		return nil, err
	}
	viewers := make([]chat.UserID, 0, len(views))
	for id := range views {
		viewers = append(viewers, id)
	}
	devices, err := c.o.Store.PushDevices(ctx, m.App, viewers)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(devicesAtOnce)
	for _, d := range lastOfEach(devices) {
		if p.Login != 0 && d.Login != p.Login {
			continue
		}
		if _, is := c.o.Senders[d.Target.Kind]; !is {
			continue // its vendor is not set up
		}
		group.Go(func() error { // ends with its calls, each of which is bounded
			r := push.Result{Outcome: push.Later, Reason: "the process is ending"}
			if ctx.Err() == nil {
				r = c.one(ctx, m, views[d.User], d)
			}
			if r.Outcome == push.Later || r.Outcome == push.Refused {
				f := failure{device: d, result: r, wait: firstRetry}
				if ctx.Err() != nil {
					f.wait = 0
				}
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, f)
			}
			return nil
		})
	}
	return failed, group.Wait()
}

// lastOfEach leaves devicesPerUser devices of each user. Devices are in the order of their logins.
func lastOfEach(devices []chat.PushDevice) []chat.PushDevice {
	count := map[chat.UserID]int{}
	for i := len(devices) - 1; i >= 0; i-- {
		if count[devices[i].User]++; count[devices[i].User] > devicesPerUser {
			devices[i].Login = 0
		}
	}
	return slices.DeleteFunc(devices, func(d chat.PushDevice) bool { return d.Login == 0 })
}

// viewsOf shows a message to those of users who are to be notified of it: who have not read it, and
// have not deleted it for themselves.
func (c *Courier) viewsOf(
	ctx context.Context, m *chat.Message, users []chat.UserID,
) (map[chat.UserID]chat.MessageView, error) {
	wanted, err := c.o.Store.PushWanted(ctx, m, users)
	if err != nil || len(wanted) == 0 {
		return nil, err
	}
	shown, err := c.views.Now(ctx, m.App, store.MessageKey{Room: m.Room, CreatedAt: m.CreatedAt}, wanted)
	if err != nil {
		return nil, err
	}
	views := map[chat.UserID]chat.MessageView{}
	for _, s := range shown {
		if s.View.Read || s.View.Room.Deleted() || s.View.Deleted() {
			continue
		}
		for _, id := range s.Viewers {
			views[id] = s.View
		}
	}
	return views, nil
}

// one notifies one device.
func (c *Courier) one(ctx context.Context, m *chat.Message, v chat.MessageView, d chat.PushDevice) (r push.Result) {
	defer func() { c.o.Observe(d.Target.Kind, r.Outcome) }()
	if c.pauses.left(vendorOf(d), c.o.Now()) > 0 {
		return push.Result{Outcome: push.Refused, Reason: "the vendor has refused the credentials lately"}
	}
	if wait := c.pauses.left(subscriptionOf(d), c.o.Now()); wait > 0 {
		return push.Result{Outcome: push.Later, Reason: "the service was not reached lately", After: wait}
	}
	has, err := device.Has(ctx, c.o.Store, c.o.Sessions, d.User, d.Device, m)
	if err != nil {
		return push.Result{Outcome: push.Later, Reason: err.Error()}
	}
	if has {
		return push.Result{Outcome: unneeded}
	}
	user, err := c.o.Store.User(ctx, d.App, d.User)
	if err != nil {
		return push.Result{Outcome: push.Later, Reason: err.Error()}
	}
	n, err := c.make(ctx, v, user, d.Target.Kind)
	if err != nil {
		r = push.Result{Outcome: push.Bad, Reason: err.Error()}
	} else {
		// A call that has begun is finished, so that it is known what became of it.
		r = c.o.Senders[d.Target.Kind].Send(context.WithoutCancel(ctx), d.Target, n)
	}
	c.act(ctx, m, d, r)
	return r
}

// act does what follows from a vendor's answer.
func (c *Courier) act(ctx context.Context, m *chat.Message, d chat.PushDevice, r push.Result) {
	kind := string(d.Target.Kind)
	if r.Outcome != push.Refused && r.Outcome != push.Later {
		c.pauses.end(vendorOf(d))
		c.pauses.end(subscriptionOf(d))
	}
	switch r.Outcome {
	case push.Dead:
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
		defer cancel()
		err := c.o.Store.Write(ctx, int64(d.Login), func(ctx context.Context, tx *store.Tx) error {
			return tx.RemoveDeadTarget(ctx, d)
		})
		if err != nil { // the next notification finds out again
			c.o.Log.Warn("a dead push target could not be removed", "login", int64(d.Login), "error", err)
		}
	case push.Refused:
		if c.pauses.begin(vendorOf(d), c.o.Now()) {
			c.o.Log.Error("push notifications are refused; look at their credentials", "kind", kind, "reason", r.Reason)
		}
	case push.Later:
		// Where subscriptions point to is up to clients: one that leads nowhere holds up others no
		// longer than one call.
		if d.Target.Kind == chat.PushWeb {
			c.pauses.begin(subscriptionOf(d), c.o.Now())
		}
	case push.Bad:
		c.o.Log.Warn("a push notification is not accepted", "kind", kind, "message", int64(m.ID), "reason", r.Reason)
	}
}

// paused is what is left alone for a while: a vendor, or one login's subscription.
type paused struct {
	kind  chat.PushKind
	login chat.LoginID // 0 for all
}

func vendorOf(d chat.PushDevice) paused { return paused{kind: d.Target.Kind} }

func subscriptionOf(d chat.PushDevice) paused { return paused{d.Target.Kind, d.Login} }

// pauses are what is left alone, and until when.
type pauses struct {
	mu    sync.Mutex
	until map[paused]time.Time
}

// left is how long a pause still takes. When it is over, the first who asks is to try, and for the
// others it goes on until that one has ended, or trialTime.
func (p *pauses) left(what paused, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	until, ok := p.until[what]
	if !ok {
		return 0
	}
	wait := until.Sub(now)
	if wait <= 0 {
		p.until[what] = now.Add(trialTime)
	}
	return wait
}

// end ends a pause: who was left alone has answered.
func (p *pauses) end(what paused) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.until, what)
}

// begin begins a pause. It reports whether there was none.
func (p *pauses) begin(what paused, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until[what].Sub(now) > trialTime {
		return false
	}
	if len(p.until) >= maxPauses {
		clear(p.until)
	}
	p.until[what] = now.Add(pauseTime)
	return true
}

package courier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/store"
)

const (
	// peopleAtOnce is how many people of a room are looked at in one query, and peoplePerJob in one
	// job, which then makes another for the rest.
	peopleAtOnce = 500
	peoplePerJob = 10 * peopleAtOnce
	// jobsAtOnce is how many jobs of a kind a node does at once: nearly all of their time is waiting.
	jobsAtOnce = 32
	// usersPerJob is how many users one job notifies: what a kill in the middle may repeat.
	usersPerJob = 20
	// firstRetry is when a device is tried again for the first time. It is doubled each time.
	firstRetry = 5 * time.Second
)

// Kinds are the jobs that a Courier does.
func (c *Courier) Kinds() []job.Kind {
	return []job.Kind{
		{Name: chat.JobPushMessage, Do: c.spread, EndsItself: true, AtOnce: jobsAtOnce},
		{Name: chat.JobPushSend, Do: c.deliver, EndsItself: true, AtOnce: jobsAtOnce, Backoff: firstRetry},
	}
}

// spread finds out who in the message's room can be sent notifications. A few of them are sent
// theirs at once; of many, some at a time get a job, and the rest of the room another one of this
// kind. That takes one transaction: so nobody is left out, or found twice.
func (c *Courier) spread(ctx context.Context, j chat.Job) error {
	var walk store.PeopleWalk
	if err := decode(j, &walk); err != nil {
		return err
	}
	m, err := c.message(ctx, j)
	if err != nil || m == nil {
		return c.end(ctx, j, err)
	}
	first := walk == store.PeopleWalk{}
	var users []chat.UserID
	for looked := 0; !walk.Done && looked < peoplePerJob; looked += peopleAtOnce {
		var more []chat.UserID
		if more, walk, err = c.o.Store.PushPeople(ctx, m, walk, peopleAtOnce); err != nil {
			return err
		}
		users = append(users, more...)
	}
	if first && walk.Done && len(users) <= usersPerJob {
		return c.notify(ctx, j, m, parcel{Users: users})
	}
	var next []chat.Job
	for some := range slices.Chunk(users, usersPerJob) {
		next = append(next, c.job(j, chat.JobPushSend, parcel{Users: some}, 0))
	}
	if !walk.Done {
		next = append(next, c.job(j, chat.JobPushMessage, walk, 0))
	}
	return c.replace(ctx, j, next)
}

// parcel is what a job notifies of a message: users, on all their devices or on that of one login.
type parcel struct {
	Users []chat.UserID `json:"users"`
	Login chat.LoginID  `json:"login,omitempty"`
}

// deliver notifies those whom spread has found.
func (c *Courier) deliver(ctx context.Context, j chat.Job) error {
	var p parcel
	if err := decode(j, &p); err != nil {
		return err
	}
	m, err := c.message(ctx, j)
	if err != nil || m == nil {
		return c.end(ctx, j, err)
	}
	return c.notify(ctx, j, m, p)
}

// notify sends a parcel. Devices that are to be tried again get a job each, so that nobody else is
// sent the same twice; a job of one device is tried again itself.
func (c *Courier) notify(ctx context.Context, j chat.Job, m *chat.Message, p parcel) error {
	failed, err := c.send(ctx, m, p)
	if err != nil {
		return err
	}
	// What was sent is not to be sent again because the process ends now.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if p.Login != 0 && len(failed) > 0 {
		f := failed[0]
		err := fmt.Errorf("%s: %s: %s", f.device.Target.Kind, f.result.Outcome, f.result.Reason)
		if f.result.After > 0 {
			return job.RetryAfter(f.result.After, err)
		}
		return err
	}
	again := make([]chat.Job, len(failed))
	for i, f := range failed {
		one := parcel{Users: []chat.UserID{f.device.User}, Login: f.device.Login}
		again[i] = c.job(j, chat.JobPushSend, one, max(f.result.After, f.wait))
	}
	return c.replace(ctx, j, again)
}

// settleTime bounds what is written when notifications were sent.
const settleTime = 5 * time.Second

// message finds the message of a job; nil where nobody is to be notified of it any more.
func (c *Courier) message(ctx context.Context, j chat.Job) (*chat.Message, error) {
	list, err := c.o.Store.MessagesByID(ctx, j.App, []int64{j.Subject})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	m := &list[0]
	if m.Deleted() || !m.Notifies() || c.o.Now().Sub(time.UnixMilli(m.CreatedAt)) > keep {
		return nil, nil
	}
	return m, nil
}

// job is one that follows from j.
func (c *Courier) job(j chat.Job, kind chat.JobKind, payload any, after time.Duration) chat.Job {
	text, _ := json.Marshal(payload) // numbers and texts always marshal
	return chat.Job{
		Kind: kind, App: j.App, Subject: j.Subject, Payload: string(text), DueAt: c.o.Now().Add(after).UnixMilli(),
	}
}

// replace ends a job and adds those that follow from it, unless somebody else has.
func (c *Courier) replace(ctx context.Context, j chat.Job, next []chat.Job) error {
	return c.o.Store.Write(ctx, int64(j.ID), func(ctx context.Context, tx *store.Tx) error {
		ok, err := tx.EndJob(ctx, j)
		if err != nil || !ok || len(next) == 0 {
			return err
		}
		_, err = tx.AddJobs(ctx, next)
		return err
	})
}

// end ends a job of which nothing follows, unless something has failed.
func (c *Courier) end(ctx context.Context, j chat.Job, failed error) error {
	if failed != nil {
		return failed
	}
	return c.replace(ctx, j, nil)
}

func decode(j chat.Job, payload any) error {
	if j.Payload == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(j.Payload), payload); err != nil {
		return job.GiveUp(errors.New("its payload cannot be read"))
	}
	return nil
}

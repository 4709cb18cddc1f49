package job

import (
	"context"
	"errors"
	"time"

	"parlor/internal/chat"
)

// Kind is what is done about jobs of one kind.
type Kind struct {
	Name chat.JobKind
	// Do does one job. Its context ends with the process, and before the lease does, so Do has
	// to heed it. An error is tried again, unless it is GiveUp's.
	Do func(context.Context, chat.Job) error
	// EndsItself says that Do has ended the job where it returns nil: store.Tx.EndJob in the
	// transaction of what it does. Otherwise the job is ended behind it, in a commit of its own.
	EndsItself bool
	// AtOnce is how many are done at once on one node; 0 means 32.
	AtOnce int
	// Lease is how long one may take; Do has nine tenths of it. 0 means a minute.
	Lease time.Duration
	// Attempts is how often it is tried before it is given up; 0 means 12, which takes hours.
	Attempts int
	// Backoff is how long after its first failure it is tried again; it doubles each time, up to
	// MaxBackoff. 0 means a second.
	Backoff time.Duration
}

// MaxBackoff bounds how long after a failure a job is tried again.
const MaxBackoff = time.Hour

func (k Kind) withDefaults() Kind {
	if k.AtOnce == 0 {
		k.AtOnce = 32
	}
	if k.Lease == 0 {
		k.Lease = time.Minute
	}
	if k.Attempts == 0 {
		k.Attempts = 12
	}
	if k.Backoff == 0 {
		k.Backoff = time.Second
	}
	return k
}

// backoff is how long after its nth failure a job is tried again. random is below 1: many that
// failed together should not come back together.
func (k Kind) backoff(n int, random float64) time.Duration {
	d := k.Backoff
	for i := 1; i < n && d < MaxBackoff; i++ {
		d *= 2
	}
	d = min(d, MaxBackoff)
	return d/2 + time.Duration(random*float64(d/2))
}

// gaveUp is the error of a job that is not to be tried again.
type gaveUp struct{ error }

func (e gaveUp) Unwrap() error { return e.error }

// GiveUp says that a job that failed with err would fail again: it is not tried any more.
func GiveUp(err error) error { return gaveUp{err} }

// later is the error of a job that is to be tried again after a time.
type later struct {
	error
	after time.Duration
}

func (e later) Unwrap() error { return e.error }

// RetryAfter says that a job that failed with err is to be tried again after a time, however
// often it has failed before, as a service may ask that is called too often. It counts as an attempt.
func RetryAfter(after time.Duration, err error) error { return later{err, after} }

// verdict is what is to become of a job that failed for the nth time.
func (k Kind) verdict(err error, n int, random float64) (again time.Duration, bury bool) {
	var wait later
	switch {
	case errors.As(err, new(gaveUp)), n >= k.Attempts:
		return 0, true
	case errors.As(err, &wait):
		return min(max(wait.after, 0), 24*time.Hour), false
	}
	return k.backoff(n, random), false
}

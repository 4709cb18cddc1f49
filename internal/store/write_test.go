package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

func TestFullQueue(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		o.Queue = 16
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		g := shut(t, st)
		var accepted []<-chan error
		refused := make(chan error, 1)
		for full := false; !full; {
			// The call either waits in the queue or comes back while the lane is still
			// held up, which is what "at once" means here.
			xc, before := fmt.Sprint(len(accepted)), st.Waiting()
			answer := make(chan error, 1)
			go func() { answer <- st.Write(context.Background(), 0, createRoom(app, xc)) }()
			eventually(t, "the write is queued or refused", func() bool {
				full = len(answer) > 0
				return full || st.Waiting() > before
			})
			if full {
				refused <- <-answer
			} else {
				accepted = append(accepted, answer)
			}
		}
		wantCode(t, "the write after a full queue", <-refused, chat.CodeUnavailable)
		if n := len(accepted); n == 0 || n > 16 {
			t.Errorf("%d writes were let into a queue of 16", n)
		}
		g.release(t)
		for i, err := range accepted {
			if err := <-err; err != nil || !exists(t, st, app, fmt.Sprint(i)) {
				t.Errorf("accepted write %d: %v", i, err)
			}
		}
		if exists(t, st, app, fmt.Sprint(len(accepted))) {
			t.Error("the refused write was stored")
		}
		write(t, st, 0, createRoom(app, "afterwards"))
	})
}

func TestClose(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		app := makeApp(t, st, "a")
		g := shut(t, st)
		var waiting []<-chan error
		for i := range 5 {
			waiting = append(waiting, queued(t.Context(), t, st, createRoom(app, fmt.Sprint(i))))
		}
		closed := make(chan error, 1)
		go func() { closed <- st.Close() }()
		// Writes come too late as soon as Close has begun; those that made it wait.
		late := 0
		eventually(t, "writes are refused", func() bool {
			ctx, leave := context.WithCancel(t.Context())
			leave()
			late++
			return chat.CodeOf(st.Write(ctx, 0, createRoom(app, fmt.Sprint("late", late)))) == chat.CodeUnavailable
		})
		g.release(t)
		for i, err := range waiting {
			if err := <-err; err != nil {
				t.Errorf("write %d, which waited when the store was closed: %v", i, err)
			}
		}
		if err := <-closed; err != nil {
			t.Errorf("close: %v", err)
		}
		wantCode(t, "a write after Close", st.Write(t.Context(), 0, createRoom(app, "too late")), chat.CodeUnavailable)

		st = storetest.Open(t, o)
		for i := range waiting {
			if !exists(t, st, app, fmt.Sprint(i)) {
				t.Errorf("write %d was acknowledged and is not there", i)
			}
		}
		if exists(t, st, app, "too late") {
			t.Error("a refused write is there")
		}
	})
}

func TestNoGoroutineOutlivesClose(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		before := goleak.IgnoreCurrent()
		st, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		app := makeApp(t, st, "a")
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				xc := fmt.Sprint(i)
				_ = st.Write(t.Context(), int64(i), createRoom(app, xc))
				_ = st.Write(t.Context(), int64(i), breakConstraint)
				_ = st.Write(t.Context(), int64(i), func(context.Context, *store.Tx) error { panic("oh no") })
				_, _ = st.Room(t.Context(), app.ID, xc)
				_, _ = st.Apps(t.Context())
				_ = st.Health(t.Context())
			})
		}
		wg.Wait()
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		goleak.VerifyNone(t, before)
	})
}

package service_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestCallersLeave lets callers go while their writes wait or run. Whoever still gets an
// answer gets a true one, and nobody's result changes behind their back, which the race
// detector would see.
func TestCallersLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		svc := service.New(st, powertalk.Dialect{}, service.Options{})
		app, err := svc.CreateApp(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		b := svc.Backend(app)
		const callers, calls = 16, 20
		var wg sync.WaitGroup
		for i := range callers {
			rng := rand.New(rand.NewPCG(uint64(i), 0))
			wg.Go(func() {
				for n := range calls {
					xc := fmt.Sprint("x", i, "-", n)
					ctx, leave := context.WithCancel(t.Context())
					gone := make(chan struct{})
					if rng.IntN(4) > 0 {
						go func() { leave(); close(gone) }()
					} else {
						close(gone)
					}
					user, err := b.PutUser(ctx, chat.UserUpdate{XCID: xc, Fullname: xc})
					switch {
					case err == nil && (user.ID == 0 || user.XCID != xc):
						t.Errorf("%s was told of the user %+v", xc, user)
					case err != nil && !errors.Is(err, context.Canceled):
						t.Errorf("%s: %v", xc, err)
					}
					<-gone
					_, _, err = b.PutRoom(ctx, chat.RoomUpdate{XCID: xc, Type: chat.Group, Name: xc})
					if err != nil && !errors.Is(err, context.Canceled) {
						t.Errorf("%s: %v", xc, err)
					}
					leave()
				}
			})
		}
		wg.Wait()
		if err := svc.Ready(t.Context()); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

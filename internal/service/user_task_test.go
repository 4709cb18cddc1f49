package service_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestComingAndGoing has users be deleted and come back at the same time, again and again,
// by callers who may hang up. In the end each personal room is as its two users are.
func TestComingAndGoing(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		svc := service.New(storetest.Open(t, o), powertalk.Dialect{}, service.Options{})
		app, err := svc.CreateApp(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		b := svc.Backend(app)
		const users, calls = 6, 12
		name := func(i int) string { return fmt.Sprint("u", i) }
		for i := range users {
			if _, err := b.PutUser(t.Context(), chat.UserUpdate{XCID: name(i), Fullname: "U"}); err != nil {
				t.Fatal(err)
			}
			for other := range i {
				_, err := b.Send(t.Context(), service.Outgoing{
					From: service.UserName{XCID: name(i)}, To: service.UserName{XCID: name(other)}, Type: chat.TextMessage, Body: "hi",
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		var all sync.WaitGroup
		for i := range 2 * users {
			xc := name(i % users)
			all.Go(func() {
				for n := range calls {
					ctx, leave := context.WithCancel(t.Context())
					if n%3 == 0 {
						go leave()
					}
					if (i+n)%2 == 0 {
						_, _ = b.DeleteUser(ctx, xc) // whether it was in time does not matter
					} else {
						_, _ = b.PutUser(ctx, chat.UserUpdate{XCID: xc, Fullname: fmt.Sprint("U", n)})
					}
					leave()
				}
			})
		}
		all.Wait()
		if due := storetest.Query(t, o, "SELECT user_id || ' ' || kind FROM user_tasks"); len(due) > 0 {
			t.Errorf("still due: %v", due)
		}
		wrong := storetest.Query(t, o, `SELECT r.id || ': locked at ' || r.locked_at ||
				', users deleted at ' || a.deleted_at || ' and ' || b.deleted_at
			FROM rooms r JOIN users a ON a.id = r.user_a JOIN users b ON b.id = r.user_b
			WHERE r.type = 1 AND (r.locked_at > 0) <> (a.deleted_at > 0 OR b.deleted_at > 0)`)
		if len(wrong) > 0 {
			t.Errorf("rooms that are not as their users are: %v", wrong)
		}
	})
}

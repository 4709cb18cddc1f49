package faults

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"parlor/client"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestKilledAmongRooms kills the program while it closes or opens a user's personal rooms.
// Started again it does the rest, and each room gets one message for each change.
func TestKilledAmongRooms(t *testing.T) {
	t.Parallel()
	const rooms, rounds = 600, 1 // more rooms than are done in one go
	eachEngine(t, func(t *testing.T, o store.Options) {
		p := start(t, o)
		if err := p.put(t.Context(), "ana"); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for part := range 10 {
			all.Go(func() {
				for i := part; i < rooms; i += 10 {
					partner := fmt.Sprint("p", i)
					err := p.put(t.Context(), partner)
					if err == nil {
						_, err = p.backend.Send(t.Context(), client.BackendMessage{
							Text: "hi", SenderXCID: "ana", RecipientXCID: partner,
						})
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		count := func(condition string) int {
			var n int
			if _, err := fmt.Sscan(storetest.Query(t, o,
				"SELECT COUNT(*) || '' FROM rooms r WHERE r.type = 1 AND "+condition)[0], &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for round := 1; round <= rounds; round++ {
			for _, change := range []struct{ path, done, action string }{
				{"user/delete", "r.locked_at > 0", "user/delete"},
				{"user/update", "r.locked_at = 0", "user/update"},
			} {
				ctx, leave := context.WithCancel(t.Context())
				called := make(chan struct{})
				go func(b *client.Backend) { // ends with the process
					defer close(called)
					_ = b.Call(ctx, change.path, fields{"xcUserID": "ana", "fullName": "Back"}, nil)
				}(p.backend)
				eventually(t, "the first room is done", func() bool { return count(change.done) > 0 })
				p.Kill()
				<-called
				leave()
				t.Logf("%s: killed after %d rooms", change.path, count(change.done))
				p = start(t, o)
				eventually(t, "all rooms are done", func() bool { return count(change.done) == rooms })
				told := fmt.Sprintf("(SELECT COUNT(*) FROM messages m WHERE m.room_id = r.id AND m.action = '%s') = %d",
					change.action, round)
				eventually(t, "each room gets one message for each change", func() bool { return count(told) == rooms })
				eventually(t, "nothing is due", func() bool {
					return storetest.Query(t, o, "SELECT COUNT(*) || '' FROM user_tasks")[0] == "0"
				})
			}
		}
		storetest.Audit(t, o)
	})
}

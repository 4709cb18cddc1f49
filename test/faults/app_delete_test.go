package faults

import (
	"fmt"
	"testing"

	"parlor/client"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestKilledWhileDeletingAnApp kills the program again and again while it takes an App away. Started again it goes on
// until nothing is left, and what was made since is as it was.
func TestKilledWhileDeletingAnApp(t *testing.T) {
	t.Parallel()
	const each, rooms = 60, 10
	eachEngine(t, func(t *testing.T, o store.Options) {
		kills := 2
		if o.DSN != "" {
			kills = 1 // each costs the lease of the killed process
		}
		p := start(t, o)
		fill := func(rooms int) {
			t.Helper()
			if err := p.put(t.Context(), "ana"); err != nil {
				t.Fatal(err)
			}
			for r := range rooms {
				room := fmt.Sprint("room ", r)
				_, err := p.backend.PutRoom(t.Context(), client.RoomSettings{
					XCID: room, Type: client.Group, Name: room, Participants: []string{"ana"},
				})
				for i := 0; i < each && err == nil; i++ {
					_, err = p.backend.Send(t.Context(), client.BackendMessage{Text: "text", SenderXCID: "ana", XCRoomID: room})
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		fill(rooms)
		st, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		app, err := st.App(t.Context(), "default")
		if err == nil {
			err = st.DeleteApp(t.Context(), app)
		}
		if err == nil {
			err = st.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		left := func(table string) (n int) {
			query := fmt.Sprintf("SELECT COUNT(*) || '' FROM %s WHERE app_id = %d", table, app.ID)
			if _, err := fmt.Sscan(storetest.Query(t, o, query)[0], &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		all := left("messages")
		for kill := 1; kill <= kills; kill++ {
			eventually(t, "some more is gone", func() bool { return left("messages") <= all-all*kill/(kills+1) })
			p.Kill()
			t.Logf("killed with %d messages left", left("messages"))
			p = start(t, o) // which makes another App of the name
		}
		fill(1)
		eventually(t, "all of it is gone, but for what may keep the last number", func() bool {
			return left("messages") <= 1 && left("rooms") <= 1 && left("users") <= 1 && left("feed_events") == 0 && left("audit") == 0
		})
		n := 0
		for _, err := range p.backend.Messages(t.Context(), client.MessageFilter{XCRoomID: "room 0"}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n < each {
			t.Errorf("the new App has %d messages, of %d", n, each)
		}
		storetest.Audit(t, o)
	})
}

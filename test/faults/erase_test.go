package faults

import (
	"fmt"
	"testing"

	"parlor/client"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestKilledWhileErasing kills the program again and again while it erases a user. Started again it goes on,
// every message of the user is deleted and counted once, and nobody else's is touched.
func TestKilledWhileErasing(t *testing.T) {
	t.Parallel()
	const each, rooms, kills = 60, 10, 2
	eachEngine(t, func(t *testing.T, o store.Options) {
		p := start(t, o)
		for _, xc := range []string{"ana", "bo"} {
			if err := p.put(t.Context(), xc); err != nil {
				t.Fatal(err)
			}
		}
		for r := range rooms {
			room := fmt.Sprint("room ", r)
			_, err := p.backend.PutRoom(t.Context(), client.RoomSettings{
				XCID: room, Type: client.Group, Name: room, Participants: []string{"ana", "bo"},
			})
			for i := 0; i < each && err == nil; i++ {
				_, err = p.backend.Send(t.Context(), client.BackendMessage{
					Text: "secret", SenderXCID: []string{"ana", "bo"}[i%2], XCRoomID: room,
				})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		const mine = rooms * each / 2
		e, err := p.backend.EraseUser(t.Context(), "ana")
		if err != nil {
			t.Fatal(err)
		}
		deleted := func() (n int) {
			if _, err := fmt.Sscan(storetest.Query(t, o, "SELECT COUNT(*) || '' FROM messages WHERE deleted_at > 0")[0], &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for kill := 1; kill <= kills; kill++ {
			eventually(t, "some more is deleted", func() bool { return deleted() >= mine*kill/(kills+1) })
			p.Kill()
			t.Logf("killed after %d messages", deleted())
			p = start(t, o)
		}
		eventually(t, "the erasure is finished", func() bool {
			e, err = p.backend.Erasure(t.Context(), e.ID)
			return err == nil && e.Done()
		})
		if e.Erased.Messages != mine || deleted() != mine {
			t.Errorf("%d messages are gone, and %d are counted, of %d", deleted(), e.Erased.Messages, mine)
		}
		told := storetest.Query(t, o, "SELECT COUNT(*) || ' of ' || COUNT(DISTINCT room_id || '-' || time) FROM feed_events WHERE kind = 'message.deleted'")
		if want := fmt.Sprint(mine, " of ", mine); told[0] != want {
			t.Errorf("%s are told, want %s", told[0], want)
		}
		storetest.Audit(t, o)
	})
}

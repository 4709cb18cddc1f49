package faults

import (
	"fmt"
	"strconv"
	"testing"

	"parlor/client"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestKilledUnderWorkOnManyMessages ends the program while it sends a message to many rooms, and while it deletes
// what was sent. In the end each room has had it once, and each message is counted once among the deleted.
func TestKilledUnderWorkOnManyMessages(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		rng := newRand(t)
		p := start(t, o)
		const rooms = 150
		if err := p.put(t.Context(), "kim"); err != nil {
			t.Fatal(err)
		}
		var names []string
		var settings []client.RoomSettings
		for i := range rooms {
			names = append(names, fmt.Sprint("many ", i))
			settings = append(settings, client.RoomSettings{XCID: names[i], Type: client.Group, Name: names[i]})
		}
		if _, err := p.backend.PutRooms(t.Context(), settings); err != nil {
			t.Fatal(err)
		}
		count := func(condition string) int {
			n, err := strconv.Atoi(storetest.Query(t, o, "SELECT COUNT(*) || '' FROM "+condition)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		sent := "messages WHERE type = 1001"
		message := client.BackendMessage{SenderXCID: "kim", Text: "to all", LocalID: client.NewLocalID()}
		for range 2 {
			if _, err := p.backend.SendToRooms(t.Context(), message, names...); err != nil {
				t.Fatal(err)
			}
			enough := min(rooms, count(sent)+1+rng.IntN(40))
			eventually(t, "some rooms have it", func() bool { return count(sent) >= enough })
			p.Kill()
			p = start(t, o)
		}
		eventually(t, "the message is sent to all", func() bool {
			s, err := p.backend.BroadcastStatus(t.Context(), message.LocalID)
			if err != nil {
				t.Fatal(err)
			}
			return s.Done() && s.Sent == rooms
		})
		if n := count(sent); n != rooms {
			t.Errorf("%d messages in %d rooms", n, rooms)
		}
		if n := count("(SELECT DISTINCT room_id FROM messages WHERE type = 1001) r"); n != rooms {
			t.Errorf("%d of %d rooms have it", n, rooms)
		}
		id, err := p.backend.DeleteMatching(t.Context(), client.DeletionFilter{SenderXCID: "kim"})
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "some are deleted", func() bool { return count(sent+" AND deleted_at > 0") > 0 })
		p.Kill()
		p = start(t, o)
		eventually(t, "all are deleted", func() bool {
			d, err := p.backend.DeletionStatus(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return d.Done() && d.Deleted == rooms
		})
		if n := count(sent + " AND deleted_at > 0"); n != rooms {
			t.Errorf("%d messages are deleted", n)
		}
		storetest.Audit(t, o)
	})
}

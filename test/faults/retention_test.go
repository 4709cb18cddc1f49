package faults

import (
	"fmt"
	"testing"
	"time"

	"parlor/client"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// age has everything been sent so much earlier. No server may be running.
func age(t *testing.T, o store.Options, by time.Duration) {
	t.Helper()
	ms := by.Milliseconds()
	for _, statement := range []string{
		`UPDATE messages SET created_at = created_at - %[1]d, updated_at = updated_at - %[1]d`,
		`UPDATE rooms SET last_message_at = last_message_at - %[1]d, last_visible_at = last_visible_at - %[1]d,
			active_hour = (last_message_at - %[1]d) / 3600000`,
		`UPDATE feed_events SET time = time - %[1]d WHERE time > 0`,
		`UPDATE retention_rules SET begins_at = begins_at - %[1]d`,
		`UPDATE jobs SET due_at = due_at - %[1]d WHERE kind = 'retention'`,
	} {
		storetest.Exec(t, o, fmt.Sprintf(statement, ms))
	}
}

// TestKilledWhileRemoving kills the program again and again while a rule removes messages. Started again it goes on:
// each message is removed and counted once, each room told of once, and no more is unread than is there. A room with
// another rule is not touched.
func TestKilledWhileRemoving(t *testing.T) {
	t.Parallel()
	const each, rooms, kills = 60, 6, 2
	eachEngine(t, func(t *testing.T, o store.Options) {
		p := start(t, o)
		for _, xc := range []string{"ana", "bo"} {
			if err := p.put(t.Context(), xc); err != nil {
				t.Fatal(err)
			}
		}
		for r := range rooms + 1 {
			room, tags := fmt.Sprint("room ", r), []string(nil)
			if r == rooms {
				tags = []string{"kept"}
			}
			_, err := p.backend.PutRoom(t.Context(), client.RoomSettings{
				XCID: room, Type: client.Group, Name: room, Participants: []string{"ana", "bo"}, Tags: tags,
			})
			for i := 0; i < each && err == nil; i++ {
				_, err = p.backend.Send(t.Context(), client.BackendMessage{
					Text: "old", SenderXCID: []string{"ana", "bo"}[i%2], XCRoomID: room,
				})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for tag, days := range map[string]int{"": 3, "kept": 300} {
			if _, err := p.backend.SetRetention(t.Context(), tag, days); err != nil {
				t.Fatal(err)
			}
		}
		p.Kill()
		age(t, o, 5*24*time.Hour)
		count := func(what string) (n int) {
			if _, err := fmt.Sscan(storetest.Query(t, o, "SELECT COUNT(*) || '' FROM "+what)[0], &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		all := count("messages")
		const gone = rooms * each // that a room was made, and all but the newest message
		for kill := range kills {
			p = start(t, o)
			eventually(t, "some more is removed", func() bool { return all-count("messages") >= gone*kill/kills+1 })
			p.Kill()
			t.Logf("killed after %d messages", all-count("messages"))
			storetest.Exec(t, o, "UPDATE jobs SET due_at = 0 WHERE kind = 'retention'") // so nobody waits for the end of its lease
		}
		p = start(t, o)
		var rules []client.RetentionRule
		eventually(t, "the rules have run", func() bool {
			var err error
			rules, err = p.backend.Retention(t.Context())
			return err == nil && !rules[0].LastRunFinished.IsZero() && !rules[1].LastRunFinished.IsZero()
		})
		if n := all - count("messages"); n != gone || rules[0].Total.Messages != gone || rules[1].Total.Messages != 0 {
			t.Errorf("%d messages are gone, and %d and %d counted, want %d", n, rules[0].Total.Messages, rules[1].Total.Messages, gone)
		}
		if n := count("feed_events WHERE kind = 'message.expired'"); n != rooms {
			t.Errorf("told of %d times, want %d", n, rooms)
		}
		for _, xc := range []string{"ana", "bo"} {
			n, err := p.backend.UnreadTotal(t.Context(), xc)
			if want := each/2 + 1; err != nil || n != want { // of the room that is kept, and that it was made
				t.Errorf("%s has %d unread, want %d (%v)", xc, n, want, err)
			}
		}
		p.Kill()
		storetest.Audit(t, o)
	})
}

package faults

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"parlor/client"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/pushtest"
)

// TestKilledBeforePush kills the program when it has acknowledged messages, and has notified nobody
// of them yet. Started again it notifies each device of each message, once.
func TestKilledBeforePush(t *testing.T) {
	t.Parallel()
	const people, messages = 30, 3 // more people than are notified by one job
	eachEngine(t, func(t *testing.T, o store.Options) {
		v := pushtest.Start(t)
		env := []string{"SSL_CERT_FILE=" + v.CertFile, "PARLOR_FCM_CREDENTIALS=" + v.FCMFile, "PARLOR_FCM_URL=" + v.URL}
		p := startWith(t, o, env)
		names := []string{"ana"}
		if err := p.put(t.Context(), "ana"); err != nil {
			t.Fatal(err)
		}
		app, err := client.NewApp(client.Config{URL: p.url, Key: appKey})
		if err != nil {
			t.Fatal(err)
		}
		for i := range people {
			name := fmt.Sprint("p", i)
			names = append(names, name)
			ticket, err := p.backend.RequestTicket(t.Context(), client.Profile{XCID: name, Fullname: name})
			if err != nil {
				t.Fatal(err)
			}
			d, err := app.SignIn(t.Context(), ticket.Text, client.DeviceOptions{ID: "phone of " + name, Platform: "android"})
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Call(t.Context(), "client/push_notification/update", fields{"fcmToken": name}, nil); err != nil {
				t.Fatal(err)
			}
		}
		err = p.backend.Call(t.Context(), "room/create_or_update", fields{
			"xcRoomID": "r", "type": 2, "name": "Room", "participantXCUserIDs": names,
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range messages {
			_, err := p.backend.Send(t.Context(), client.BackendMessage{Text: fmt.Sprint(i), SenderXCID: "ana", XCRoomID: "r"})
			if err != nil {
				t.Fatal(err)
			}
		}
		p.Kill()
		if n := len(v.Pushes("")); n != 0 {
			t.Logf("%d notifications were sent before the kill", n)
		}
		p = startWith(t, o, env)
		eventually(t, "nothing is left to be sent", func() bool {
			return storetest.Query(t, o, "SELECT COUNT(*) || '' FROM jobs")[0] == "0"
		})
		seen := map[string]int{}
		for _, push := range v.Pushes("") {
			var data struct{ Body string }
			var m struct{ MessageID string }
			if json.Unmarshal(push.Payload, &data) != nil || json.Unmarshal([]byte(data.Body), &m) != nil {
				t.Fatalf("%s", push.Payload)
			}
			seen[push.Token+" "+m.MessageID]++
		}
		var twice []string
		for what, n := range seen {
			if n > 1 {
				twice = append(twice, what)
			}
		}
		slices.Sort(twice)
		if len(seen) != people*messages || len(twice) > 0 {
			t.Errorf("%d notifications, want %d; more than once: %q", len(seen), people*messages, twice)
		}
		if dead := storetest.Query(t, o, "SELECT kind FROM jobs WHERE dead_at > 0"); len(dead) > 0 {
			t.Errorf("given up: %q", dead)
		}
		p.terminate(t)
	})
}

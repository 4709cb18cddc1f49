package service_test

import (
	"fmt"
	"runtime"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store/storetest"
)

// What one message of a backend may allocate on SQLite, from the call of the service until it is
// on the disk, alone in its commit. It was 167 allocations of 10,500
// bytes when this was written, and with the race detector 169 of 11,300.
const (
	sendAllocations = 180
	sendBytes       = 12_500
)

// TestSendAllocates keeps the way of a message from becoming more expensive unnoticed: garbage
// is what makes a busy server slow for everybody.
func TestSendAllocates(t *testing.T) {
	st := storetest.Open(t, storetest.SQLite(t))
	svc := service.New(st, powertalk.Dialect{}, service.Options{})
	app, _, err := svc.EnsureDefaultApp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := svc.Backend(app)
	if _, err := b.PutUser(t.Context(), chat.UserUpdate{XCID: "ann", Fullname: "Ann"}); err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		if _, _, err := b.PutRoom(t.Context(), chat.RoomUpdate{
			XCID: fmt.Sprint("r", i), Type: chat.Group, Name: "Room", ParticipantXCIDs: []string{"ann"},
		}); err != nil {
			t.Fatal(err)
		}
	}
	send := func(n int) {
		for i := range n {
			_, err := b.Send(t.Context(), service.Outgoing{
				Type: chat.TextMessage, Body: "Your order has shipped", From: service.UserName{XCID: "ann"},
				XCRoomID: fmt.Sprint("r", i%8),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	send(200) // statements are prepared, caches filled
	const messages = 400
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	send(messages)
	runtime.ReadMemStats(&after)
	allocations := float64(after.Mallocs-before.Mallocs) / messages
	bytes := float64(after.TotalAlloc-before.TotalAlloc) / messages
	t.Logf("%.1f allocations and %.0f bytes for each message", allocations, bytes)
	if allocations > sendAllocations || bytes > sendBytes {
		t.Errorf("a message costs %.1f allocations and %.0f bytes, want at most %d and %d",
			allocations, bytes, sendAllocations, sendBytes)
	}
}

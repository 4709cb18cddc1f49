package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parlor/client"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// scheduler schedules messages, and keeps which of them were taken.
type scheduler struct {
	in    *client.Device
	room  string
	mu    sync.Mutex
	taken []string // localIDs
}

func newScheduler(t *testing.T, p *parlor, xc string) *scheduler {
	t.Helper()
	ticket, err := p.backend.RequestTicket(t.Context(), client.Profile{XCID: xc, Fullname: xc})
	if err != nil {
		t.Fatal(err)
	}
	app, err := client.NewApp(client.Config{URL: p.url, Key: appKey, HTTP: p.http, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := &scheduler{}
	if s.in, err = app.SignIn(t.Context(), ticket.Text, client.DeviceOptions{ID: "phone"}); err != nil {
		t.Fatal(err)
	}
	var made struct{ Room struct{ RoomID string } }
	if err := p.backend.Call(t.Context(), "room/create_or_update", fields{
		"xcRoomID": "room of " + xc, "type": 2, "name": xc, "participantXCUserIDs": []string{xc},
	}, &made); err != nil {
		t.Fatal(err)
	}
	s.room = made.Room.RoomID
	return s
}

// schedule schedules n messages, each in a while below spread. It ends early when no answer comes.
func (s *scheduler) schedule(ctx context.Context, n int, spread time.Duration) error {
	for i := range n {
		localID := cipher.NewLocalID()
		body, err := cipher.Seal("later", localID)
		if err != nil {
			return err
		}
		err = s.in.Call(ctx, "chat/scheduled_message/create", fields{
			"scheduledTime": time.Now().Add(spread * time.Duration(i) / time.Duration(n)).UnixMilli(),
			"message":       fields{"localID": localID, "type": 1001, "body": body, "room": fields{"roomID": s.room}},
		}, nil)
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.taken = append(s.taken, localID)
		s.mu.Unlock()
	}
	return nil
}

// allSent waits until nothing is scheduled any more, and looks for what was taken among the messages.
func allSent(t *testing.T, o store.Options, users []*scheduler) {
	t.Helper()
	eventually(t, "nothing is scheduled any more", func() bool {
		return storetest.Query(t, o, "SELECT COUNT(*) || '' FROM scheduled_messages")[0] == "0"
	})
	stored, n := storetest.LocalIDs(t, o), 0
	for _, s := range users {
		for _, localID := range s.taken {
			n++
			if !stored[localID] {
				t.Errorf("the scheduled message %s is lost", localID)
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d messages were scheduled", n)
	}
	storetest.Audit(t, o) // no localID twice, and no job without its message
}

// TestKilledUnderSchedules ends the program, again and again, while messages are scheduled and sent. What
// it took is sent once, whether its time came before, under or after the kill.
func TestKilledUnderSchedules(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		rng := newRand(t)
		p := start(t, o)
		var all []*scheduler
		for round := range 4 {
			var users []*scheduler
			for i := range 4 {
				users = append(users, newScheduler(t, p, fmt.Sprintf("user %d of %d", i, round)))
			}
			all = append(all, users...)
			var busy sync.WaitGroup
			for _, s := range users {
				busy.Go(func() {
					if err := s.schedule(t.Context(), 40, time.Second); err != nil && refusal(err) != nil && !isUnavailable(err) {
						t.Error(err)
					}
				})
			}
			enough := 1 + rng.IntN(100)
			eventually(t, "some are taken", func() bool {
				taken := 0
				for _, s := range users {
					s.mu.Lock()
					taken += len(s.taken)
					s.mu.Unlock()
				}
				return taken >= enough
			})
			p.Kill()
			busy.Wait()
			p = start(t, o)
		}
		allSent(t, o, all)
	})
}

// TestNodesShareSchedules: of two nodes that send what is due, each is killed once. The other one does its
// part, and nothing is sent twice.
func TestNodesShareSchedules(t *testing.T) {
	t.Parallel()
	cl := newCluster(t, 2)
	var users []*scheduler
	for i := range 8 {
		users = append(users, newScheduler(t, cl.nodes[i%2], fmt.Sprint("user ", i)))
	}
	var busy sync.WaitGroup
	errs := make([]error, len(users))
	for i, s := range users {
		busy.Go(func() { errs[i] = s.schedule(t.Context(), 60, 3*time.Second) })
	}
	busy.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for i := range cl.nodes {
		cl.nodes[i].Kill()
		cl.nodes[i] = cl.node(t)
	}
	allSent(t, cl.store, users)
	if node := slices.IndexFunc(cl.nodes, func(p *parlor) bool { return p.status("/readyz") != 200 }); node >= 0 {
		t.Errorf("node %d is not ready", node)
	}
}

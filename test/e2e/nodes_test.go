package e2e

import (
	"fmt"
	"slices"
	"testing"

	"parlor/test/env/natstest"
	"parlor/test/env/servertest"
)

// TestTwoNodes: people on different nodes chat, see each other come, and miss nothing
// while the bus between the nodes is away.
func TestTwoNodes(t *testing.T) {
	bus := natstest.Run(t)
	cfg := servertest.Postgres(t)
	cfg.NATS = bus.URL()
	one := servertest.Start(t, cfg, nil).Default()
	two := servertest.Start(t, cfg, nil).Default()
	ana, bo := one.SignIn(t, "ana", "a1").Connect(t), two.SignIn(t, "bo", "b1").Connect(t)

	pair := ana.UserID + "-" + bo.UserID
	ana.Send(t, pair, "hello over there")
	if m := bo.NextMessage(t); m.Text(t) != "hello over there" || m.Room.Name != "Name of ana" {
		t.Errorf("bo got %+v", m)
	}
	ana.NextMessage(t)
	ana.Emit(t, "chat/startTyping", map[string]any{"roomID": pair})
	bo.Next(t, "typing", func(e servertest.Event) bool { return e.EventName == "chat/startTyping" })

	bus.Kill()
	var locals []string
	for i := range 20 {
		locals = append(locals, ana.Send(t, pair, fmt.Sprint("while the bus is away ", i)))
		ana.NextMessage(t)
	}
	if err := bus.StartAgain(); err != nil {
		t.Fatal(err)
	}
	for _, local := range locals {
		if m := bo.NextMessage(t); m.LocalID != local {
			t.Fatalf("got %s %q, want %s", m.LocalID, m.Text(t), local)
		}
	}
	bo.Send(t, pair, "and back")
	if m := ana.NextMessage(t); m.Text(t) != "and back" {
		t.Errorf("ana got %+v", m)
	}
	bo.NextMessage(t)

	// A third device of bo's on the first node: both hear, and a read mark travels.
	phone := one.SignIn(t, "bo", "b2").Connect(t)
	local := ana.Send(t, pair, "to both")
	got := phone.NextMessage(t)
	if got.LocalID != local || bo.NextMessage(t).LocalID != local {
		t.Error("one of two devices got another message")
	}
	phone.Call(t, "chat/message/feedback/read", map[string]any{"messageIDs": []string{got.MessageID}}, nil)
	if m := bo.NextUpdate(t); !m.IsRead || m.LocalID != local {
		t.Errorf("bo's other device learns %+v", m)
	}
	phone.Call(t, "client/logout", nil, nil)
	<-phone.Closed()
}

// TestLostChangesOfUsers: while the bus between the nodes is away, a user sets things for a room
// and gets another profile. Devices on the other node learn of each when the bus is back.
func TestLostChangesOfUsers(t *testing.T) {
	t.Parallel()
	bus := natstest.Run(t)
	cfg := servertest.Postgres(t)
	cfg.NATS = bus.URL()
	one := servertest.Start(t, cfg, nil).Default()
	two := servertest.Start(t, cfg, nil).Default()
	ana, bo := one.SignIn(t, "ana", "a1").Connect(t), two.SignIn(t, "bo", "b1").Connect(t)
	phone := one.SignIn(t, "bo", "b2").Connect(t)
	pair := pairOf(ana, bo)
	ana.Send(t, pair, "hello")
	bo.NextMessage(t)

	bus.Kill()
	phone.Call(t, "client/room/mute", obj{"roomIDs": list{pair}, "expiredAt": 0}, nil)
	phone.Call(t, "client/room/pin", obj{"roomIDs": list{pair}}, nil)
	phone.Call(t, "client/room/mark_as_unread", obj{"roomIDs": list{pair}}, nil)
	one.Must(t, "user/update", obj{"xcUserID": "ana", "fullName": "Ana Anders"}, nil)
	if err := bus.StartAgain(); err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{"room/mute": true, "room/pin": true, "room/markAsUnread": true, "user/updated": true}
	for len(missing) > 0 {
		e := bo.Next(t, fmt.Sprint(missing), func(e servertest.Event) bool { return missing[e.EventName] })
		delete(missing, e.EventName)
	}
}

// TestNodesThatDoNotHearEachOther: the bus of each of two nodes seems well to it, and brings it
// nothing of the other. Devices get everything all the same, and have it once.
func TestNodesThatDoNotHearEachOther(t *testing.T) {
	t.Parallel()
	cfg := servertest.Postgres(t)
	cfg.NATS = natstest.Run(t).URL()
	one := servertest.Start(t, cfg, nil).Default()
	cfg.NATS = natstest.Run(t).URL()
	two := servertest.Start(t, cfg, nil).Default()
	ana, bo := one.SignIn(t, "ana", "a1").Connect(t), two.SignIn(t, "bo", "b1")
	listMessages(t, bo, "chat/message/room_list_and_unread", nil)
	bo.Connect(t)
	pair := pairOf(ana, bo)
	for i := range 5 {
		local := ana.Send(t, pair, fmt.Sprint("over the database ", i))
		if m := bo.NextMessage(t); m.LocalID != local {
			t.Fatalf("bo got %q", m.Text(t))
		}
		ana.NextMessage(t)
	}
	bo.Disconnect()
	local := ana.Send(t, pair, "while bo is away")
	ana.NextMessage(t)
	if got := localIDs(catchUp(t, bo)); !slices.Contains(got, local) {
		t.Errorf("bo catches up with %q", got)
	}
	if got := localIDs(catchUp(t, bo)); len(got) > 0 {
		t.Errorf("%q come again", got)
	}
}

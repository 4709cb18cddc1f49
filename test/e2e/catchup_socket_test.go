package e2e

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/internal/device"
	"parlor/test/env/natstest"
	"parlor/test/env/servertest"
)

// TestCatchUpKnowsTheSocket: what has come over a device's socket does not come again by
// catching up, where the device has shown that it has it. What it may lack does.
func TestCatchUpKnowsTheSocket(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		room := newGroup(t, ana, "Group", bo)
		listMessages(t, bo, "chat/message/room_list_and_unread", nil)
		catchUp(t, bo)
		bo.Connect(t)
		say := func(text string) servertest.Message {
			t.Helper()
			local := ana.Send(t, room, text)
			return ana.Next(t, "it", func(e servertest.Event) bool { return e.Message.LocalID == local }).Message
		}
		comes := func(what string, want ...servertest.Message) {
			t.Helper()
			if got := localIDs(catchUp(t, bo)); !slices.Equal(got, localIDs(want)) {
				t.Errorf("%s: %q come by catching up, want %q", what, got, localIDs(want))
			}
		}

		say("over the socket")
		bo.NextMessage(t)
		comes("connected") // the device is asked, and answers

		marked := say("marked as delivered")
		bo.NextMessage(t)
		bo.Call(t, "chat/message/feedback/delivered", obj{"messageIDs": list{marked.MessageID}}, nil)
		bo.Disconnect() // the connection is just gone
		away := say("while it is away")
		comes("back", away)
		comes("again")

		bo.Connect(t)
		say("edited later")
		seen := bo.NextMessage(t)
		bo.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{seen.MessageID}}, nil)
		bo.NextUpdate(t)
		comes("read")
		bo.Disconnect()
		edit := servertest.Draft(t, room, seen.LocalID, "edited")
		ana.Emit(t, "chat/updateMessage", edit)
		ana.Next(t, "the edit", func(e servertest.Event) bool { return e.Message.IsMessageEdited })
		comes("edited", seen)
	})
}

// TestCatchUpKnowsSocketsOfOtherNodes: a device that calls another node than the one its socket
// is or was on does not get again what it has shown to have.
func TestCatchUpKnowsSocketsOfOtherNodes(t *testing.T) {
	t.Parallel()
	cfg := servertest.Postgres(t)
	cfg.NATS = natstest.Run(t).URL()
	one := servertest.Start(t, cfg, nil).Default()
	two := servertest.Start(t, cfg, nil).Default()
	ana, bo := one.SignIn(t, "ana", "1").Connect(t), one.SignIn(t, "bo", "1")
	watcher := two.SignIn(t, "ana", "2").Connect(t)
	elsewhere := *bo // the same device, calling the second node
	elsewhere.App = two
	room := newGroup(t, ana, "Group", bo)
	ana.Send(t, pairOf(ana, bo), "now they are acquainted")
	ana.NextMessage(t)
	listMessages(t, bo, "chat/message/room_list_and_unread", nil)
	catchUp(t, bo)
	bo.Connect(t)
	watcher.Next(t, "that bo is there", func(e servertest.Event) bool {
		return e.EventName == "user/status" && strings.Contains(string(e.Data), `"isOnline":true`)
	})
	for round := range 20 { // what is asked and what is stored at the same time overtake each other now and then
		say := func() servertest.Message {
			t.Helper()
			ana.Send(t, room, "hello")
			return bo.NextMessage(t)
		}
		comesAgain := func(when string) {
			t.Helper()
			begun := time.Now()
			again := localIDs(catchUp(t, &elsewhere))
			if len(again) == 0 {
				return
			}
			// What nobody has said in time to have arrived comes again, and a slow machine has no time.
			if took := time.Since(begun); took >= device.AnswerTimeout {
				t.Logf("round %d, %s: %q come again after %v", round, when, again, took)
				return
			}
			t.Errorf("round %d, %s: %q come again", round, when, again)
		}
		say()
		comesAgain("connected")
		marked := say()
		bo.Call(t, "chat/message/feedback/delivered", obj{"messageIDs": list{marked.MessageID}}, nil)
		bo.Disconnect()
		comesAgain("marked and gone")
		bo.Connect(t)
		marked = say()
		elsewhere.Call(t, "chat/message/feedback/delivered", obj{"messageIDs": list{marked.MessageID}}, nil)
		bo.Disconnect()
		comesAgain("marked elsewhere and gone")
		bo.Connect(t)
	}
}

// TestShortSocketLosesNothing: a device that was away for long connects, and its socket ends
// before it has caught up. Connected again, it gets all that it has missed.
func TestShortSocketLosesNothing(t *testing.T) {
	t.Parallel()
	c := newClock()
	c.ms.Store(time.Now().Add(-time.Minute).UnixMilli())
	a := servertest.Start(t, servertest.SQLite(t), c.now).Default()
	ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
	listMessages(t, bo, "chat/message/room_list_and_unread", nil)
	c.ms.Add(1000)
	local := ana.Send(t, pairOf(ana, bo), "hello")
	ana.NextMessage(t)

	c.ms.Store(time.Now().UnixMilli()) // a minute later
	bo.Connect(t)
	bo.Disconnect() // at once
	// The end is noted before the user counts as gone.
	ana.Next(t, "that bo is gone", func(e servertest.Event) bool {
		return e.EventName == "user/status" && strings.Contains(string(e.Data), `"isOnline":false`)
	})
	bo.Connect(t)
	if got := localIDs(catchUp(t, bo)); !slices.Contains(got, local) {
		t.Errorf("the device gets %q", got)
	}
}

// TestNamingAMessageIsNoSignOfItsEdit: a device whose socket reads nothing any more goes on
// calling. That it names a message does not show that an edit of it has arrived.
func TestNamingAMessageIsNoSignOfItsEdit(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		listMessages(t, bo, "chat/message/room_list_and_unread", nil)
		bo.ConnectDeaf(t)
		pair := pairOf(ana, bo)
		local := ana.Send(t, pair, "hello")
		ana.NextMessage(t)
		catchUp(t, bo)
		delivered := obj{"messageIDs": list{history(t, bo, pair)[0].MessageID}}
		bo.Call(t, "chat/message/feedback/delivered", delivered, nil)
		ana.NextUpdate(t) // the receipt
		ana.Emit(t, "chat/updateMessage", servertest.Draft(t, pair, local, "edited"))
		ana.Next(t, "the edit", func(e servertest.Event) bool { return e.Message.IsMessageEdited })
		bo.Call(t, "chat/message/feedback/delivered", delivered, nil)
		if got := catchUp(t, bo); len(got) != 1 || !got[0].IsMessageEdited {
			t.Errorf("the device gets %+v", got)
		}
	})
}

// TestUnsentAnswerIsAskedForAgain: a device leaves before it is answered. What it was to get
// comes when it asks again.
func TestUnsentAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		listMessages(t, bo, "chat/message/room_list_and_unread", nil)
		for range 20 { // an answer may be quicker than the news that nobody waits for it
			local := ana.Send(t, pairOf(ana, bo), "hello")
			ana.NextMessage(t)
			askAndLeave(t, bo, "chat/message/new_and_updated")
			if slices.Contains(localIDs(catchUp(t, bo)), local) {
				return
			}
		}
		t.Error("what was answered to nobody never comes again")
	})
}

// askAndLeave makes a call and closes the connection without waiting for the answer.
func askAndLeave(t *testing.T, d *servertest.Device, path string) {
	t.Helper()
	address := strings.TrimPrefix(d.App.URL, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, d.App.URL+"/v1/"+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = d.Headers(d.Access)
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

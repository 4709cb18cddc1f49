package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"parlor/test/env/natstest"
	"parlor/test/env/servertest"
)

// nextBlock returns the next event about a block, and whom it is about.
func nextBlock(t testing.TB, d *servertest.Device) (name string, user participant) {
	t.Helper()
	e := d.Next(t, "a block", func(e servertest.Event) bool { return strings.HasSuffix(e.EventName, "block") })
	var data struct{ User participant }
	if err := json.Unmarshal(e.Data, &data); err != nil {
		t.Fatal(err)
	}
	return e.EventName, data.User
}

// plainMessage is a call by which a device sends a text over HTTP.
func plainMessage(t testing.TB, room, text string) obj {
	return obj{"roomID": room, "localID": localID(t), "messageType": 1001, "body": text, "data": ""}
}

// texts are the plain bodies of messages, in their order.
func texts(t testing.TB, messages []servertest.Message) []string {
	t.Helper()
	list := []string{}
	for _, m := range messages {
		list = append(list, m.Text(t))
	}
	return list
}

// TestBlock: whoever is blocked goes on writing and is not told; whoever has blocked them never
// gets any of it, by whichever way they ask, also after the block has ended.
func TestBlock(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2").Connect(t)
		bo, away := a.SignIn(t, "bo", "1").Connect(t), a.SignIn(t, "ana", "3")
		pair := pairOf(ana, bo)
		before := bo.Send(t, pair, "before")
		until(t, ana, before)
		until(t, phone, before)
		until(t, bo, before)
		catchUp(t, away)
		ana.Call(t, "client/contact/add", obj{"userID": bo.UserID}, nil)

		answer := ana.Try(t, "client/contact/block", obj{"userID": bo.UserID})
		checkDevice(t, "client/contact/block", answer)
		for _, d := range []*servertest.Device{ana, phone} {
			if name, u := nextBlock(t, d); name != "user/block" || u.UserID != bo.UserID || u.Fullname != "Name of bo" ||
				u.IsOnline {
				t.Errorf("device %s gets %s of %+v", d.Name, name, u)
			}
		}
		var contacts struct{ Contacts []obj }
		if ana.Call(t, "client/contact/list", nil, &contacts); len(contacts.Contacts) != 0 {
			t.Errorf("who is blocked is a contact: %v", contacts.Contacts)
		}

		withheld := bo.Send(t, pair, "withheld")
		echo := bo.NextMessage(t)
		if echo.LocalID != withheld || echo.MessageID == "0" || echo.IsRead || echo.IsDelivered {
			t.Errorf("the echo of a withheld message: %+v", echo)
		}
		bo.Call(t, "chat/message/send/custom", plainMessage(t, pair, "by HTTP"), nil)
		byHTTP := bo.NextMessage(t)
		hidesFrom := func(when string, d *servertest.Device, want ...string) {
			t.Helper()
			if got := texts(t, history(t, d, pair)); !slices.Equal(got, want) {
				t.Errorf("%s, device %s lists %v, want %v", when, d.Name, got, want)
			}
			page := listMessages(t, d, "chat/message/list_by_room/after", obj{"roomID": pair, "minCreated": 1, "lastUpdated": 1})
			slices.Reverse(page.Messages)
			if got := texts(t, page.Messages); !slices.Equal(got, want) {
				t.Errorf("%s, device %s is told of %v, want %v", when, d.Name, got, want)
			}
			for _, m := range listMessages(t, d, "chat/message/room_list_and_unread", nil).Messages {
				if m.Room.RoomID == pair && !slices.Contains(want, m.Text(t)) {
					t.Errorf("%s, device %s starts with %q", when, d.Name, m.Text(t))
				}
			}
			for _, id := range []string{echo.MessageID, byHTTP.MessageID} {
				checkFailure(t, d.Try(t, "chat/message/get_details", obj{"messageID": id}),
					failure{"40401", "Message is not found", ""})
			}
		}
		hidesFrom("after the block", ana, "before")
		if got := catchUp(t, away); len(got) > 0 {
			t.Errorf("a device that was away catches up with %v", texts(t, got))
		}
		if n := unreadOf(t, a, "ana", pair); n != 1 {
			t.Errorf("ana has %d unread, want the one from before", n)
		}
		if got := heard(t, ana); len(got) > 0 {
			t.Errorf("ana hears of %v", names(got))
		}

		// Receipts of a withheld message are nobody's to give, also for who guesses its id.
		ids := obj{"messageIDs": list{echo.MessageID, byHTTP.MessageID}}
		for _, path := range []string{"chat/message/feedback/delivered", "chat/message/feedback/read"} {
			var done struct{ UpdatedMessageIDs []string }
			if ana.Call(t, path, ids, &done); len(done.UpdatedMessageIDs) > 0 {
				t.Errorf("%s of a withheld message: %v", path, done.UpdatedMessageIDs)
			}
		}
		ana.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{history(t, ana, pair)[0].MessageID}}, nil)
		for _, m := range history(t, bo, pair) {
			if m.IsRead != (m.LocalID == before) || m.IsDelivered != (m.LocalID == before) {
				t.Errorf("to bo %q is read %v, delivered %v", m.Text(t), m.IsRead, m.IsDelivered)
			}
		}
		var read struct{ Count int }
		if bo.Call(t, "chat/message/get_total_read", obj{"messageID": echo.MessageID}, &read); read.Count != 0 {
			t.Errorf("%d have read a withheld message", read.Count)
		}

		answer = ana.Try(t, "client/contact/unblock", obj{"userID": bo.UserID})
		checkDevice(t, "client/contact/unblock", answer)
		for _, d := range []*servertest.Device{ana, phone} {
			if name, u := nextBlock(t, d); name != "user/unblock" || u.UserID != bo.UserID || u.Fullname != "Name of bo" {
				t.Errorf("device %s gets %s of %+v", d.Name, name, u)
			}
		}
		after := bo.Send(t, pair, "after")
		for _, d := range []*servertest.Device{ana, phone} {
			if m := d.NextMessage(t); m.LocalID != after {
				t.Errorf("after the end of the block device %s gets %q", d.Name, m.Text(t))
			}
		}
		hidesFrom("after the end of the block", ana, "after", "before")
		if n := unreadOf(t, a, "ana", pair); n != 1 {
			t.Errorf("ana has %d unread, want the last", n)
		}
		if got := texts(t, catchUp(t, away)); !slices.Contains(got, "after") || slices.Contains(got, "withheld") ||
			slices.Contains(got, "by HTTP") {
			t.Errorf("a device that was away catches up with %v", got)
		}
		// Its sender may still edit and delete it, among themselves.
		bo.Emit(t, "chat/updateMessage", draftOf(t, sdkMessage{room: pair, localID: withheld, text: "edited", kind: 1001}))
		bo.NextUpdate(t)
		bo.Call(t, "chat/message/delete", obj{"roomID": pair, "messageIDs": list{echo.MessageID}, "forEveryone": true}, nil)
		bo.NextUpdate(t)
		if got := heard(t, ana); len(got) > 0 {
			t.Errorf("of changes to what was withheld ana hears %v", names(got))
		}
		hidesFrom("after its deletion", ana, "after", "before")
		if n := unreadOf(t, a, "ana", pair); n != 1 {
			t.Errorf("after its deletion ana has %d unread", n)
		}
	})
}

// What comes of something that one of two does in their personal room while ana has blocked bo.
const (
	told     = "told"     // the other's devices learn of it
	untold   = "untold"   // it is a success, and the other's devices learn nothing
	withheld = "withheld" // likewise, and the other never sees it
	refused  = "refused"  // 40301, and nobody learns anything
)

// TestBlockedPair is the table of what each side may do, in the room of the two and elsewhere.
func TestBlockedPair(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		pair := pairOf(ana, bo)
		group := newGroup(t, ana, "Group", bo)
		own := map[*servertest.Device]servertest.Message{}
		for _, d := range []*servertest.Device{ana, bo} {
			local := d.Send(t, pair, "from before")
			until(t, ana, local)
			until(t, bo, local)
			own[d] = history(t, d, pair)[0]
		}
		ana.Call(t, "client/contact/block", obj{"userID": bo.UserID}, nil)
		nextBlock(t, ana)
		send := func(room string) func(*servertest.Device) servertest.Answer {
			return func(d *servertest.Device) servertest.Answer {
				return d.Try(t, "chat/message/send/custom", plainMessage(t, room, "hi"))
			}
		}
		emit := func(event string, body func(*servertest.Device) any) func(*servertest.Device) servertest.Answer {
			return func(d *servertest.Device) (none servertest.Answer) {
				d.Emit(t, event, body(d))
				return none
			}
		}
		typing := func(room string) func(*servertest.Device) servertest.Answer {
			return emit("chat/startTyping", func(*servertest.Device) any { return obj{"roomID": room} })
		}
		ids := func(d *servertest.Device) obj { return obj{"roomID": pair, "messageIDs": list{own[d].MessageID}} }
		tests := []struct {
			name                 string
			do                   func(d *servertest.Device) servertest.Answer
			byBlocker, byBlocked string
			hears                string // the event that those who are told hear
		}{
			{"a message", send(pair), refused, withheld, ""},
			{"a message that is not to be shown", func(d *servertest.Device) servertest.Answer {
				body := plainMessage(t, pair, "hidden")
				body["isHidden"] = true
				return d.Try(t, "chat/message/send/custom", body)
			}, refused, withheld, ""},
			{"a message in a group", send(group), told, told, "chat/sendMessage"},
			{"typing", typing(pair), untold, untold, ""},
			{"typing in a group", typing(group), told, told, "chat/startTyping"},
			{"an edit of what was said before", emit("chat/updateMessage", func(d *servertest.Device) any {
				return draftOf(t, sdkMessage{room: pair, localID: own[d].LocalID, text: "edited", kind: 1001})
			}), untold, untold, ""},
			{"a pin", func(d *servertest.Device) servertest.Answer {
				return d.Try(t, "chat/message/pin", ids(d))
			}, refused, untold, ""},
			{"a deletion for everyone", func(d *servertest.Device) servertest.Answer {
				body := ids(d)
				body["forEveryone"] = true
				return d.Try(t, "chat/message/delete", body)
			}, told, told, "chat/updateMessage"},
			{"a contact", func(d *servertest.Device) servertest.Answer {
				other := ana
				if d == ana {
					other = bo
				}
				return d.Try(t, "client/contact/add", obj{"userID": other.UserID})
			}, refused, untold, ""},
		}
		for _, tt := range tests {
			for d, want := range map[*servertest.Device]string{ana: tt.byBlocker, bo: tt.byBlocked} {
				other, who := bo, "ana, who has blocked bo"
				if d == bo {
					other, who = ana, "bo, who is blocked"
				}
				had, theirs := len(history(t, d, pair)), len(history(t, other, pair))
				answer := tt.do(d)
				if code := answer.Error.Code; (code == "40301") != (want == refused) || code != "" && code != "40301" {
					t.Errorf("%s of %s: %s, want it %s", tt.name, who, answer.Body, want)
				}
				// The mark in the group comes behind whatever its order is; that in the room of one's own as well.
				local := d.Send(t, group, "a mark")
				got := names(slices.DeleteFunc(slices.Concat(until(t, other, local), heard(t, other)),
					func(e servertest.Event) bool { return e.Message.Room.RoomID == group && want != told }))
				if own := names(until(t, d, local)); tt.hears == "chat/updateMessage" && !slices.Contains(own, tt.hears) {
					d.Next(t, tt.name, func(e servertest.Event) bool { return e.EventName == tt.hears })
				}
				if want == told && !slices.Contains(got, tt.hears) { // rooms have turns of their own
					other.Next(t, tt.name, func(e servertest.Event) bool { return e.EventName == tt.hears })
					got = append(got, tt.hears)
				}
				if (len(got) > 0) != (want == told) {
					t.Errorf("%s of %s: the other hears %v, want it %s", tt.name, who, got, want)
				}
				if more := len(history(t, d, pair)) - had; (more > 0) != (want == withheld) {
					t.Errorf("%s of %s: %d more messages, want it %s", tt.name, who, more, want)
				}
				if more := len(history(t, other, pair)) - theirs; more > 0 {
					t.Errorf("%s of %s: the other lists %d more messages", tt.name, who, more)
				}
			}
		}
		// The backend still writes in anybody's name.
		sendBody(t, a, obj{"messageType": 1001, "body": "by the backend", "senderXCUserID": "bo", "recipientXCUserID": "ana"})
		if m := ana.NextMessage(t); m.Text(t) != "by the backend" {
			t.Errorf("ana gets %q", m.Text(t))
		}
	})
}

// TestBlockBeforeFirstMessage: where the two have no room yet, the first message finds the block.
func TestBlockBeforeFirstMessage(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		pair := pairOf(ana, bo)
		ana.Call(t, "client/contact/block", obj{"userID": bo.UserID}, nil)
		checkFailure(t, bo.Try(t, "client/room/get", obj{"roomID": pair}), failure{"40401", "Room is not found", ""})
		refusal := ana.Try(t, "chat/message/send/custom", plainMessage(t, pair, "hi"))
		if refusal.Error.Code != "40301" {
			t.Errorf("who has blocked writes: %s", refusal.Body)
		}
		local := bo.Send(t, pair, "first")
		if m := bo.NextMessage(t); m.LocalID != local {
			t.Errorf("bo's echo is %+v", m)
		}
		bo.Emit(t, "chat/sendMessage", servertest.Draft(t, pair, local, "first")) // again, as SDKs do
		if m := bo.NextMessage(t); m.LocalID != local {
			t.Errorf("bo's second echo is %+v", m)
		}
		if got := texts(t, history(t, bo, pair)); !slices.Equal(got, []string{"first"}) {
			t.Errorf("bo lists %v", got)
		}
		if got := append(deviceRooms(t, ana), names(heard(t, ana))...); len(got) > 0 {
			t.Errorf("ana hears of %v", got)
		}
	})
}

// TestBlockCalls: what is asked of the calls, and what they answer.
func TestBlockCalls(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1"), a.SignIn(t, "cy", "1")
		for _, path := range []string{"client/contact/block", "client/contact/unblock"} {
			for _, tt := range []struct {
				userID any
				want   failure
			}{
				{nil, required("userID", "userID")},
				{"", required("userID", "userID")},
				{ana.UserID, invalid("userID", "userID", "must be another user")},
				{"999999", userNotFound},
				{"nobody", userNotFound},
				{"-1", userNotFound},
			} {
				checkFailure(t, ana.Try(t, path, obj{"userID": tt.userID}), tt.want)
			}
		}
		for range 2 { // the second changes nothing
			ana.Call(t, "client/contact/block", obj{"userID": cy.UserID}, nil)
			ana.Call(t, "client/contact/block", obj{"userID": bo.UserID}, nil)
		}
		var ids struct{ BlockedUserIDs []string }
		answer := ana.Try(t, "client/contact/get_blocked_user_ids", nil)
		checkDevice(t, "client/contact/get_blocked_user_ids", answer)
		if err := json.Unmarshal(answer.Data, &ids); err != nil || !slices.Equal(ids.BlockedUserIDs, []string{bo.UserID, cy.UserID}) {
			t.Errorf("blocked: %s (%v)", answer.Body, err)
		}
		var users struct{ BlockedContacts []participant }
		answer = ana.Try(t, "client/contact/get_blocked_list", nil)
		checkDevice(t, "client/contact/get_blocked_list", answer)
		if err := json.Unmarshal(answer.Data, &users); err != nil || len(users.BlockedContacts) != 2 ||
			users.BlockedContacts[0].Fullname != "Name of bo" || users.BlockedContacts[1].UserID != cy.UserID {
			t.Errorf("blocked: %s (%v)", answer.Body, err)
		}
		for _, d := range []*servertest.Device{bo, cy} { // who are not told, and have blocked nobody
			if d.Call(t, "client/contact/get_blocked_user_ids", nil, &ids); len(ids.BlockedUserIDs) > 0 {
				t.Errorf("%s has blocked %v", d.UserID, ids.BlockedUserIDs)
			}
		}
		do(t, a, "user/delete", obj{"xcUserID": "cy"})
		if ana.Call(t, "client/contact/get_blocked_user_ids", nil, &ids); !slices.Equal(ids.BlockedUserIDs, []string{bo.UserID}) {
			t.Errorf("with one of them deleted: %v", ids.BlockedUserIDs)
		}
		for range 2 {
			ana.Call(t, "client/contact/unblock", obj{"userID": bo.UserID}, nil)
		}
		if ana.Call(t, "client/contact/get_blocked_user_ids", nil, &ids); len(ids.BlockedUserIDs) > 0 {
			t.Errorf("after the end: %v", ids.BlockedUserIDs)
		}
		var events []string
		local := ana.Send(t, pairOf(ana, ana), "a mark")
		ana.Next(t, "the mark", func(e servertest.Event) bool {
			if strings.HasSuffix(e.EventName, "block") {
				events = append(events, e.EventName)
			}
			return e.Message.LocalID == local
		})
		slices.Sort(events)
		if !slices.Equal(events, []string{"user/block", "user/block", "user/unblock"}) {
			t.Errorf("ana hears of %v", events)
		}
	})
}

// TestBlockedPresence: neither learns whether the other is there.
func TestBlockedPresence(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		pair := pairOf(ana, bo)
		ana.Send(t, pair, "hello")
		bo.Call(t, "client/contact/add", obj{"userID": ana.UserID}, nil)
		ana.Call(t, "client/contact/block", obj{"userID": bo.UserID}, nil)
		nextBlock(t, ana)
		bo.Connect(t)
		seen := a.SignIn(t, "cy", "1").Connect(t) // a stranger to whom ana is as she is
		for _, d := range []*servertest.Device{ana, bo, seen} {
			for _, of := range []*servertest.Device{ana, bo} {
				var got struct{ User participant }
				var list struct{ Users []participant }
				d.Call(t, "client/user/get_by_id", obj{"id": of.UserID}, &got)
				d.Call(t, "client/user/get_all_by_ids", obj{"ids": []string{of.UserID}}, &list)
				if want := d == of || d == seen; got.User.IsOnline != want || list.Users[0].IsOnline != want {
					t.Errorf("to %s %s is online: %v and %v, want %v", d.UserID, of.UserID,
						got.User.IsOnline, list.Users[0].IsOnline, want)
				}
			}
		}
		putUser(t, a, "bo", obj{"fullName": "Another name"})
		for _, d := range []*servertest.Device{ana, bo} {
			for _, s := range statuses(t, d) {
				if strings.HasPrefix(s, "user/status") || d == ana {
					t.Errorf("%s hears %s", d.UserID, s)
				}
			}
		}
	})
}

// TestBlockRace: what is stored before the block is answered is all that ever reaches whoever
// made it, however many messages are under way, and whether or not the two have a room yet.
func TestBlockRace(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "1").Connect(t)
		for i := range 8 {
			bo := a.SignIn(t, fmt.Sprint("bo", i), "1")
			pair := pairOf(ana, bo)
			if i%2 == 0 {
				bo.Call(t, "chat/message/send/custom", plainMessage(t, pair, "the first"), nil)
			}
			var sent atomic.Int64
			const senders, each = 4, 6
			var atBlock []string
			together(senders+1, func(n int) {
				if n == senders {
					ana.Call(t, "client/contact/block", obj{"userID": bo.UserID}, nil)
					atBlock = localIDs(history(t, ana, pair))
					return
				}
				for range each {
					bo.Call(t, "chat/message/send/custom", plainMessage(t, pair, "under way"), nil)
					sent.Add(1)
				}
			})
			if got := localIDs(history(t, ana, pair)); !slices.Equal(got, atBlock) {
				t.Errorf("%d messages got through after the block", len(got)-len(atBlock))
			}
			if got := len(history(t, bo, pair)); got != int(sent.Load())+(i+1)%2 {
				t.Errorf("bo lists %d messages of %d", got, sent.Load())
			}
			// The devices were told of the same.
			live := map[string]bool{}
			for _, e := range heard(t, ana) {
				live[e.Message.LocalID] = true
			}
			for _, id := range atBlock {
				if !live[id] {
					t.Errorf("message %s from before the block did not come", id)
				}
				delete(live, id)
			}
			if len(live) > 0 {
				t.Errorf("%d messages came that are not listed", len(live))
			}
			if n := unreadOf(t, a, "ana", pair); n != len(atBlock) && len(atBlock) > 0 {
				t.Errorf("%d unread, want %d", n, len(atBlock))
			}
		}
	})
}

// TestBlockAcrossNodes: a block that is answered on one node holds on the other at once, and the
// user's devices there learn of it.
func TestBlockAcrossNodes(t *testing.T) {
	t.Parallel()
	bus := natstest.Run(t)
	cfg := servertest.Postgres(t)
	cfg.NATS = bus.URL()
	one, two := servertest.Start(t, cfg, nil).Default(), servertest.Start(t, cfg, nil).Default()
	ana, phone := one.SignIn(t, "ana", "1").Connect(t), two.SignIn(t, "ana", "2").Connect(t)
	bo := two.SignIn(t, "bo", "1").Connect(t)
	pair := pairOf(ana, bo)
	for round := range 10 {
		ana.Call(t, "client/contact/block", obj{"userID": bo.UserID}, nil)
		bo.Send(t, pair, fmt.Sprint("withheld ", round))
		bo.NextMessage(t)
		ana.Call(t, "client/contact/unblock", obj{"userID": bo.UserID}, nil)
		local := bo.Send(t, pair, fmt.Sprint("told ", round))
		for _, d := range []*servertest.Device{bo, ana, phone} {
			if m := d.NextMessage(t); m.LocalID != local {
				t.Fatalf("round %d: device %s of %s gets %q", round, d.Name, d.UserID, m.Text(t))
			}
		}
	}
	ana.Call(t, "client/contact/block", obj{"userID": bo.UserID}, nil)
	phone.Next(t, "the last block", func(e servertest.Event) bool { return e.EventName == "user/block" })
}

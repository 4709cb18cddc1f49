package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parlor/test/env/servertest"
)

// TestScheduleRefused: what may not be sent when it is due stays listed, with the reason, and its owner
// is told. It can be tried again.
func TestScheduleRefused(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, a *servertest.App, c *clock) {
		ana := a.SignIn(t, "ana", "1").Connect(t)
		bo, cy := a.SignIn(t, "bo", "1").Connect(t), a.SignIn(t, "cy", "1")
		rooms := map[string]string{"ana-bo": pairOf(ana, bo), "ana-cy": pairOf(ana, cy)}
		for _, xc := range []string{"locked", "left", "fine"} {
			rooms[xc] = putRoom(t, a, xc, obj{"participantXCUserIDs": list{"ana", "bo"}}).Room.RoomID
		}
		rooms["deleted"] = newGroup(t, bo, "deleted", ana)
		due := c.ms.Load() + 60_000
		for name, room := range rooms {
			schedule(t, ana, room, "into "+name, due)
			nextScheduleChange(t, ana, room)
		}
		do(t, a, "room/lock", obj{"xcRoomID": "locked", "xcUserID": "bo"})
		do(t, a, "room/participants/remove", obj{"xcRoomID": "left", "participantXCUserIDs": list{"ana"}})
		bo.Call(t, "client/room/delete", obj{"roomID": rooms["deleted"], "checksum": checksum(bo, rooms["deleted"])}, nil)
		ana.Call(t, "client/contact/block", obj{"userID": bo.UserID}, nil) // before the two have a room
		cy.Call(t, "client/contact/block", obj{"userID": ana.UserID}, nil) // who is not told
		c.ms.Store(due)
		reasons := map[string]string{
			"locked":  "The room is locked",
			"left":    "You are not a participant of this room",
			"deleted": "Room is not found",
			"ana-bo":  "You have blocked this user; unblock them first",
			"fine":    "", "ana-cy": "",
		}
		for name, room := range rooms {
			var items []scheduledItem
			eventually(t, name+" is decided", func() bool {
				items = scheduled(t, ana, room)
				return len(items) == 0 || items[0].FailureReason != ""
			})
			got := ""
			if len(items) > 0 {
				got = items[0].FailureReason
			}
			if got != reasons[name] {
				t.Errorf("%s: %q, want %q", name, got, reasons[name])
			}
		}
		if got := texts(t, history(t, ana, rooms["ana-cy"])); !slices.Equal(got, []string{"into ana-cy"}) {
			t.Errorf("ana wrote %v to cy", got)
		}
		if got := history(t, cy, rooms["ana-cy"]); len(got) != 0 {
			t.Errorf("cy, who has blocked ana, is shown %v", texts(t, got))
		}

		// The rule still stands, and then no more.
		locked := scheduled(t, ana, rooms["locked"])[0]
		checkFailure(t, ana.Try(t, "chat/scheduled_message/send_now", obj{"ids": list{locked.ID}}),
			failure{"40301", "The room is locked", ""})
		do(t, a, "room/unlock", obj{"xcRoomID": "locked", "xcUserID": "bo"})
		ana.Call(t, "client/contact/unblock", obj{"userID": bo.UserID}, nil)
		if got := callScheduled(t, ana, "send_now", locked.ID); len(got) != 1 {
			t.Errorf("sent %v after the lock", got)
		}
		blocked := scheduled(t, ana, rooms["ana-bo"])[0]
		ana.Call(t, "chat/scheduled_message/edit_scheduled_time", obj{"id": blocked.ID, "scheduledTime": due + 1000}, nil)
		if got := scheduled(t, ana, rooms["ana-bo"])[0]; got.FailureReason != "" {
			t.Errorf("with another time it still says %q", got.FailureReason)
		}
		c.ms.Store(due + 1000)
		until(t, bo, blocked.Message.LocalID)

		// What nobody did anything about goes in the end.
		c.ms.Store(due + 31*24*time.Hour.Milliseconds())
		ana.RefreshTokens(t)
		for _, name := range []string{"left", "deleted"} {
			eventually(t, name+" is forgotten", func() bool { return len(scheduled(t, ana, rooms[name])) == 0 })
		}
	})
}

// TestScheduleOfDeletedUser: what a user has scheduled goes with the user, also if they come back.
func TestScheduleOfDeletedUser(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, a *servertest.App, c *clock) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		room := putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana", "bo"}}).Room.RoomID
		due := c.ms.Load() + 60_000
		schedule(t, ana, room, "of ana", due)
		last := schedule(t, bo, room, "of bo", due+1)
		do(t, a, "user/delete", obj{"xcUserID": "ana"})
		ana = a.SignIn(t, "ana", "1")
		if got := scheduled(t, ana, room); len(got) != 0 {
			t.Errorf("who came back has scheduled %+v", got)
		}
		c.ms.Store(due + 1)
		bo.Connect(t)
		eventually(t, "bo's is sent", func() bool { return slices.Contains(localIDs(history(t, bo, room)), last.Message.LocalID) })
		if got := texts(t, history(t, bo, room)); slices.Contains(got, "of ana") {
			t.Errorf("sent in the name of a deleted user: %v", got)
		}
	})
}

// TestScheduleAcrossRestart: what was due while nobody was there to send it is sent at the next start,
// in the order in which it was due.
func TestScheduleAcrossRestart(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, a *servertest.App, c *clock) {
		ana := a.SignIn(t, "ana", "1")
		room := putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana"}}).Room.RoomID
		start := c.ms.Load()
		var want []string
		for i := range 30 {
			n := (i * 7) % 30
			schedule(t, ana, room, fmt.Sprint(n), start+int64(n+1)*1000)
			want = append(want, fmt.Sprint(29-i))
		}
		a.Stop(t)
		c.ms.Store(start + 60_000)
		a.StartAgain(t)
		eventually(t, "all are sent", func() bool { return len(scheduled(t, ana, room)) == 0 })
		if got := texts(t, history(t, ana, room)); !slices.Equal(got, want) {
			t.Errorf("sent in the order %v", got)
		}
	})
}

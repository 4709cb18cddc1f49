package e2e

import (
	"fmt"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

type deletionStatus struct {
	DeletionID, Status string
	Created, Finished  int64
	Looked, Deleted    int64
}

// deleteAll deletes what matches, and waits until that is done.
func deleteAll(t *testing.T, s *servertest.App, query obj) (d deletionStatus) {
	t.Helper()
	id := ask[deletionStatus](t, s, "message/delete_matching", query).DeletionID
	eventually(t, "the deletion is done", func() bool {
		d = ask[deletionStatus](t, s, "message/delete_matching/get", obj{"deletionID": id})
		return d.Status == "done"
	})
	if d.DeletionID != id || d.Finished < d.Created {
		t.Errorf("%v: %+v", query, d)
	}
	return d
}

// TestDeleteMatching: what matches goes, in steps, and nothing else; devices are told as of any deletion.
func TestDeleteMatching(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "bo", "1")
		rooms := list{"ana", "bo"}
		for _, xc := range []string{"r1", "r2", "r3"} {
			putRoom(t, s, xc, obj{"participantXCUserIDs": rooms})
		}
		group := newGroup(t, ana, "Group", bo)
		putUsers(t, s.Default(), "zed")
		putRoom(t, s.Default(), "theirs", nil)
		sendBody(t, s.Default(), textMessage("zed", "theirs", "theirs", nil))
		for i := range 130 { // more than two steps
			sendBody(t, s, textMessage([]string{"ana", "bo"}[i%2], "r1", fmt.Sprint(i), nil))
		}
		sendBody(t, s, textMessage("ana", "r2", "a", nil))
		sendBody(t, s, textMessage("bo", "r2", "b", nil))
		sendBody(t, s, textMessage("bo", "r3", "c", nil))
		ana.Send(t, group, "d")
		left := func() string {
			t.Helper()
			var parts []string
			for _, room := range []obj{{"xcRoomID": "r1"}, {"xcRoomID": "r2"}, {"xcRoomID": "r3"}, {"roomID": group}} {
				there, system := 0, 0
				for _, m := range listed(t, s, room, 100) {
					switch {
					case m.Type == 9001 && !m.IsDeleted:
						system++
					case !m.IsDeleted:
						there++
					}
				}
				parts = append(parts, fmt.Sprintf("%d+%d", there, system))
			}
			return strings.Join(parts, " ")
		}
		eventually(t, "all is sent", func() bool { return left() == "130+1 2+1 1+1 1+1" })
		middle := listed(t, s, obj{"xcRoomID": "r1", "order": "oldest"}, 100)[60]
		bo.Call(t, "chat/message/delete", obj{
			"roomID": middle.Room.RoomID, "messageIDs": list{
				listed(t, s, obj{"xcRoomID": "r1", "xcUserID": "bo", "order": "oldest"}, 1)[0].MessageID,
			}, "forEveryone": true,
		}, nil)
		for _, step := range []struct {
			query           obj
			looked, deleted int64
			left            string
		}{
			{obj{"xcUserID": "ana", "xcRoomID": "r1", "until": middle.Created}, 30, 30, "99+1 2+1 1+1 1+1"},
			{obj{"xcUserID": "ana", "from": middle.Created + 1}, 37, 37, "64+1 1+1 1+1 0+1"},
			{obj{"xcUserID": "ana"}, 68, 0, "64+1 1+1 1+1 0+1"},
			{obj{"userID": bo.UserID, "xcRoomID": "r2"}, 1, 1, "64+1 0+1 1+1 0+1"},
			{obj{"until": 1}, 0, 0, "64+1 0+1 1+1 0+1"},
			{obj{"from": middle.Created + 1, "xcRoomID": "r1"}, 70, 35, "29+1 0+1 1+1 0+1"},
			{obj{"from": 1}, 138, 30, "0+1 0+1 0+1 0+1"},
		} {
			got := deleteAll(t, s, step.query)
			if now := left(); got.Looked != step.looked || got.Deleted != step.deleted || now != step.left {
				t.Errorf("%v: looked at %d, deleted %d, left %q; want %d, %d, %q", step.query, got.Looked, got.Deleted, now,
					step.looked, step.deleted, step.left)
			}
		}
		updates := 0
		for _, e := range heard(t, ana) {
			if e.EventName == "chat/updateMessage" && e.Message.IsDeleted {
				updates++
			}
		}
		if updates != 134 {
			t.Errorf("ana is told of %d deletions", updates)
		}
		for _, xc := range []string{"r1", "r2", "r3"} {
			if sum, _ := inList(t, s, "bo", xc); sum.UnreadCount != 1 { // that the room was made
				t.Errorf("%d unread in %s", sum.UnreadCount, xc)
			}
		}
		if got := listed(t, s.Default(), obj{"xcRoomID": "theirs"}, 1); got[0].Body != "theirs" {
			t.Errorf("another App's is %+v", got)
		}
	})
}

// TestDeleteMatchingOfTheGone: what deleted users have written, in deleted rooms as well; once under a key.
func TestDeleteMatchingOfTheGone(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "ana")
		putRoom(t, s, "r", nil)
		sendBody(t, s, textMessage("ana", "r", "old", nil))
		do(t, s, "room/delete", obj{"xcRoomID": "r"})
		do(t, s, "user/delete", obj{"xcUserID": "ana"})
		if got := deleteAll(t, s, obj{"xcUserID": "ana"}); got.Deleted != 1 {
			t.Errorf("deleted %+v", got)
		}
		first := keyed(t, s, "once", "message/delete_matching", obj{"xcUserID": "ana"})
		checkRepeat(t, "message/delete_matching", first, keyed(t, s, "once", "message/delete_matching", obj{"xcUserID": "ana"}))
		do(t, s, "room/restore", obj{"xcRoomID": "r"})
		if got := bodiesOf(listed(t, s, obj{"xcRoomID": "r", "types": list{1001}}, 10)); got != "-" {
			t.Errorf("the room has %q", got)
		}
		some := invalid("xcUserID", "xcUserID", "is required, or one of userID, from and until")
		refuse(t, s, "message/delete_matching", obj{}, some)
		refuse(t, s, "message/delete_matching", obj{"xcRoomID": "r"}, some)
		refuse(t, s, "message/delete_matching", obj{"xcUserID": "none"}, userNotFound)
		refuse(t, s, "message/delete_matching", obj{"from": 1, "xcRoomID": "none"}, roomNotFound)
		refuse(t, s, "message/delete_matching", obj{"from": 1, "xcRoomID": "r", "roomID": "g1"},
			invalid("roomID", "roomID", "and 'xcRoomID' must not both be given"))
		own := obj{"xcUserID": "ana", "from": 7, "localID": "deletion_of_our_own_0123456789"}
		for range 2 {
			if got := ask[deletionStatus](t, s, "message/delete_matching", own); got.DeletionID != own["localID"] {
				t.Errorf("under a localID: %+v", got)
			}
		}
		for _, other := range []obj{{"from": 8}, {"until": 9}, {"xcUserID": nil}, {"xcRoomID": "r"}} {
			refuse(t, s, "message/delete_matching", with(own, other), failure{"40901", "This localID belongs to another deletion", ""})
		}
		gone := failure{"40401", "Deletion is not found", ""}
		refuse(t, s, "message/delete_matching/get", obj{"deletionID": "none"}, gone)
		id := ask[deletionStatus](t, s, "message/delete_matching", obj{"from": 1}).DeletionID
		refuse(t, s.Default(), "message/delete_matching/get", obj{"deletionID": id}, gone)
	})
}

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

type broadcastStatus struct {
	SendID, Status      string
	Created, Finished   int64
	Total, Sent, Failed int
	Rooms               []struct {
		RoomID, XCRoomID, Status, LocalID string
		SentTime                          int64
		Error                             struct{ Code, Message string }
	}
	NextCursor string
	HasMore    bool
}

// broadcastDone waits until a message to many rooms is done, and returns all of its rooms of a state.
func broadcastDone(t *testing.T, s *servertest.App, id, only string, limit int) broadcastStatus {
	t.Helper()
	eventually(t, "the message to many rooms is done", func() bool {
		return ask[broadcastStatus](t, s, "message/send_to_rooms/get", obj{"sendID": id}).Status == "done"
	})
	body := obj{"sendID": id, "only": only, "limit": limit}
	all := ask[broadcastStatus](t, s, "message/send_to_rooms/get", body)
	for page := all; page.HasMore; {
		body["cursor"] = page.NextCursor
		page = ask[broadcastStatus](t, s, "message/send_to_rooms/get", body)
		all.Rooms = append(all.Rooms, page.Rooms...)
	}
	return all
}

// TestSendToRooms: each room gets the message once, and of those that cannot have it the reason is told.
func TestSendToRooms(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana := s.SignIn(t, "ana", "1").Connect(t)
		putUsers(t, s, "kim")
		rooms, batch := list{}, list{}
		for i := range 70 { // more than two steps
			xc := fmt.Sprint("r", i)
			rooms = append(rooms, xc)
			batch = append(batch, obj{"xcRoomID": xc, "type": 2, "name": xc, "participantXCUserIDs": list{"ana"}})
		}
		do(t, s, "room/batch/create_or_update", obj{"rooms": batch})
		do(t, s, "room/lock", obj{"xcRoomID": "r3", "xcUserID": "kim"})
		do(t, s, "room/delete", obj{"xcRoomID": "r7"})
		putRoom(t, s.Default(), "theirs", nil)
		body := obj{
			"messageType": 3001, "body": "closed", "data": `{"x":1}`, "quote": obj{"content": "quoted"},
			"senderXCUserID": "kim", "xcRoomIDs": append(rooms, "theirs", "r0"),
		}
		first := keyed(t, s, "once", "message/send_to_rooms", body)
		checkRepeat(t, "message/send_to_rooms", first, keyed(t, s, "once", "message/send_to_rooms", body))
		id := ask[broadcastStatus](t, s, "message/send_to_rooms", with(body, obj{"localID": "send_of_our_own_0123456789"})).SendID
		if got := ask[broadcastStatus](t, s, "message/send_to_rooms", with(body, obj{"localID": id})); id != "send_of_our_own_0123456789" || got.Total != 71 {
			t.Errorf("under a localID: %q, then %+v", id, got)
		}
		for _, other := range []obj{{"body": "open"}, {"xcRoomIDs": list{"r1"}}, {"senderXCUserID": "ana"}, {"quote": nil}} {
			refuse(t, s, "message/send_to_rooms", with(with(body, obj{"localID": id}), other),
				failure{"40901", "This localID belongs to another message to many rooms", ""})
		}
		for i, limit := range []int{3, 200} {
			got := broadcastDone(t, s, id, []string{"", "sent"}[i], limit)
			if got.Total != 71 || got.Sent != 69 || got.Failed != 2 || len(got.Rooms) != []int{71, 69}[i] || got.Finished < got.Created {
				t.Errorf("by %d: %d of %d sent, %d failed, %d rooms", limit, got.Sent, got.Total, got.Failed, len(got.Rooms))
			}
		}
		failed := broadcastDone(t, s, id, "failed", 200).Rooms
		if len(failed) != 2 || failed[0].XCRoomID != "r7" || failed[1].XCRoomID != "theirs" || failed[1].Error.Code != "40401" ||
			failed[1].Error.Message != "Room is not found" || failed[0].SentTime != 0 {
			t.Errorf("failed: %+v", failed)
		}
		var keyedSend broadcastStatus
		if err := json.Unmarshal(first.Data, &keyedSend); err != nil {
			t.Fatal(err)
		}
		broadcastDone(t, s, keyedSend.SendID, "", 200)
		for _, r := range broadcastDone(t, s, id, "sent", 200).Rooms {
			got := listed(t, s, obj{"xcRoomID": r.XCRoomID, "types": list{3001}}, 100)
			if len(got) != 2 || !slices.ContainsFunc(got, func(m toldMessage) bool { return m.LocalID == r.LocalID }) ||
				got[0].Data != `{"x":1}` || got[0].Quote.Content != "quoted" || got[0].User.XCUserID != "kim" {
				t.Errorf("%s has %+v", r.XCRoomID, got)
			}
		}
		if m := ana.NextMessage(t); m.Type == 9001 && m.Action != "room/create" {
			t.Errorf("ana is told %+v", m)
		}
	})
}

// TestSendToPersonalRooms: by their ids, which come into being with it, and only where the sender is in them.
func TestSendToPersonalRooms(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo, cy := s.SignIn(t, "ana", "1"), s.SignIn(t, "bo", "1"), s.SignIn(t, "cy", "1")
		room := newGroup(t, bo, "Group", cy)
		id := ask[broadcastStatus](t, s, "message/send_to_rooms", obj{
			"messageType": 1001, "body": "hi", "senderUserID": ana.UserID, "roomIDs": list{pairOf(ana, bo), pairOf(bo, cy), room, "g0", "x"},
		}).SendID
		var got []string
		for _, r := range broadcastDone(t, s, id, "", 200).Rooms {
			got = append(got, r.Status)
		}
		if strings.Join(got, " ") != "sent failed sent failed failed" {
			t.Errorf("it is %q", got)
		}
		if texts := history(t, bo, pairOf(ana, bo)); len(texts) != 1 || texts[0].Text(t) != "hi" {
			t.Errorf("bo has %+v", texts)
		}
	})
}

func TestSendToRoomsRefuses(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "ana")
		good := obj{"messageType": 1001, "body": "x", "senderXCUserID": "ana", "xcRoomIDs": list{"r"}}
		many := list{}
		for i := range 1001 {
			many = append(many, fmt.Sprint("r", i))
		}
		send := "message/send_to_rooms"
		refuse(t, s, send, with(good, obj{"xcRoomIDs": list{}}), invalid("xcRoomIDs", "xcRoomIDs", "is required, or roomIDs"))
		refuse(t, s, send, with(good, obj{"roomIDs": list{"g1"}}), invalid("roomIDs", "roomIDs", "and 'xcRoomIDs' must not both be given"))
		refuse(t, s, send, with(good, obj{"xcRoomIDs": many}), invalid("xcRoomIDs", "xcRoomIDs", "must have at most 1000 entries"))
		refuse(t, s, send, with(good, obj{"body": strings.Repeat("x", 4001)}), invalid("body", "body", "must have at most 4000 UTF-16 units"))
		refuse(t, s, send, with(good, obj{"localID": "short"}), invalid("localID", "localID", "must be 24 to 64 characters of A-Z a-z 0-9 _ -"))
		refuse(t, s, send, with(good, obj{"senderXCUserID": "none"}), userNotFound)
		notThere := failure{"40401", "Broadcast is not found", ""}
		refuse(t, s, send+"/get", obj{"sendID": "none"}, notThere)
		id := ask[broadcastStatus](t, s, send, good).SendID
		refuse(t, s.Default(), send+"/get", obj{"sendID": id}, notThere)
		refuse(t, s, send+"/get", obj{"sendID": id, "only": "x"}, invalid("only", "only", "must be waiting, sent or failed"))
		refuse(t, s, send+"/get", obj{"sendID": id, "cursor": "e30"},
			invalid("cursor", "cursor", "must be the nextCursor of a call with the same other parameters"))
	})
}

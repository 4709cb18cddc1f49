package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// trySend is the code and message with which a device's message to a room is answered, "" for one
// that was stored.
func trySend(t testing.TB, d *servertest.Device, room, text string) string {
	t.Helper()
	a := d.Try(t, "chat/message/send/custom", obj{"roomID": room, "localID": localID(t), "messageType": 1001, "body": text})
	checkDevice(t, "chat/message/send/custom", a)
	return strings.TrimSpace(a.Error.Code + " " + a.Error.Message)
}

const (
	isMuted  = "40301 You have been muted in this room"
	isBanned = "40301 You have been banned from this room"
	isFrozen = "40301 Only admins may write in this room"
	isNotIn  = "40301 You are not a participant of this room"
)

type restrictedData struct{ ChangedXCUserIDs, SkippedXCUserIDs []string }

// restrictUsers calls participants/path.
func restrictUsers(t testing.TB, s *servertest.App, path, xcRoom string, more obj, xcs ...string) restrictedData {
	t.Helper()
	body := obj{"xcRoomID": xcRoom, "participantXCUserIDs": xcs}
	for k, v := range more {
		body[k] = v
	}
	return ask[restrictedData](t, s, "room/participants/"+path, body)
}

func TestDeleteAndRestore(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "bo", "1")
		agent := putUser(t, s, "agent", obj{"userRoleCode": "agent"})
		made := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}, "participantUserRoles": list{"agent"}})
		room := made.Room.RoomID
		do(t, s, "room/admins/set", obj{"xcRoomID": "r", "adminXCUserIDs": list{"bo"}})
		send(t, s, "ana", "r", "before")
		before, _ := inList(t, s, "bo", "r")

		if got := ask[result](t, s, "room/restore", obj{"xcRoomID": "r"}); got != (result{false, "The room is not deleted"}) {
			t.Errorf("restore of one that is there: %+v", got)
		}
		if got := ask[result](t, s, "room/delete", obj{"roomID": room}); got != (result{true, "The room has been deleted"}) {
			t.Errorf("delete: %+v", got)
		}
		if got := ask[result](t, s, "room/delete", obj{"xcRoomID": "r"}); got != (result{false, "The room is already deleted"}) {
			t.Errorf("delete again: %+v", got)
		}
		ana.Next(t, "the deletion", func(e servertest.Event) bool { return e.Message.Action == "room/delete" })
		for _, xc := range []string{"ana", "bo", "agent"} {
			if _, in := inList(t, s, xc, "r"); in {
				t.Errorf("%s still sees it", xc)
			}
		}
		refuse(t, s, "room/get", obj{"xcRoomID": "r"}, roomNotFound)
		refuse(t, s, "room/freeze", obj{"xcRoomID": "r"}, roomNotFound)
		refuse(t, s, "room/data/set", obj{"xcRoomID": "r", "data": obj{}}, roomNotFound)
		refuse(t, s, "room/participants/mute", obj{"xcRoomID": "r", "participantXCUserIDs": list{"ana"}}, roomNotFound)
		refuse(t, s, "message/send/custom", textMessage("ana", "r", "hi", nil), roomNotFound)
		if got := trySend(t, ana, room, "hi"); got != "40401 Room is not found" {
			t.Errorf("a message into it: %q", got)
		}

		if got := ask[result](t, s, "room/restore", obj{"xcRoomID": "r"}); got != (result{true, "The room has been restored"}) {
			t.Errorf("restore: %+v", got)
		}
		back := ana.Next(t, "the restoration", func(e servertest.Event) bool { return e.Message.Action == "room/create" })
		if back.Message.Text(t) != "{{sender}} restored this group" || back.Message.Room.RoomID != room {
			t.Errorf("told: %+v", back.Message)
		}
		got := getRoom(t, s, "r")
		if !slices.Equal(xcUserIDs(got.Participants), []string{"ana", "bo", "agent"}) || got.Room != made.Room ||
			!slices.Equal(got.AdminUserIDs, []string{bo.UserID}) {
			t.Errorf("the room after: %+v (agent %s)", got, agent)
		}
		// The deletion and the restoration are told of, and nothing else is new.
		if after, _ := inList(t, s, "bo", "r"); after.UnreadCount != before.UnreadCount+2 {
			t.Errorf("unread: %d, before %d", after.UnreadCount, before.UnreadCount)
		}
		if got := trySend(t, ana, room, "after"); got != "" {
			t.Errorf("a message afterwards: %q", got)
		}
		if got := history(t, bo, room); len(got) != 2 || got[1].Text(t) != "before" {
			t.Errorf("messages: %+v", got)
		}
	})
}

func TestAdminsAreSet(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana := s.SignIn(t, "ana", "1").Connect(t)
		putUsers(t, s, "bo", "cy", "out")
		putUser(t, s, "agent", obj{"userRoleCode": "agent"})
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo", "cy"}, "participantUserRoles": list{"agent"}})
		type admins struct{ AdminXCUserIDs, SkippedXCUserIDs []string }
		for i, step := range []struct {
			set           any
			want, skipped string
			told          []string
		}{
			{list{"bo", "agent", "out", "nobody", "bo"}, "bo", "nobody agent out", []string{"promoteAdmin bo"}},
			{list{"cy", "bo"}, "cy bo", "", []string{"promoteAdmin cy"}},
			{nil, "bo cy", "", nil},
			{list{"ana"}, "ana", "", []string{"demoteAdmin bo", "demoteAdmin cy", "promoteAdmin ana"}},
			{list{"ana"}, "ana", "", nil},
			{list{}, "", "", []string{"demoteAdmin ana"}},
		} {
			got := ask[admins](t, s, "room/admins/set", obj{"xcRoomID": "r", "adminXCUserIDs": step.set})
			if strings.Join(got.AdminXCUserIDs, " ") != step.want || strings.Join(got.SkippedXCUserIDs, " ") != step.skipped {
				t.Errorf("step %d: %+v", i, got)
			}
			for _, told := range step.told {
				action, who, _ := strings.Cut(told, " ")
				ana.Next(t, told, func(e servertest.Event) bool {
					return e.Message.Action == "room/"+action && strings.Contains(string(e.Data), `"targetXCID":"`+who+`"`)
				})
			}
			if got := namesOf(peopleOf(t, s, "r", "admins", 200)); len(got) != len(step.want) {
				t.Errorf("step %d: admins %q", i, got)
			}
		}
	})
}

// TestMutedWriteNothing, and read on, until it ends or is ended.
func TestMutedWriteNothing(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		ana, agent := s.SignIn(t, "ana", "1"), s.SignIn(t, "agent", "1")
		putUser(t, s, "agent", obj{"userRoleCode": "agent"})
		room := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana"}, "participantUserRoles": list{"agent"}}).Room.RoomID
		mine := ask[sent](t, s, "message/send/custom", textMessage("ana", "r", "before", nil)).LocalID
		until := c.ms.Load() + 60_000
		if got := restrictUsers(t, s, "mute", "r", obj{"until": until}, "ana", "agent", "nobody"); fmt.Sprint(got) != "{[ana agent] [nobody]}" {
			t.Errorf("muted: %+v", got)
		}
		if got := restrictUsers(t, s, "mute", "r", obj{"until": until}, "ana"); len(got.ChangedXCUserIDs) != 0 {
			t.Errorf("muted again: %+v", got)
		}
		refuse(t, s, "room/participants/mute", obj{"xcRoomID": "r", "participantXCUserIDs": list{"ana"}, "until": c.ms.Load()},
			invalid("until", "until", "must be in the future"))
		for _, d := range []*servertest.Device{ana, agent} {
			if got := trySend(t, d, room, "hi"); got != isMuted {
				t.Errorf("a message: %q", got)
			}
		}
		edit := servertest.Draft(t, room, mine, "edited")
		ana.Connect(t).Emit(t, "chat/updateMessage", edit)
		// Leaving and coming back is no way out, and the backend still speaks in their name.
		removeFrom(t, s, "r", "ana")
		addTo(t, s, "r", "ana")
		if got := trySend(t, ana, room, "hi"); got != isMuted {
			t.Errorf("after coming back: %q", got)
		}
		send(t, s, "ana", "r", "by the backend")
		if got := history(t, ana, room); len(got) != 2 || got[1].Text(t) != "before" {
			t.Errorf("messages: %+v", got)
		}
		if p := peopleOf(t, s, "r", "muted", 10); len(p) != 2 || p[0].MutedUntil != until || !p[0].IsMuted {
			t.Errorf("muted: %+v", p)
		}
		if got := restrictUsers(t, s, "unmute", "r", nil, "agent"); fmt.Sprint(got) != "{[agent] []}" {
			t.Errorf("unmuted: %+v", got)
		}
		if got := trySend(t, agent, room, "hi"); got != "" {
			t.Errorf("after unmute: %q", got)
		}
		c.ms.Store(until)
		if got := trySend(t, ana, room, "hi"); got != "" {
			t.Errorf("at the end: %q", got)
		}
		if p := peopleOf(t, s, "r", "muted", 10); len(p) != 0 {
			t.Errorf("muted at the end: %+v", p)
		}
	})
}

// TestBannedStayOut: by no door do they come back, neither by name nor by role, until the ban ends.
func TestBannedStayOut(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "bo", "1").Connect(t)
		agent := s.SignIn(t, "agent", "1").Connect(t)
		putUser(t, s, "agent", obj{"userRoleCode": "agent"})
		people := membership{app: s, xcRoom: "r", everybody: []string{"ana", "bo", "agent"}}
		room := putRoom(t, s, "r", obj{
			"participantXCUserIDs": list{"ana", "bo"}, "participantUserRoles": list{"agent"},
		}).Room.RoomID
		do(t, s, "room/admins/set", obj{"xcRoomID": "r", "adminXCUserIDs": list{"ana", "bo"}})
		send(t, s, "ana", "r", "before")

		if got := restrictUsers(t, s, "ban", "r", nil, "bo", "agent", "nobody"); fmt.Sprint(got) != "{[bo agent] [nobody]}" {
			t.Errorf("banned: %+v", got)
		}
		people.check(t, "banned", "ana")
		for _, d := range []*servertest.Device{bo, agent} {
			d.Next(t, "that they are out", func(e servertest.Event) bool {
				return e.Message.Action == "room/removeParticipant" && strings.Contains(string(e.Data), `"targetID":"`+d.UserID+`"`)
			})
			if got := trySend(t, d, room, "hi"); got != isBanned {
				t.Errorf("a message: %q", got)
			}
		}
		if got := addTo(t, s, "r", "bo", "agent"); !slices.Equal(got.SkippedXCUserIDs, []string{"bo", "agent"}) {
			t.Errorf("added: %+v", got)
		}
		ana.Call(t, "client/room/participants/add", obj{"roomID": room, "userIDs": list{bo.UserID, agent.UserID}}, nil)
		putUser(t, s, "bo", obj{"userRoleCode": "agent"})
		do(t, s, "room/create_or_update", obj{"xcRoomID": "r", "type": 2, "name": "R", "participantUserRoles": list{"agent", "x"}})
		putUser(t, s, "agent", obj{"userRoleCode": "x"})
		do(t, s, "room/participants/batch", obj{"rooms": list{obj{"xcRoomID": "r", "addXCUserIDs": list{"bo"}}}})
		people.check(t, "after all doors", "ana")
		do(t, s, "room/delete", obj{"xcRoomID": "r"})
		do(t, s, "room/restore", obj{"xcRoomID": "r"})
		people.check(t, "deleted and restored", "ana")
		do(t, s, "room/delete", obj{"xcRoomID": "r"})
		made := ask[roomData](t, s, "room/create_or_update", obj{
			"xcRoomID": "r", "type": 2, "name": "R", "participantXCUserIDs": list{"ana", "bo"}, "participantUserRoles": list{"x"},
		})
		if !slices.Equal(made.SkippedXCUserIDs, []string{"bo"}) || made.ParticipantsTotal != 1 {
			t.Errorf("made anew: %+v", made)
		}
		people.check(t, "made anew", "ana")
		for _, d := range []*servertest.Device{bo, agent} {
			if got := trySend(t, d, room, "hi"); got != isBanned {
				t.Errorf("a message: %q", got)
			}
			for _, e := range d.Rest(t) {
				if e.Message.Action == "room/addParticipant" {
					t.Errorf("%s hears of %s", d.UserID, e.Data)
				}
			}
		}
		if got := namesOf(peopleOf(t, s, "r", "banned", 10)); got != "bo agent" {
			t.Errorf("banned: %s", got)
		}

		if got := restrictUsers(t, s, "unban", "r", nil, "bo", "agent", "ana"); fmt.Sprint(got) != "{[bo agent] []}" {
			t.Errorf("unbanned: %+v", got)
		}
		people.check(t, "unbanned, by role at once", "ana", "agent")
		if got := trySend(t, agent, room, "hi"); got != "" {
			t.Errorf("a message of the agent's: %q", got)
		}
		addTo(t, s, "r", "bo")
		people.check(t, "added again", "ana", "agent", "bo")
		bo.Send(t, room, "back")
		for _, d := range []*servertest.Device{ana, agent} {
			d.Next(t, "bo's message", func(e servertest.Event) bool { return e.Message.User.UserID == bo.UserID })
		}
	})
}

// TestBansEnd by themselves, whoever is connected meanwhile.
func TestBansEnd(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		ana := s.SignIn(t, "ana", "1").Connect(t)
		agent := s.SignIn(t, "agent", "1").Connect(t)
		putUser(t, s, "agent", obj{"userRoleCode": "agent"})
		putUsers(t, s, "bo")
		room := putRoom(t, s, "r", obj{
			"participantXCUserIDs": list{"ana", "bo"}, "participantUserRoles": list{"agent"},
		}).Room.RoomID
		until := c.ms.Load() + 60_000
		restrictUsers(t, s, "ban", "r", obj{"until": until}, "bo", "agent")
		restrictUsers(t, s, "ban", "r", obj{"until": until + 1}, "bo")
		if got := peopleOf(t, s, "r", "banned", 10); len(got) != 2 || !got[0].IsBanned || got[0].BannedUntil < until {
			t.Errorf("banned: %+v", got)
		}
		c.ms.Store(until)
		// A job ends it, which is nothing that anybody is told of.
		for trySend(t, agent, room, "hi") != "" {
			if t.Context().Err() != nil {
				t.Fatal("the ban does not end")
			}
		}
		if got := namesOf(peopleOf(t, s, "r", "", 10)); got != "ana agent" {
			t.Errorf("participants: %s", got)
		}
		ana.Send(t, room, "welcome back")
		agent.Next(t, "the message", func(e servertest.Event) bool { return e.Message.User.UserID == ana.UserID })
		// Who was in it by name is added as soon as the time has come.
		if got := addTo(t, s, "r", "bo"); !slices.Equal(got.SkippedXCUserIDs, []string{"bo"}) {
			t.Errorf("added too early: %+v", got)
		}
		c.ms.Store(until + 1)
		if got := addTo(t, s, "r", "bo"); len(got.SkippedXCUserIDs) != 0 || len(got.Participants) != 3 {
			t.Errorf("added: %+v", got)
		}
	})
}

func TestFrozenRoomIsForAdmins(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "bo", "1")
		room := newGroup(t, ana, "G", bo)
		for i, step := range []struct {
			path   string
			want   result
			ofBo   string
			ofAna  string
			demote bool
		}{
			{"unfreeze", result{false, "The room is not frozen"}, "", "", false},
			{"freeze", result{true, "The room has been frozen"}, isFrozen, "", false},
			{"freeze", result{false, "The room is already frozen"}, isFrozen, "", false},
			{"freeze", result{false, "The room is already frozen"}, isFrozen, isFrozen, true},
			{"unfreeze", result{true, "The room has been unfrozen"}, "", "", true},
		} {
			if got := ask[result](t, s, "room/"+step.path, obj{"roomID": room}); got != step.want {
				t.Errorf("step %d: %+v", i, got)
			}
			if step.demote {
				do(t, s, "room/admins/set", obj{"roomID": room, "adminXCUserIDs": list{}})
			}
			if got := trySend(t, bo, room, "hi"); got != step.ofBo {
				t.Errorf("step %d, bo: %q", i, got)
			}
			if got := trySend(t, ana, room, "hi"); got != step.ofAna {
				t.Errorf("step %d, ana: %q", i, got)
			}
		}
		if got := ask[roomPage](t, s, "room/list", obj{}); got.Rooms[0].IsFrozen || got.Rooms[0].FrozenTime != 0 {
			t.Errorf("the list: %+v", got)
		}
	})
}

// TestPersonalRoomsStay: what is done to rooms is not done to personal ones.
func TestPersonalRoomsStay(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo := s.SignIn(t, "ana", "1"), s.SignIn(t, "bo", "1")
		if got := trySend(t, ana, pairOf(ana, bo), "hi"); got != "" {
			t.Fatal(got)
		}
		for path, body := range map[string]obj{
			"delete": {}, "restore": {}, "freeze": {}, "unfreeze": {}, "admins/set": {"adminXCUserIDs": list{"ana"}},
			"participants/mute": {"participantXCUserIDs": list{"ana"}}, "participants/ban": {"participantXCUserIDs": list{"ana"}},
			"participants/unmute": {"participantXCUserIDs": list{"ana"}}, "participants/unban": {"participantXCUserIDs": list{"ana"}},
		} {
			body["roomID"] = pairOf(ana, bo)
			refuse(t, s, "room/"+path, body, failure{"40301", "A personal room cannot be changed", ""})
		}
		do(t, s, "room/data/set", obj{"roomID": pairOf(ana, bo), "data": obj{"a": list{1, "x"}}})
		if got := walk(t, s, obj{"type": 1}, 10); len(got) != 1 || fmt.Sprint(got[0].Data) != "map[a:[1 x]]" {
			t.Errorf("personal rooms: %+v", got)
		}
		if got := trySend(t, ana, pairOf(ana, bo), "hi"); got != "" {
			t.Error(got)
		}
	})
}

// TestOtherAppsRooms are not found by any of the calls, whatever they are called by.
func TestOtherAppsRooms(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		room := getRoom(t, s, "r").Room.RoomID
		k := newKey(t, s, s.Name+" second")
		askKey[obj](t, s, k, "user/update", obj{"xcUserID": "a", "fullName": "Second a"})
		unchanged(t, s, func() {
			for _, e := range endpoints {
				if !strings.HasPrefix(e.path, "room/") || e.good["xcRoomID"] == nil {
					continue
				}
				if e.path != "room/create_or_update" {
					body := e.with("xcRoomID", "r")
					checkFailure(t, callKey(t, s, k, e.path, body), roomNotFound)
				}
				for _, p := range e.params {
					if p[0] == "roomID" {
						body := e.with("xcRoomID", nil)
						body["roomID"] = room
						checkFailure(t, callKey(t, s, k, e.path, body), roomNotFound)
					}
				}
			}
			got := askKey[batchData](t, s, k, "room/participants/batch", obj{"rooms": list{
				obj{"xcRoomID": "r", "addXCUserIDs": list{"a"}}, obj{"roomID": room, "removeXCUserIDs": list{"a"}},
			}})
			for _, r := range got.Results {
				if r.Success || r.Error.Code != "40401" || r.XCRoomID+r.RoomID != "r" && r.RoomID != room {
					t.Errorf("batch: %+v", r)
				}
			}
			for _, filter := range []obj{{}, {"tag": "x"}, {"type": 2}, {"namePrefix": "r"}, {"activeSince": 1}, {"xcUserID": "a"}} {
				if got := askKey[roomPage](t, s, k, "room/list", filter); len(got.Rooms) != 0 {
					t.Errorf("%v lists %+v", filter, got)
				}
			}
		})
	})
}

type batchData struct {
	Results []struct {
		XCRoomID, RoomID    string
		Success             bool
		Error               struct{ Code, Message, Field string }
		SkippedXCUserIDs    []string
		ParticipantsIgnored bool
	}
	Failed int
}

func TestBatches(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "ana", "bo")
		putRoom(t, s, "old", obj{"type": 4})
		rooms := list{
			obj{"xcRoomID": "old", "type": 2, "name": "Old"},
			obj{"xcRoomID": "twice", "type": 2, "name": "First", "participantXCUserIDs": list{"ana", "nobody"}},
			obj{"xcRoomID": "nameless", "type": 2},
			obj{"type": 2, "name": "Without id"},
			obj{"xcRoomID": "twice", "type": 2, "name": "Second", "participantXCUserIDs": list{"bo"}},
			obj{"xcRoomID": strings.Repeat("x", 51), "type": 2, "name": "Long"},
		}
		for i := range 994 {
			rooms = append(rooms, obj{"xcRoomID": fmt.Sprint("b", i), "type": 2, "name": fmt.Sprint("Batch ", i), "tags": list{"batch"}})
		}
		got := ask[batchData](t, s, "room/batch/create_or_update", obj{"rooms": rooms})
		if len(got.Results) != 1000 || got.Failed != 4 {
			t.Fatalf("%d results, %d failed", len(got.Results), got.Failed)
		}
		for i, want := range []string{
			"old false 40002 102 [] false", "twice true   [nobody] false", "nameless false 40002 103 [] false",
			" false 40002 101 [] false", "twice true   [] true", " false 40002 101 [] false", "b0 true   [] false",
		} {
			r := got.Results[i]
			if text := fmt.Sprint(r.XCRoomID, " ", r.Success, " ", r.Error.Code, " ", r.Error.Field, " ", r.SkippedXCUserIDs, " ", r.ParticipantsIgnored); text != want {
				t.Errorf("result %d: %q, want %q", i, text, want)
			}
			if r.Success != (r.RoomID != "") || r.Success != (r.Error.Message == "") {
				t.Errorf("result %d: %+v", i, r)
			}
		}
		if r := getRoom(t, s, "twice"); r.Room.Name != "Second" || len(r.Participants) != 1 {
			t.Errorf("twice: %+v", r)
		}
		if all := walk(t, s, obj{"tag": "batch"}, 200); len(all) != 994 {
			t.Errorf("%d rooms", len(all))
		}
		refuse(t, s, "room/batch/create_or_update", obj{"rooms": append(rooms, obj{})},
			invalid("rooms", "rooms", "must have at most 1000 entries"))

		people := ask[batchData](t, s, "room/participants/batch", obj{"rooms": list{
			obj{"xcRoomID": "b0", "addXCUserIDs": list{"ana", "bo", "nobody"}},
			obj{"xcRoomID": "b0", "addXCUserIDs": list{"bo"}, "removeXCUserIDs": list{"ana", "bo"}},
			obj{"xcRoomID": "b1"},
			obj{"addXCUserIDs": list{"ana"}},
			obj{"xcRoomID": "none", "addXCUserIDs": list{"ana"}},
			obj{"roomID": got.Results[7].RoomID, "addXCUserIDs": list{"ana"}},
		}})
		var text []string
		for _, r := range people.Results {
			text = append(text, fmt.Sprint(r.XCRoomID, " ", r.Success, " ", r.Error.Code, " ", r.Error.Field, " ", r.SkippedXCUserIDs))
		}
		if want := []string{
			"b0 true   [nobody]", "b0 true   []", "b1 false 40002 addXCUserIDs []", " false 40002 xcRoomID []", "none false 40401  []", "b1 true   []",
		}; !slices.Equal(text, want) || people.Failed != 3 {
			t.Errorf("results:\n%q\n%q", text, want)
		}
		if got := xcUserIDs(getRoom(t, s, "b0").Participants); !slices.Equal(got, []string{"bo"}) {
			t.Errorf("b0: %q", got)
		}
	})
}

package e2e

import (
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// A mistake that is ignored in silence is one that nobody finds. These are reported.

// TestParticipantsIgnored: a caller who names participants for a room that exists learns that they
// were not looked at.
func TestParticipantsIgnored(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		put := func(fields obj) bool {
			t.Helper()
			fields["xcRoomID"], fields["type"], fields["name"] = "r", 2, "R"
			return ask[roomData](t, s, "room/create_or_update", fields).ParticipantsIgnored
		}
		if put(obj{"participantXCUserIDs": list{"a"}}) {
			t.Error("participants of a new room are told to be ignored")
		}
		if put(obj{}) || put(obj{"participantXCUserIDs": list{}}) {
			t.Error("nobody was named, and somebody is told to be ignored")
		}
		if !put(obj{"participantXCUserIDs": list{"b"}}) {
			t.Error("ignored participants are not told")
		}
		if n := getRoom(t, s, "r").ParticipantsTotal; n != 1 {
			t.Errorf("%d participants", n)
		}
		got := ask[roomData](t, s, "room/participants/add", obj{"xcRoomID": "r", "participantXCUserIDs": list{"b"}})
		if got.ParticipantsIgnored || got.ParticipantsTotal != 2 {
			t.Errorf("added: %+v", got)
		}
	})
}

// TestRepeatedSend: whether a message was sent before is told, and whether it said
// something else.
func TestRepeatedSend(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b", "c")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}})
		putRoom(t, s, "other", obj{"participantXCUserIDs": list{"a"}})
		long := strings.Repeat("long ", 2000)
		good := obj{
			"messageType": 3001, "body": "hi", "data": `{"n":1}`, "filterID": "f", "senderXCUserID": "a", "xcRoomID": "r",
			"localID": "my_own_id_of_the_message_01", "quote": obj{"title": "T", "content": "C"},
		}
		personal := obj{
			"messageType": 1001, "body": "hi", "senderXCUserID": "a", "recipientXCUserID": "b",
			"localID": "my_own_id_of_the_message_02",
		}
		parts := obj{
			"messageType": 1001, "body": long, "senderXCUserID": "a", "xcRoomID": "r", "localID": "my_own_id_of_the_message_03",
		}
		for _, tt := range []struct {
			name    string
			first   obj
			changes obj
			differs bool
		}{
			{"the same", good, nil, false},
			{"another text", good, obj{"body": "ho"}, true},
			{"another payload", good, obj{"data": `{"n":2}`}, true},
			{"no payload", good, obj{"data": nil}, true},
			{"another type", good, obj{"messageType": 3002}, true},
			{"another filter", good, obj{"filterID": nil}, true},
			{"hidden", good, obj{"isHidden": true}, true},
			{"another quote", good, obj{"quote": obj{"title": "T", "content": "D"}}, true},
			{"another title of the quote", good, obj{"quote": obj{"title": "U", "content": "C"}}, true},
			{"another room", good, obj{"xcRoomID": "other"}, true},
			{"a person", good, obj{"xcRoomID": nil, "recipientXCUserID": "c"}, true},
			{"the same person", personal, nil, false},
			{"another person", personal, obj{"recipientXCUserID": "c"}, true},
			{"several parts", parts, nil, false},
			{"another first part", parts, obj{"body": "L" + long[1:]}, true},
			{"another last part", parts, obj{"body": long[:len(long)-1] + "!"}, true},
			{"fewer parts", parts, obj{"body": long[4000:]}, true},
			{"more parts", parts, obj{"body": long[:4000] + long}, true},
		} {
			body := obj{}
			for _, fields := range []obj{tt.first, tt.changes} {
				for k, v := range fields {
					body[k] = v
				}
			}
			ask[sent](t, s, "message/send/custom", tt.first)
			got := ask[sent](t, s, "message/send/custom", body)
			if !got.Success || !got.Repeated || got.ContentDiffers != tt.differs || got.LocalID != tt.first["localID"] {
				t.Errorf("%s: %+v, want differs: %t", tt.name, got, tt.differs)
			}
		}
		fresh := ask[sent](t, s, "message/send/custom", obj{
			"messageType": 1001, "body": "x", "senderXCUserID": "a", "xcRoomID": "r",
		})
		if fresh.Repeated || fresh.ContentDiffers {
			t.Errorf("a new message: %+v", fresh)
		}
		if _, there := inList(t, s, "c", ""); there {
			t.Error("a repeated send has made a personal room")
		}
	})
}

// TestNotFoundNames: an error says which id it is that nobody has. Its text and field stay
// what programs compare.
func TestNotFoundNames(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}})
		msg := func(fields obj) obj {
			fields["messageType"], fields["body"] = 1001, "hi"
			return fields
		}
		for _, tt := range []struct {
			path string
			body obj
			want failure
			id   string
		}{
			{"room/get", obj{"xcRoomID": "no room"}, roomNotFound, "no room"},
			{"room/participants/add", obj{"xcRoomID": "no room", "participantXCUserIDs": list{"a"}}, roomNotFound, "no room"},
			{"room/participants/remove", obj{"xcRoomID": "no room", "participantXCUserIDs": list{"a"}}, roomNotFound, "no room"},
			{"room/lock", obj{"xcRoomID": "no room", "xcUserID": "a"}, roomNotFound, "no room"},
			{"room/lock", obj{"xcRoomID": "r", "xcUserID": "nobody"}, userNotFound, "nobody"},
			{"room/unlock", obj{"xcRoomID": "r", "xcUserID": "nobody"}, userNotFound, "nobody"},
			{"user/delete", obj{"xcUserID": "nobody"}, userNotFound, "nobody"},
			{"message/send/custom", msg(obj{"senderXCUserID": "nobody", "xcRoomID": "r"}), userNotFound, "nobody"},
			{"message/send/custom", msg(obj{"senderUserID": "999999999", "xcRoomID": "r"}), userNotFound, "999999999"},
			{"message/send/custom", msg(obj{"senderXCUserID": "a", "recipientXCUserID": "nobody"}), userNotFound, "nobody"},
			{"message/send/custom", msg(obj{"senderXCUserID": "a", "recipientUserID": "x\"y"}), userNotFound, "x\"y"},
			{"message/send/custom", msg(obj{"senderXCUserID": "a", "xcRoomID": "no room"}), roomNotFound, "no room"},
			{"message/send/custom", msg(obj{"senderXCUserID": "a", "roomID": "g999999999"}), roomNotFound, "g999999999"},
			{
				"message/send/custom", msg(obj{"senderXCUserID": "a", "roomID": "999999998-999999999"}), roomNotFound,
				"999999998-999999999",
			},
			{"message/send/custom", msg(obj{
				"senderXCUserID": "a", "xcRoomID": "no room", "localID": "my_own_id_of_the_message_01",
			}), roomNotFound, "no room"},
		} {
			a := call(t, s, tt.path, tt.body)
			checkFailure(t, a, tt.want)
			if a.Error.NotFound != tt.id {
				t.Errorf("%s %v: nobody has %q, want %q: %s", tt.path, tt.body, a.Error.NotFound, tt.id, a.Body)
			}
		}
		if a := call(t, s, "room/get", obj{}); strings.Contains(string(a.Body), "notFound") {
			t.Errorf("another failure has the key: %s", a.Body)
		}
	})
}

// TestMisspelt: where a required parameter is missing and another looks like it, the error
// says so.
func TestMisspelt(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for _, tt := range []struct {
			path, body string
			want       failure
		}{
			{"room/get", `{"xcRoomId":"r"}`, failure{
				"40002", "Param 'xcRoomID' is required; did you mean 'xcRoomID' by 'xcRoomId'?", "101",
			}},
			{"room/get", `{"XCROOMID":"r","x":1}`, failure{
				"40002", "Param 'xcRoomID' is required; did you mean 'xcRoomID' by 'XCROOMID'?", "101",
			}},
			{"room/get", `{"xc_room_id":"r"}`, failure{
				"40002", "Param 'xcRoomID' is required; did you mean 'xcRoomID' by 'xc_room_id'?", "101",
			}},
			{"room/get", `{"room":"r"}`, failure{"40002", "Param 'xcRoomID' is required", "101"}},
			{"room/get", `{"xcRoomID":"","xcRoomId":null}`, failure{"40002", "Param 'xcRoomID' is required", "101"}},
			{"user/update", `{"xcUserID":"a","fullname":"A"}`, failure{
				"40002", "Param 'fullName' is required; did you mean 'fullName' by 'fullname'?", "106",
			}},
			{
				"message/send/custom", `{"messageType":1001,"body":"x","senderXCUserID":"a","xcRoomId":"r"}`,
				failure{
					"40002",
					"Param 'recipientUserID' is required, or one of recipientXCUserID, roomID and xcRoomID; " +
						"did you mean 'xcRoomID' by 'xcRoomId'?", "recipientUserID",
				},
			},
			{
				"contact/sync", `{"contacts":[{"ownerXcUserId":"a","contactXCUserID":"b"}]}`,
				failure{"40002", "Param 'ownerXCUserID' is required; did you mean 'ownerXCUserID' by 'ownerXcUserId'?", "102"},
			},
			{"room/get", `{"xcRoomID":5,"participantsLimits":5}`, failure{"40002", "Param 'xcRoomID' must be a string", "101"}},
		} {
			a := call(t, s, tt.path, tt.body)
			checkFailure(t, a, tt.want)
		}
	})
}

// TestEchoedKey: a newline at the end of a key that is wrong is named, and one that belongs
// to the secret is none.
func TestEchoedKey(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		const wrong = "The secret of this key is wrong"
		const echoed = wrong + "; it ends with a newline, as `echo` adds one: encode it with `printf %s \"$KEY\" | base64`"
		for _, tt := range []struct{ header, want string }{
			{s.ServerKey + "\n", echoed},
			{s.ServerKey + "\r\n", echoed},
			{s.ServerKey + "x\n", echoed},
			{s.ServerKey + "x", wrong},
			{s.ServerKey + " ", wrong},
		} {
			checkFailure(t, s.Post(t, "/v1/server/role/list", key(tt.header), "{}"), failure{"49102", tt.want, ""})
		}
	})
}

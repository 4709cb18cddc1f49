package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// sdk is how one of the SDKs makes its calls.
type sdk struct {
	headers map[string]string
	// bare is the Authorization before there is a login; nil is none.
	bare []string
	// empty is the body of a call without parameters.
	empty string
}

var sdks = map[string]sdk{
	"web": {
		map[string]string{
			"Device-Identifier": "0123456789abcdef-ABCDEFGHIJKLMNOPQRSTUVWXYZ_01234", "Device-Model": "Netscape",
			"Device-Platform": "web", "Content-Type": "text/plain;charset=UTF-8",
		},
		[]string{""},
		`""`,
	},
	"android": {
		map[string]string{
			"Device-Identifier": "0123456789abcdef", "Device-Model": "Pixel 8", "Device-Platform": "android",
			"Device-OS-Version": "v14b34", "App-Identifier": "org.example.app", "SDK-Version": "2.18.3-release",
			"User-Agent": "android", "Content-Type": "application/json",
		},
		[]string{"Bearer", "Bearer "},
		``,
	},
	"ios": {
		map[string]string{
			"Device-Identifier": "6D92078A-8246-4BA4-AE5B-76104861E7DC", "Device-Model": "iPhone15,2", "Device-Platform": "ios",
			"Device-OS-Version": "17.4", "App-Identifier": "org.example.app", "SDK-Version": "1.0", "User-Agent": "ios",
			"Content-Type": "application/json",
		},
		nil,
		`{}`,
	},
}

// replay is a call in the form in which an SDK sends it. In the body, ROOM, MESSAGE, ME and OTHER are
// ids; NOW is a time; LOCAL is an id of the sender's own.
type replay struct{ sdks, path, body string }

var replays = []replay{
	// Android fills in what is not set, and iOS sends numbers as it has them, which may be doubles.
	{"android", "chat/message/room_list_and_unread", `{"userID":ME,"roomID":null}`},
	{"ios", "chat/message/room_list_and_unread", `{"userID":ME}`},
	{"web android", "chat/message/new_and_updated", ``},
	{"ios", "chat/message/new_and_updated", `{}`},
	{"android", "chat/message/list_by_room/before", `{"roomID":"ROOM","maxCreated":NOW,"limit":50,"userID":null}`},
	{"ios", "chat/message/list_by_room/before", `{"roomID":"ROOM","maxCreated":NOW.0,"limit":50}`},
	{"ios", "chat/message/list_by_room/before", `{"roomID":"ROOM","maxCreated":"NOW","limit":"50"}`},
	{"web", "chat/message/list_by_room/before", `{"roomID":"ROOM","maxCreated":0,"limit":20}`},
	{"android", "chat/message/list_by_room/after", `{"roomID":"ROOM","minCreated":1,"lastUpdated":1,"maxCreated":null}`},
	{"ios", "chat/message/list_by_room/after", `{"roomID":"ROOM","minCreated":1.0,"lastUpdated":1.5e12}`},
	{"web", "chat/message/feedback/read", `{"messageIDs":{"messageIDs":["MESSAGE"]}}`},
	{"web", "chat/message/feedback/delivered", `{"messageIDs":["0","MESSAGE","MESSAGE"]}`},
	{"android ios", "chat/message/feedback/delivered", `{"messageIDs":[MESSAGE]}`},
	{"android ios", "chat/message/feedback/read", `{"messageIDs":["MESSAGE",null]}`},
	{"android", "chat/message/delete", `{"roomID":"ROOM","messageIDs":["MESSAGE"],"forEveryone":false}`},
	{"ios", "chat/message/delete", `{"roomID":"ROOM","messageIDs":[MESSAGE],"forEveryone":0}`},
	{"ios", "chat/message/delete", `{"roomID":"ROOM","messageIDs":["MESSAGE"],"forEveryone":1}`},
	{"android", "chat/message/send/custom", `{"localID":"LOCAL","messageType":3001,"body":"hi","data":"{\"n\":1}",` +
		`"filterID":"","isHidden":false,"roomID":"ROOM","recipientUserID":""}`},
	{"android", "chat/message/send/custom", `{"localID":"LOCAL","messageType":3001,"body":"hi","data":null,` +
		`"filterID":null,"isHidden":false,"roomID":null,"recipientUserID":"OTHER"}`},
	{"ios", "chat/message/send/custom", `{"localID":"LOCAL","messageType":3001,"body":"hi","data":"","filterID":"",` +
		`"isHidden":0,"roomID":"","recipientUserID":OTHER}`},
	{"android", "chat/message/get_starred_list", `{"roomID":"ROOM","pageNumber":1,"pageSize":50}`},
	{"ios", "chat/message/get_starred_list", `{"roomID":"ROOM","pageNumber":1.0,"pageSize":50.0}`},
	{"web", "chat/message/get_starred_list", `{"roomID":"ROOM","pageNumber":1,"pageSize":99999}`},
	{"android", "chat/room/get_shared_content", `{"roomID":"ROOM","minCreated":0,"maxCreated":NOW,"lastUpdated":null}`},

	{"android", "client/room/create", `{"name":"G","type":2,"userIDs":["OTHER"],"roomID":null,"userID":null}`},
	{"ios", "client/room/create", `{"name":"G","type":"2","userIDs":["OTHER"]}`},
	{"android", "client/room/get", `{"roomID":"ROOM","userID":null}`},
	{"android", "client/room/update", `{"roomID":"ROOM","name":"N","userIDs":null}`},
	{"android", "client/room/participants/add", `{"roomID":"ROOM","userIDs":["OTHER"],"userID":null}`},
	{"ios", "client/room/participants/add", `{"roomID":"ROOM","userIDs":[OTHER]}`},
	{"android", "client/room/pin", `{"roomIDs":["ROOM"],"expiredAt":0}`},
	{"android", "client/room/mute", `{"roomIDs":["ROOM"],"expiredAt":NOW}`},
	{"ios", "client/room/mark_as_unread", `{"roomIDs":["ROOM"]}`},
	{"android", "client/room/clear_chat", `{"roomIDs":["ROOM"],"expiredAt":0}`},
	{"web android", "client/room/get_pinned_room_ids", `{}`},
	{"web android ios", "client/room/get_unread_room_ids", `{}`},
	{"android", "client/room/get_room_ids_with_state", ``},

	{"android", "client/user/get_all_by_ids", `{"ids":["OTHER","OTHER","0","","g456",null]}`},
	{"ios", "client/user/get_all_by_ids", `{"ids":[OTHER]}`},
	{"ios", "client/user/get_by_id", `{"id":OTHER}`},
	{"android", "client/user/get_by_username", `{"username":"other","ignoreCase":true}`},
	{"ios", "client/user/get_by_username", `{"username":"OTHER","ignoreCase":1}`},
	{"android", "client/contact/add", `{"userID":"OTHER"}`},
	{"ios", "client/contact/add", `{"userID":OTHER}`},
	{"android ios", "client/contact/add_by_phones", `{"phones":["+62 812-0000-1","",null]}`},
	{"android", "client/chat_report/submit_user", `{"userID":"OTHER","messageID":null,"roomID":null,"category":"Spam",` +
		`"isOtherCategory":false,"reason":""}`},
	{"android", "client/chat_report/submit_message", `{"messageID":"THEIRS","roomID":"ROOM","userID":null,"category":"x",` +
		`"isOtherCategory":true,"reason":null}`},
	{"web android ios", "client/contact/list", ``},
	{"web android ios", "client/logout", ``},
}

// TestReplays makes calls in the forms in which each SDK sends them, with its headers.
func TestReplays(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		n := 0
		for _, r := range replays {
			for name := range strings.FieldsSeq(r.sdks) {
				n++
				me, other := s.SignIn(t, fmt.Sprint("me", n), "1"), s.SignIn(t, fmt.Sprint("other", n), "1")
				do(t, s, "user/update", obj{"xcUserID": fmt.Sprint("other", n), "fullName": "O", "username": fmt.Sprint("other", n)})
				room := newGroup(t, me, "Replayed", other)
				me.Call(t, "client/contact/add", obj{"userID": other.UserID}, nil)
				for _, path := range []string{"client/room/pin", "client/room/mark_as_unread"} {
					me.Call(t, path, obj{"roomIDs": list{room}}, nil)
				}
				ids := map[string]string{}
				for who, d := range map[string]*servertest.Device{"MESSAGE": me, "THEIRS": other} {
					d.Call(t, "chat/message/send/custom", plainMessage(t, room, "hi"), nil)
					ids[who] = listMessages(t, d, "chat/message/list_by_room/before", obj{"roomID": room, "limit": 1}).Messages[0].MessageID
				}
				me.Call(t, "chat/message/star", obj{"roomID": room, "messageIDs": list{ids["MESSAGE"]}}, nil)
				body := strings.NewReplacer(
					`"other"`, fmt.Sprintf(`"other%d"`, n), `"username":"OTHER"`, fmt.Sprintf(`"username":"OTHER%d"`, n),
					"ROOM", room, "MESSAGE", ids["MESSAGE"], "THEIRS", ids["THEIRS"], "ME", me.UserID, "OTHER", other.UserID,
					"NOW", "4000000000000", "LOCAL", localID(t),
				).Replace(r.body)
				if body == "" {
					body = sdks[name].empty
				}
				a := sdks[name].call(t, s, r.path, []string{"Bearer " + me.Access}, body)
				checkDevice(t, r.path, a)
				if a.Error.Code != "" {
					t.Errorf("%s %s %s: %s", name, r.path, body, a.Body)
					continue
				}
				checkMust(t, r.path, a, true)
				if r.path == "chat/message/delete" {
					want := strings.Contains(body, `"forEveryone":1`)
					for _, m := range history(t, other, room) {
						if m.MessageID == ids["MESSAGE"] && m.IsDeleted != want {
							t.Errorf("%s %s: deleted for others: %t", name, body, m.IsDeleted)
						}
					}
				}
			}
		}
	})
}

// TestReplaysBeforeLogin: an Authorization of an earlier login, of nothing, or none says nothing.
func TestReplaysBeforeLogin(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for name, sdk := range sdks {
			for _, authorization := range append(sdk.bare, "none", "Bearer "+strings.Repeat("x", 40)) {
				h := []string{authorization}
				if authorization == "none" {
					h = nil
				}
				a := sdk.call(t, s, "client/project_configs", h, sdk.empty)
				if a.Error.Code != "" {
					t.Errorf("%s with %q: %s", name, authorization, a.Body)
					continue
				}
				checkMust(t, "client/project_configs", a, true)
			}
			// The check before the socket: on Android a GET has a content type, and none has a body.
			me := s.SignIn(t, "of "+name, "1")
			for token, want := range map[string]string{me.Access: "", "expired": "40103"} {
				req := sdk.request(t, s, http.MethodGet, "/connect?check=1", []string{"Bearer " + token}, "")
				if a := answerOf(t, req); a.HTTP.StatusCode != 200 || a.Error.Code != want {
					t.Errorf("%s checks with %q: HTTP %d, %s", name, token, a.HTTP.StatusCode, a.Body)
				}
			}
		}
	})
}

func (k sdk) call(t *testing.T, s *servertest.App, path string, authorization []string, body string) servertest.Answer {
	t.Helper()
	return answerOf(t, k.request(t, s, http.MethodPost, "/v1/"+path, authorization, body))
}

// request is one with the SDK's headers. An empty body is sent as one, with its length.
func (k sdk) request(t *testing.T, s *servertest.App, method, path string, authorization []string, body string) *http.Request {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range k.headers {
		req.Header.Set(name, value)
	}
	if k.headers["Device-Platform"] == "android" {
		req.Header.Add("Content-Type", "application/json") // which its downloads have twice
	}
	req.Header.Set("App-Key", key(s.AppKey))
	req.Header["Authorization"] = authorization
	return req
}

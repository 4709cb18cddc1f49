package e2e

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"parlor/api"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/powertalk/clientapi"
	"parlor/test/env/servertest"
)

// contract is the API's description, made ready to hold answers to. Its schemas are JSON
// Schema of 2020-12, as OpenAPI 3.1 has it, and are taken as they stand.
type contract struct {
	doc      map[string]any
	compiler *jsonschema.Compiler

	mu      sync.Mutex
	schemas map[string]*jsonschema.Schema // by place in the document
}

var theContract = sync.OnceValues(func() (*contract, error) {
	var doc any
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil {
		return nil, err
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	if doc, err = jsonschema.UnmarshalJSON(bytes.NewReader(text)); err != nil {
		return nil, err
	}
	c := &contract{doc: doc.(map[string]any), compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	return c, c.compiler.AddResource("openapi.json", doc)
})

func loadContract(t testing.TB) *contract {
	t.Helper()
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// check holds a text to the schema of an operation's answer under HTTP 200.
func (c *contract) check(method, path string, text []byte) error {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	return c.checkAgainst("#/paths/"+escape.Replace(path)+"/"+method+"/responses/200/content/application~1json/schema",
		text)
}

// checkAgainst holds a text to the schema in some place of the document.
func (c *contract) checkAgainst(place string, text []byte) error {
	schema, err := c.schema(place)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

func (c *contract) schema(place string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if schema, ok := c.schemas[place]; ok {
		return schema, nil
	}
	schema, err := c.compiler.Compile("openapi.json" + place)
	if err == nil {
		c.schemas[place] = schema
	}
	return schema, err
}

// checkContract holds an answer of a call to the description, along with what no schema
// can say.
func checkContract(t testing.TB, path string, a servertest.Answer) {
	t.Helper()
	if err := loadContract(t).check("post", "/v1/server/"+path, a.Body); err != nil {
		t.Errorf("%s answers against its description: %v\n%.2000s", path, err, a.Body)
	}
	if a.HTTP.StatusCode != 200 {
		t.Errorf("%s: HTTP status %d", path, a.HTTP.StatusCode)
	}
	if got := a.HTTP.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("%s: content type %q", path, got)
	}
	if a.HTTP.Header.Get("X-Request-Id") == "" {
		t.Errorf("%s: no X-Request-Id", path)
	}
}

// checkDevice holds an answer of the client API to the description.
func checkDevice(t testing.TB, path string, a servertest.Answer) {
	t.Helper()
	if err := loadContract(t).check("post", "/v1/"+path, a.Body); err != nil {
		t.Errorf("%s answers against its description: %v\n%.2000s", path, err, a.Body)
	}
	if a.HTTP.StatusCode != 200 || a.HTTP.Header.Get("X-Request-Id") == "" {
		t.Errorf("%s: HTTP status %d, request id %q", path, a.HTTP.StatusCode, a.HTTP.Header.Get("X-Request-Id"))
	}
}

// TestClientRoutesAreDocumented: the description has the calls that apps are served, and
// no others.
func TestClientRoutesAreDocumented(t *testing.T) {
	t.Parallel()
	var documented, served []string
	for path, item := range loadContract(t).doc["paths"].(obj) {
		if item.(obj)["post"] != nil && !strings.HasPrefix(path, "/v1/server/") {
			documented = append(documented, path)
		}
	}
	for _, e := range clientapi.Endpoints(nil) {
		served = append(served, "/v1"+e.Path)
	}
	slices.Sort(documented)
	slices.Sort(served)
	if !slices.Equal(documented, served) {
		t.Errorf("documented %q\nserved     %q", documented, served)
	}
}

// TestClientContract makes every call of the client API once as it should be, and in the
// ways in which each can fail, and holds all answers to the description.
func TestClientContract(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo := s.SignIn(t, "ana", "a1"), s.SignIn(t, "bo", "b1")
		var group roomAnswer
		ana.Call(t, "client/room/create", obj{"name": "Group", "userIDs": list{bo.UserID}}, &group)
		room := group.Room.RoomID
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}})
		localID := "sent_in_the_contract_0123456789"
		ana.Call(t, "chat/message/send/custom", obj{
			"roomID": room, "localID": localID, "messageType": 1001, "body": "hi",
		}, nil)
		var page struct{ Messages []servertest.Message }
		ana.Call(t, "chat/message/list_by_room/before", obj{"roomID": room, "limit": 1}, &page)
		message := page.Messages[0].MessageID
		bo.Call(t, "chat/message/send/custom", plainMessage(t, room, "by bo"), nil)
		ana.Call(t, "chat/message/list_by_room/before", obj{"roomID": room, "limit": 1}, &page)
		theirs := page.Messages[0].MessageID
		ana.Call(t, "client/user/photo/upload", servertest.FormOf("a.png", servertest.PNG(t, 8, 8), nil), nil)
		photo := photosOf(t, ana, ana.UserID)[0].ID
		checksum := md5.Sum([]byte(room + ":2:" + ana.UserID + ":" + strconv.FormatInt(ana.AccessExpiry, 10)))

		later := func() obj {
			return obj{"message": servertest.Draft(t, room, cipher.NewLocalID(), "later"), "scheduledTime": inAWhile()}
		}
		item := schedule(t, ana, room, "later", inAWhile())
		otherWords := later()
		otherWords["id"] = item.ID
		items := obj{"ids": list{item.ID, schedule(t, ana, room, "later", inAWhile()).ID}, "roomID": room}

		other := obj{"roomID": room, "userIDs": list{bo.UserID}}
		rooms := obj{"roomIDs": list{room}}
		messages := obj{"roomID": room, "messageIDs": list{message}}
		good := []struct {
			path string
			body any
		}{
			{"client/project_configs", nil},
			{"client/push_notification/update", obj{"fcmToken": "phone", "apnToken": nil}},
			{"client/push_notification/update", obj{"fcmToken": "", "apnToken": strings.Repeat("aF", 32), "isDebug": 1}},
			{"client/push_notification/update_web", obj{
				"endpoint": "https://push.example/1", "expirationTime": nil, "keys": obj{
					"p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
					"auth":   "tBHItJI5svbpez7KI4CCXg",
				},
			}},
			{"client/push_notification/update_web", nil},
			{"client/user/get_by_id", obj{"id": bo.UserID}},
			{"client/user/get_by_xcuserid", obj{"xcUserID": "bo"}},
			{"client/user/get_by_username", obj{"username": "bo"}},
			{"client/user/get_all_by_ids", obj{"ids": list{bo.UserID, nil, "x"}}},
			{"client/user/update_bio", obj{"bio": "Of ana"}},
			{"client/contact/add_by_phones", obj{"phones": list{"62812000000019"}}},
			{"client/chat_report/submit_user", obj{"userID": bo.UserID, "category": "c", "isOtherCategory": true, "reason": "r"}},
			{"client/chat_report/submit_message", obj{"messageID": theirs, "roomID": room, "category": nil, "reason": nil}},
			{"client/contact/block", obj{"userID": bo.UserID}},
			{"client/contact/get_blocked_list", nil},
			{"client/contact/get_blocked_user_ids", nil},
			{"client/contact/unblock", obj{"userID": bo.UserID}},
			{"client/contact/add", obj{"userID": bo.UserID}},
			{"client/contact/list", nil},
			{"client/contact/remove", obj{"userID": bo.UserID}},
			{"client/room/create", obj{"name": "Another"}},
			{"client/room/get", obj{"roomID": room}},
			{"client/room/get_by_xc_room_id", obj{"xcRoomID": "r"}},
			{"client/room/groups_in_common", obj{"userID": bo.UserID}},
			{"client/room/update", obj{"roomID": room, "name": "Renamed"}},
			{"client/room/participants/add", other},
			{"client/room/admins/promote", other},
			{"client/room/admins/demote", other},
			{"client/room/mark_as_unread", rooms},
			{"client/room/mute", obj{"roomIDs": list{room}, "expiredAt": 0}},
			{"client/room/pin", rooms},
			{"client/room/get_unread_room_ids", nil},
			{"client/room/get_muted_room_ids", nil},
			{"client/room/get_pinned_room_ids", nil},
			{"client/room/unmute", rooms},
			{"client/room/unpin", rooms},
			{"chat/message/room_list_and_unread", nil},
			{"chat/message/new_and_updated", nil},
			{"chat/message/list_by_room/before", obj{"roomID": room}},
			{"chat/message/list_by_room/after", obj{"roomID": room, "minCreated": 1, "lastUpdated": 1}},
			{"chat/message/feedback/delivered", obj{"messageIDs": list{message}}},
			{"chat/message/feedback/read", obj{"messageIDs": obj{"messageIDs": list{message}}}},
			{"chat/message/send/custom", obj{"roomID": room, "localID": localID, "messageType": 1001, "body": "hi"}},
			{"chat/message/star", messages},
			{"chat/message/get_starred_ids", obj{"roomID": room}},
			{"chat/message/get_starred_list", obj{"roomID": room}},
			{"chat/message/unstar", messages},
			{"chat/message/pin", messages},
			{"chat/message/get_pinned_ids", obj{"roomID": room}},
			{"chat/message/get_pinned_list", obj{"roomID": room}},
			{"chat/message/unpin", messages},
			{"chat/message/get_details", obj{"messageID": message}},
			{"chat/message/get_total_read", obj{"messageID": message}},
			{"chat/room/get_shared_content", obj{"roomID": room}},
			{"chat/scheduled_message/create", later()},
			{"chat/scheduled_message/get_scheduled_list", obj{"roomID": room}},
			{"chat/scheduled_message/edit_content", otherWords},
			{"chat/scheduled_message/edit_scheduled_time", obj{"id": item.ID, "scheduledTime": inAWhile()}},
			{"chat/scheduled_message/send_now", obj{"ids": list{item.ID}}},
			{"chat/scheduled_message/delete", items},
			{"client/user/photo/upload", servertest.FormOf("a.png", servertest.PNG(t, 8, 8), nil)},
			{"client/user/photo/get_list", obj{"userID": ana.UserID}},
			{"client/user/photo/set_main", obj{"id": photo}},
			{"client/user/photo/delete", obj{"id": fmt.Sprint(photo), "createdTime": 1}},
			{"client/room/photo/upload", servertest.FormOf("a.png", servertest.PNG(t, 8, 8), map[string]string{"roomID": room})},
			{"chat/file/upload", servertest.FormOf("a.txt", []byte("a"), map[string]string{"roomID": room})},
			{"chat/file/download", obj{"roomID": room, "fileID": strings.Repeat("0", 32)}}, // its success is no envelope
			{"chat/message/delete", obj{"roomID": room, "messageIDs": list{message}, "forEveryone": true}},
			{"chat/message/list_by_room/before", obj{"roomID": room}},
			{"client/room/clear_chat", rooms},
			{"client/room/get_room_ids_with_state", nil},
			{"client/room/participants/remove", other},
			{"client/room/leave", obj{"roomID": room}},
			{"client/room/delete", obj{"roomID": room, "checksum": hex.EncodeToString(checksum[:])}},
			{"client/logout", nil},
		}
		tried := map[string]bool{}
		for _, call := range good {
			tried["/"+call.path] = true
			// The failures first: the last calls end what the others need.
			checkDevice(t, call.path, bo.Try(t, call.path, obj{
				"roomID": "g999999", "id": "999999", "userID": "999999", "messageID": "999999",
			}))
			if call.body != nil { // the others do not look at theirs
				checkDevice(t, call.path, ana.Try(t, call.path, "["))
			}
			for _, authorization := range []string{"", "nonsense", "Bearer nonsense"} {
				h := ana.Headers("")
				h.Set("Authorization", authorization)
				checkDevice(t, call.path, s.Do(t, http.MethodPost, "/v1/"+call.path, h, call.body))
			}
			checkDevice(t, call.path, s.Do(t, http.MethodPost, "/v1/"+call.path, http.Header{"App-Key": {key(s.ServerKey)}},
				call.body))
			a := ana.Try(t, call.path, call.body)
			checkDevice(t, call.path, a)
			if a.Error.Code != "" && call.path != "client/user/get_by_username" && // bo has none
				call.path != "chat/file/download" {
				t.Errorf("%s: %s", call.path, a.Body)
			}
		}
		for _, e := range clientapi.Endpoints(nil) {
			if !tried[e.Path] && !strings.HasPrefix(e.Path, "/auth/") {
				t.Errorf("%s is not tried", e.Path)
			}
		}
		for _, path := range []string{"auth/access_token/request", "auth/access_token/refresh"} {
			for _, token := range []string{"", "nonsense", bo.Refresh} {
				checkDevice(t, path, s.Do(t, http.MethodPost, "/v1/"+path, bo.Headers(token), nil))
			}
		}
		var ticket struct{ Ticket string }
		s.Must(t, "auth_ticket/request", obj{"xcUserID": "ana", "fullName": "Ana"}, &ticket)
		a := s.Do(t, http.MethodPost, "/v1/auth/access_token/request", ana.Headers(ticket.Ticket), nil)
		checkDevice(t, "auth/access_token/request", a)
		if a.Error.Code != "" {
			t.Errorf("sign in: %s", a.Body)
		}
	})
}

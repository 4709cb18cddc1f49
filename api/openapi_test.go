package api_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"parlor/api"
	"parlor/internal/powertalk/cipher"
)

// load parses the document, which resolves every reference in it.
func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentIsValid(t *testing.T) {
	doc := load(t)
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("version %q, want 3.1", doc.OpenAPI)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableMultiError()); err != nil {
		t.Error(err)
	}
}

func TestRoutes(t *testing.T) {
	want := []string{
		"GET /connect",
		"GET /docs",
		"GET /files/{address}",
		"GET /files/{address}/thumbnail",
		"GET /healthz",
		"GET /metrics",
		"GET /openapi.json",
		"GET /postman_collection.json",
		"GET /readyz",
		"POST /v1/auth/access_token/refresh",
		"POST /v1/auth/access_token/request",
		"POST /v1/chat/file/download",
		"POST /v1/chat/file/upload",
		"POST /v1/chat/message/delete",
		"POST /v1/chat/message/feedback/delivered",
		"POST /v1/chat/message/feedback/read",
		"POST /v1/chat/message/get_details",
		"POST /v1/chat/message/get_pinned_ids",
		"POST /v1/chat/message/get_pinned_list",
		"POST /v1/chat/message/get_starred_ids",
		"POST /v1/chat/message/get_starred_list",
		"POST /v1/chat/message/get_total_read",
		"POST /v1/chat/message/list_by_room/after",
		"POST /v1/chat/message/list_by_room/before",
		"POST /v1/chat/message/new_and_updated",
		"POST /v1/chat/message/pin",
		"POST /v1/chat/message/room_list_and_unread",
		"POST /v1/chat/message/send/custom",
		"POST /v1/chat/message/star",
		"POST /v1/chat/message/unpin",
		"POST /v1/chat/message/unstar",
		"POST /v1/chat/room/get_shared_content",
		"POST /v1/chat/scheduled_message/create",
		"POST /v1/chat/scheduled_message/delete",
		"POST /v1/chat/scheduled_message/edit_content",
		"POST /v1/chat/scheduled_message/edit_scheduled_time",
		"POST /v1/chat/scheduled_message/get_scheduled_list",
		"POST /v1/chat/scheduled_message/send_now",
		"POST /v1/client/chat_report/submit_message",
		"POST /v1/client/chat_report/submit_user",
		"POST /v1/client/contact/add",
		"POST /v1/client/contact/add_by_phones",
		"POST /v1/client/contact/block",
		"POST /v1/client/contact/get_blocked_list",
		"POST /v1/client/contact/get_blocked_user_ids",
		"POST /v1/client/contact/list",
		"POST /v1/client/contact/remove",
		"POST /v1/client/contact/unblock",
		"POST /v1/client/logout",
		"POST /v1/client/project_configs",
		"POST /v1/client/push_notification/update",
		"POST /v1/client/push_notification/update_web",
		"POST /v1/client/room/admins/demote",
		"POST /v1/client/room/admins/promote",
		"POST /v1/client/room/clear_chat",
		"POST /v1/client/room/create",
		"POST /v1/client/room/delete",
		"POST /v1/client/room/get",
		"POST /v1/client/room/get_by_xc_room_id",
		"POST /v1/client/room/get_muted_room_ids",
		"POST /v1/client/room/get_pinned_room_ids",
		"POST /v1/client/room/get_room_ids_with_state",
		"POST /v1/client/room/get_unread_room_ids",
		"POST /v1/client/room/groups_in_common",
		"POST /v1/client/room/leave",
		"POST /v1/client/room/mark_as_unread",
		"POST /v1/client/room/mute",
		"POST /v1/client/room/participants/add",
		"POST /v1/client/room/participants/remove",
		"POST /v1/client/room/photo/upload",
		"POST /v1/client/room/pin",
		"POST /v1/client/room/unmute",
		"POST /v1/client/room/unpin",
		"POST /v1/client/room/update",
		"POST /v1/client/user/get_all_by_ids",
		"POST /v1/client/user/get_by_id",
		"POST /v1/client/user/get_by_username",
		"POST /v1/client/user/get_by_xcuserid",
		"POST /v1/client/user/photo/delete",
		"POST /v1/client/user/photo/get_list",
		"POST /v1/client/user/photo/set_main",
		"POST /v1/client/user/photo/upload",
		"POST /v1/client/user/update_bio",
		"POST /v1/server/audit/list",
		"POST /v1/server/auth_ticket/request",
		"POST /v1/server/before_hook/delete",
		"POST /v1/server/before_hook/get",
		"POST /v1/server/before_hook/set",
		"POST /v1/server/contact/sync",
		"POST /v1/server/events/list",
		"POST /v1/server/message/delete",
		"POST /v1/server/message/delete_matching",
		"POST /v1/server/message/delete_matching/get",
		"POST /v1/server/message/edit",
		"POST /v1/server/message/get",
		"POST /v1/server/message/list",
		"POST /v1/server/message/search",
		"POST /v1/server/message/send/custom",
		"POST /v1/server/message/send_system",
		"POST /v1/server/message/send_to_rooms",
		"POST /v1/server/message/send_to_rooms/get",
		"POST /v1/server/presence/get",
		"POST /v1/server/report/list",
		"POST /v1/server/report/resolve",
		"POST /v1/server/retention/delete",
		"POST /v1/server/retention/list",
		"POST /v1/server/retention/set",
		"POST /v1/server/role/create_or_update",
		"POST /v1/server/role/delete",
		"POST /v1/server/role/list",
		"POST /v1/server/room/admins/set",
		"POST /v1/server/room/batch/create_or_update",
		"POST /v1/server/room/create_or_update",
		"POST /v1/server/room/data/set",
		"POST /v1/server/room/delete",
		"POST /v1/server/room/freeze",
		"POST /v1/server/room/get",
		"POST /v1/server/room/get_list_by_user",
		"POST /v1/server/room/list",
		"POST /v1/server/room/lock",
		"POST /v1/server/room/participants/add",
		"POST /v1/server/room/participants/ban",
		"POST /v1/server/room/participants/batch",
		"POST /v1/server/room/participants/data/set",
		"POST /v1/server/room/participants/list",
		"POST /v1/server/room/participants/mute",
		"POST /v1/server/room/participants/remove",
		"POST /v1/server/room/participants/unban",
		"POST /v1/server/room/participants/unmute",
		"POST /v1/server/room/restore",
		"POST /v1/server/room/unfreeze",
		"POST /v1/server/room/unlock",
		"POST /v1/server/unread/get",
		"POST /v1/server/unread/participants",
		"POST /v1/server/user/data/set",
		"POST /v1/server/user/deactivate",
		"POST /v1/server/user/delete",
		"POST /v1/server/user/erase",
		"POST /v1/server/user/erase/get",
		"POST /v1/server/user/export",
		"POST /v1/server/user/export/get",
		"POST /v1/server/user/get",
		"POST /v1/server/user/list",
		"POST /v1/server/user/logout",
		"POST /v1/server/user/reactivate",
		"POST /v1/server/user/update",
		"POST /v1/server/webhook/create",
		"POST /v1/server/webhook/dead/list",
		"POST /v1/server/webhook/dead/replay",
		"POST /v1/server/webhook/delete",
		"POST /v1/server/webhook/get",
		"POST /v1/server/webhook/list",
		"POST /v1/server/webhook/rotate_secret",
		"POST /v1/server/webhook/update",
	}
	var got []string
	for path, item := range load(t).Paths.Map() {
		for method := range item.Operations() {
			got = append(got, method+" "+path)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("routes:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestErrorsOfEveryCall holds each call to an example of every error it may answer.
func TestErrorsOfEveryCall(t *testing.T) {
	common := []string{"40001", "41301", "42901", "49102", "49103", "49104", "49106", "50000", "50301"}
	signedIn := []string{"40101", "40102", "40103", "40104", "40105", "40106"}
	room := []string{"40301", "40401"}
	more := map[string][]string{
		"getRoom":            {"40401"},
		"addParticipants":    room,
		"removeParticipants": room,
		"lockRoom":           room,
		"deleteUser":         {"40401"},
		"eraseUser":          {"40401"}, "getErasure": {"40401"},
		"exportUser": room, "getExport": {"40401"},
		"unlockRoom":   room,
		"sendMessage":  {"40401", "40901"},
		"listMessages": {"40401"}, "searchMessages": {"40401", "40901"},
		"sendToRooms": {"40301", "40401", "40901"}, "getSendToRooms": {"40401"},
		"deleteMatching": {"40301", "40401", "40901"}, "getDeleteMatching": {"40401"},
		"editMessage": room, "sendSystemMessage": room,
		"listRooms": {"40401"}, "listParticipants": {"40401"}, "setRoomData": {"40401"}, "setParticipantData": {"40401"},
		"deleteRoomByBackend": room, "restoreRoom": room, "freezeRoom": room, "unfreezeRoom": room, "setAdmins": room,
		"muteParticipants": room, "unmuteParticipants": room, "banParticipants": room, "unbanParticipants": room,
		"signOutUser": {"40401"}, "deactivateUser": {"40401"}, "reactivateUser": {"40401"}, "setUserData": {"40401"},
		"getUnread": {"40401"}, "getUnreadOfParticipants": {"40401"}, "resolveReport": {"40401"},
		"deleteRole": {"40901"}, "requestAuthTicket": {"40301"},
		"setRetention":  {"40301"},
		"listEvents":    {"40901"},
		"createWebhook": {"40301"},
		"getWebhook":    {"40401"}, "updateWebhook": {"40401"}, "deleteWebhook": {"40401"},
		"rotateWebhookSecret": {"40401"}, "listDeadEvents": {"40401"}, "replayDeadEvents": {"40401"},
		"requestAccessToken": {"40101", "40102", "40103", "40106", "40301"},
		"refreshAccessToken": {"40101", "40102", "40103", "40105", "40106"},
		"getUserByID":        {"40401"},
		"getUserByXCID":      {"40401"},
		"getUserByUsername":  {"40401"},
		"addContact":         room,
		"blockUser":          room,
		"reportUser":         {"40401"},
		"reportMessage":      room,
		"unblockUser":        {"40401"},
		"removeContact":      {"40401"},
		"getRoomOfUser":      room, "getRoomOfUserByXCID": room, "renameGroup": room,
		"addToGroup": room, "removeFromGroup": room, "promoteAdmins": room, "demoteAdmins": room,
		"leaveGroup": room, "deleteGroup": room,
		"listMessagesBefore": room, "listMessagesAfter": room, "deleteMessages": room,
		"sendMessageAsUser": {"40301", "40401", "40901"},
		"getMessageDetails": {"40401"},
		"countReaders":      {"40401"},
		"listRoomsInCommon": {"40401"},
		"starMessages":      room, "unstarMessages": room, "pinMessages": room, "unpinMessages": room,
		"listStarredIDs": room, "listPinnedIDs": room, "listStarred": room, "listPinned": room,
		"scheduleMessage": {"40301", "40401", "40901"}, "sendScheduled": {"40301", "40401", "40901"},
		"editScheduledMessage": {"40301", "40401", "40901"}, "rescheduleMessage": room,
		"listSharedContent": room, "uploadFile": room, "addPhoto": {"40301"}, "listPhotos": {"40401"}, "setMainPhoto": {"40401"}, "removePhoto": {"40401"}, "setRoomPhoto": room, "downloadFile": room,
	}
	for _, op := range calls(t) {
		var got []string
		for _, example := range answer(op).Examples {
			got = append(got, code(example.Value.Value))
		}
		slices.Sort(got)
		want := slices.Concat(common, more[op.OperationID])
		if op.Responses.Status(200).Value.Content["application/octet-stream"] == nil { // whose success is a file
			want = append(want, "")
		}
		if takesToken(op) {
			want = append(want, signedIn...)
		}
		if op.RequestBody != nil {
			want = append(want, "40002")
		}
		slices.Sort(want)
		if got := slices.Compact(got); !slices.Equal(got, slices.Compact(want)) {
			t.Errorf("%s has examples of %q, want %q", op.OperationID, got, want)
		}
	}
}

// takesToken reports whether a call needs an access token. The calls that give tokens
// take something else in its place.
func takesToken(op *openapi3.Operation) bool {
	if op.Security == nil || strings.HasSuffix(op.OperationID, "AccessToken") {
		return false
	}
	for _, needed := range *op.Security {
		if _, ok := needed["Token"]; ok {
			return true
		}
	}
	return false
}

func TestParameterNumbers(t *testing.T) {
	const room = "xcRoomID 101, type 102, name 103, photoThumbnailURL 104, photoFullsizeURL 105, " +
		"tags 106, participantXCUserIDs 107, participantUserRoles 108"
	want := map[string]string{
		"createOrUpdateRoom":  room,
		"createOrUpdateRooms": room, // in the errors of its items
		"getRoom":             "xcRoomID 101",
		"addParticipants":     "xcRoomID 101, participantXCUserIDs 107",
		"removeParticipants":  "xcRoomID 101, participantXCUserIDs 107",
		"updateUser": "xcUserID 105, fullName 106, email 107, phone 108, username 109, " +
			"photoThumbnailURL 110, photoFullsizeURL 111, userRoleCode 112",
		"requestAuthTicket": "userIPAddress 101, userAgent 102, userPlatform 103, userDeviceID 104, " +
			"xcUserID 105, fullName 106, " +
			"email 107, phone 108, username 109, photoThumbnailURL 110, photoFullsizeURL 111, userRoleCode 112",
		"deleteUser":   "xcUserID 105",
		"syncContacts": "contacts 101, ownerXCUserID 102, contactXCUserID 103, isDeleted 104",
	}
	for _, op := range calls(t) {
		numbers := map[string]string{}
		if op.RequestBody != nil {
			collectNumbers(request(op).Schema, numbers)
		}
		var got []string
		for _, name := range slices.SortedFunc(maps.Keys(numbers), func(a, b string) int {
			return strings.Compare(numbers[a], numbers[b])
		}) {
			got = append(got, name+" "+numbers[name])
		}
		if got := strings.Join(got, ", "); got != want[op.OperationID] {
			t.Errorf("%s: %s, want %s", op.OperationID, got, want[op.OperationID])
		}
	}
}

func collectNumbers(schema *openapi3.SchemaRef, into map[string]string) {
	for name, property := range schema.Value.Properties {
		extensions := property.Extensions // those beside a $ref
		if property.Ref == "" {
			extensions = property.Value.Extensions
		}
		if number, ok := extensions["x-parlor-param"].(string); ok {
			into[name] = number
		}
		collectNumbers(property, into)
	}
	if schema.Value.Items != nil {
		collectNumbers(schema.Value.Items, into)
	}
}

// TestCipherExample keeps the one enciphered text in the document a real one.
func TestCipherExample(t *testing.T) {
	text, err := json.Marshal(load(t).Components.Examples["RoomList"].Value.Value)
	if err != nil {
		t.Fatal(err)
	}
	var envelope struct {
		Data struct {
			Rooms []struct {
				LastMessage struct{ Body, LocalID string }
			}
		}
	}
	if err := json.Unmarshal(text, &envelope); err != nil {
		t.Fatal(err)
	}
	m := envelope.Data.Rooms[0].LastMessage
	if got, err := cipher.Decrypt(m.Body, m.LocalID); err != nil || got != "Your parcel is on its way" {
		t.Errorf("the example's body deciphers to %q, %v", got, err)
	}
}

// calls are the operations that take a key.
func calls(t *testing.T) []*openapi3.Operation {
	t.Helper()
	var out []*openapi3.Operation
	for _, item := range load(t).Paths.Map() {
		if item.Post != nil {
			out = append(out, item.Post)
		}
	}
	return out
}

func request(op *openapi3.Operation) *openapi3.MediaType {
	content := op.RequestBody.Value.Content
	if form := content["multipart/form-data"]; form != nil {
		return form
	}
	return content.Get("application/json")
}

func answer(op *openapi3.Operation) *openapi3.MediaType {
	return op.Responses.Status(200).Value.Content.Get("application/json")
}

// code is the error code of an envelope.
func code(envelope any) string {
	m, _ := envelope.(map[string]any)
	e, _ := m["error"].(map[string]any)
	s, _ := e["code"].(string)
	return s
}

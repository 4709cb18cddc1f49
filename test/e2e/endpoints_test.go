package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// endpoint is a call of the server API, for tests that run against each of them.
type endpoint struct {
	path string
	// params are the parameters in the order in which they are checked, each with what
	// error.field says for it. An inner one stands after a dot; of a list's entries the
	// dot is a slash.
	params [][2]string
	// good is a body that succeeds in prepare's world and changes nothing there, or only
	// what snapshot does not see.
	good obj
}

var endpoints = []endpoint{
	{
		"room/create_or_update",
		[][2]string{
			{"xcRoomID", "101"},
			{"type", "102"},
			{"name", "103"},
			{"photoThumbnailURL", "104"},
			{"photoFullsizeURL", "105"},
			{"tags", "106"},
			{"participantXCUserIDs", "107"},
			{"participantUserRoles", "108"},
			{"color", "color"},
		},
		obj{"xcRoomID": "r", "type": 2, "name": "Room r"},
	},
	{
		"room/get",
		[][2]string{
			{"xcRoomID", "101"},
			{"roomID", "roomID"},
			{"participantsLimit", "participantsLimit"},
			{"participantsOffset", "participantsOffset"},
		},
		obj{"xcRoomID": "r"},
	},
	{
		"room/participants/add",
		[][2]string{{"xcRoomID", "101"}, {"roomID", "roomID"}, {"participantXCUserIDs", "107"}},
		obj{"xcRoomID": "r", "participantXCUserIDs": list{"a"}},
	},
	{
		"room/participants/remove",
		[][2]string{{"xcRoomID", "101"}, {"roomID", "roomID"}, {"participantXCUserIDs", "107"}},
		obj{"xcRoomID": "r", "participantXCUserIDs": list{"stranger"}},
	},
	{
		"room/get_list_by_user",
		[][2]string{{"xcUserID", "xcUserID"}, {"xcRoomIDs", "xcRoomIDs"}, {"limit", "limit"}, {"offset", "offset"}},
		obj{"xcUserID": "a"},
	},
	{
		"room/lock",
		named("xcRoomID", "roomID", "xcUserID"),
		obj{"xcRoomID": "locked", "xcUserID": "a"},
	},
	{
		"room/unlock",
		named("xcRoomID", "roomID", "xcUserID"),
		obj{"xcRoomID": "r", "xcUserID": "a"},
	},
	{
		"room/list",
		[][2]string{
			{"tag", "tag"},
			{"type", "type"},
			{"activeSince", "activeSince"},
			{"activeUntil", "activeUntil"},
			{"xcUserID", "xcUserID"},
			{"namePrefix", "namePrefix"},
			{"includeDeleted", "includeDeleted"},
			{"cursor", "cursor"},
			{"limit", "limit"},
		},
		obj{},
	},
	{
		"room/delete",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}},
		obj{"xcRoomID": "gone"},
	},
	{
		"room/restore",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}},
		obj{"xcRoomID": "r"},
	},
	{
		"room/freeze",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}},
		obj{"xcRoomID": "frozen"},
	},
	{
		"room/unfreeze",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}},
		obj{"xcRoomID": "r"},
	},
	{
		"room/admins/set",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}, {"adminXCUserIDs", "adminXCUserIDs"}},
		obj{"xcRoomID": "r"},
	},
	{
		"room/data/set",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}, {"data", "data"}},
		obj{"xcRoomID": "r", "data": obj{"x": 1}},
	},
	{
		"room/participants/list",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}, {"only", "only"}, {"cursor", "cursor"}, {"limit", "limit"}},
		obj{"xcRoomID": "r"},
	},
	{
		"room/participants/mute",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}, {"participantXCUserIDs", "participantXCUserIDs"}, {"until", "until"}},
		obj{"xcRoomID": "r", "participantXCUserIDs": list{"stranger"}},
	},
	{
		"room/participants/unmute",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}, {"participantXCUserIDs", "participantXCUserIDs"}},
		obj{"xcRoomID": "r", "participantXCUserIDs": list{"a"}},
	},
	{
		"room/participants/ban",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}, {"participantXCUserIDs", "participantXCUserIDs"}, {"until", "until"}},
		obj{"xcRoomID": "r", "participantXCUserIDs": list{"stranger"}},
	},
	{
		"room/participants/unban",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}, {"participantXCUserIDs", "participantXCUserIDs"}},
		obj{"xcRoomID": "r", "participantXCUserIDs": list{"a"}},
	},
	{
		"room/participants/data/set",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}, {"xcUserID", "xcUserID"}, {"data", "data"}},
		obj{"xcRoomID": "r", "xcUserID": "a", "data": obj{"x": 1}},
	},
	{
		"room/batch/create_or_update",
		[][2]string{{"rooms", "rooms"}},
		obj{"rooms": list{obj{"xcRoomID": "r", "type": 2, "name": "Room r"}}},
	},
	{
		"room/participants/batch",
		[][2]string{{"rooms", "rooms"}},
		obj{"rooms": list{obj{"xcRoomID": "r", "addXCUserIDs": list{"a"}}}},
	},
	{
		"user/update",
		[][2]string{
			{"xcUserID", "105"},
			{"fullName", "106"},
			{"email", "107"},
			{"phone", "108"},
			{"username", "109"},
			{"photoThumbnailURL", "110"},
			{"photoFullsizeURL", "111"},
			{"userRoleCode", "112"},
			{"countryID", "countryID"},
			{"countryCallingCode", "countryCallingCode"},
			{"phoneWithCode", "phoneWithCode"},
			{"isPhoneVerified", "isPhoneVerified"},
			{"bio", "bio"},
		},
		obj{"xcUserID": "stranger", "fullName": "User stranger"},
	},
	{"user/delete", [][2]string{{"xcUserID", "105"}}, obj{"xcUserID": "stranger"}},
	{"user/logout", [][2]string{{"xcUserID", "xcUserID"}, {"deviceID", "deviceID"}}, obj{"xcUserID": "a"}},
	{"user/deactivate", [][2]string{{"xcUserID", "xcUserID"}}, obj{"xcUserID": "idle"}},
	{"user/reactivate", [][2]string{{"xcUserID", "xcUserID"}}, obj{"xcUserID": "a"}},
	{"user/data/set", [][2]string{{"xcUserID", "xcUserID"}, {"data", "data"}}, obj{"xcUserID": "a", "data": obj{"x": 1}}},
	{"user/get", [][2]string{{"xcUserIDs", "xcUserIDs"}, {"userIDs", "userIDs"}}, obj{"xcUserIDs": list{"a"}}},
	{
		"user/list",
		[][2]string{
			{"text", "text"},
			{"userRoleCode", "userRoleCode"},
			{"state", "state"},
			{"updatedSince", "updatedSince"},
			{"cursor", "cursor"},
			{"limit", "limit"},
		},
		obj{},
	},
	{"presence/get", [][2]string{{"xcUserIDs", "xcUserIDs"}, {"userIDs", "userIDs"}}, obj{"xcUserIDs": list{"a"}}},
	{"unread/get", [][2]string{{"xcUserID", "xcUserID"}, {"cursor", "cursor"}, {"limit", "limit"}}, obj{"xcUserID": "a"}},
	{
		"unread/participants",
		[][2]string{{"xcRoomID", "xcRoomID"}, {"roomID", "roomID"}, {"cursor", "cursor"}, {"limit", "limit"}},
		obj{"xcRoomID": "r"},
	},
	{
		"auth_ticket/request",
		[][2]string{
			{"xcUserID", "105"},
			{"fullName", "106"},
			{"email", "107"},
			{"phone", "108"},
			{"username", "109"},
			{"photoThumbnailURL", "110"},
			{"photoFullsizeURL", "111"},
			{"userRoleCode", "112"},
			{"countryID", "countryID"},
			{"countryCallingCode", "countryCallingCode"},
			{"phoneWithCode", "phoneWithCode"},
			{"isPhoneVerified", "isPhoneVerified"},
			{"bio", "bio"},
			{"userIPAddress", "101"},
			{"userAgent", "102"},
			{"userPlatform", "103"},
			{"userDeviceID", "104"},
		},
		obj{"xcUserID": "stranger", "fullName": "User stranger"},
	},
	{
		"contact/sync",
		[][2]string{
			{"contacts", "101"},
			{"contacts/ownerXCUserID", "102"},
			{"contacts/contactXCUserID", "103"},
			{"contacts/isDeleted", "104"},
		},
		obj{"contacts": list{obj{"ownerXCUserID": "a", "contactXCUserID": "b"}}},
	},
	{
		"message/send/custom",
		[][2]string{
			{"messageType", "messageType"},
			{"body", "body"},
			{"data", "data"},
			{"filterID", "filterID"},
			{"isHidden", "isHidden"},
			{"senderUserID", "senderUserID"},
			{"senderXCUserID", "senderXCUserID"},
			{"recipientUserID", "recipientUserID"},
			{"recipientXCUserID", "recipientXCUserID"},
			{"roomID", "roomID"},
			{"xcRoomID", "xcRoomID"},
			{"localID", "localID"},
			{"quote", "quote"},
			{"quote.title", "quote.title"},
			{"quote.content", "quote.content"},
			{"quote.imageURL", "quote.imageURL"},
			{"quote.fileID", "quote.fileID"},
			{"quote.fileType", "quote.fileType"},
		},
		obj{"messageType": 1001, "body": "hi", "senderXCUserID": "a", "xcRoomID": "r", "localID": sentBefore},
	},
	{
		"message/list",
		named("xcRoomID", "roomID", "xcUserID", "userID", "types", "from", "until", "order", "sealed", "cursor", "limit"),
		obj{"xcRoomID": "r"},
	},
	{
		"message/search",
		named("query", "xcRoomID", "roomID", "xcUserID", "userID", "from", "until", "sealed", "cursor", "limit"),
		obj{"query": "hello"},
	},

	{"message/get", named("messageIDs", "sealed"), obj{"messageIDs": list{"1"}}},
	{"message/edit", named("messageID", "localID", "body", "data"), obj{"localID": sentBefore, "body": "hi"}},
	{"message/delete", named("messageIDs"), obj{"messageIDs": list{"1"}}},
	{"message/send_system", named("xcRoomID", "roomID", "body"), obj{"xcRoomID": "frozen", "body": "hi"}},
	{
		"message/send_to_rooms",
		named("messageType", "body", "data", "filterID", "isHidden", "senderUserID", "senderXCUserID", "roomIDs", "xcRoomIDs",
			"localID", "quote", "quote.title", "quote.content", "quote.imageURL", "quote.fileID", "quote.fileType"),
		obj{"messageType": 1001, "body": "hi", "senderXCUserID": "a", "xcRoomIDs": list{"frozen"}, "localID": sentToMany},
	},
	{"message/send_to_rooms/get", named("sendID", "only", "cursor", "limit"), obj{"sendID": sentToMany}},
	{
		"message/delete_matching",
		named("xcUserID", "userID", "from", "until", "xcRoomID", "roomID", "localID"),
		obj{"xcUserID": "stranger", "xcRoomID": "frozen", "localID": deletedBefore},
	},
	{"message/delete_matching/get", named("deletionID"), obj{"deletionID": deletedBefore}},
	{"retention/set", named("days", "tag"), obj{"days": 36500, "tag": "x"}},
	{"retention/delete", named("tag"), obj{"tag": "x"}},
	{
		"role/create_or_update",
		[][2]string{{"code", "code"}, {"name", "name"}, {"iconURL", "iconURL"}},
		obj{"code": "unused"},
	},
	{"role/delete", [][2]string{{"code", "code"}, {"replacementCode", "replacementCode"}}, obj{"code": "never"}},
	{"role/list", [][2]string{{"limit", "limit"}, {"afterCode", "afterCode"}}, obj{}},
	{"report/list", [][2]string{{"limit", "limit"}, {"afterReportID", "afterReportID"}, {"state", "state"}}, obj{}},
	{
		"audit/list",
		[][2]string{
			{"from", "from"},
			{"until", "until"},
			{"action", "action"},
			{"objectType", "objectType"},
			{"objectID", "objectID"},
			{"limit", "limit"},
			{"before", "before"},
		},
		obj{},
	},
}

// sentToMany is the localID of a message that prepare has sent to many rooms.
const sentToMany = "sent_to_many_rooms_by_a_01234567"

// deletedBefore is the localID of a deletion that prepare has made.
const deletedBefore = "deleted_of_a_stranger_0123456789"

// sentBefore is the localID of a message that prepare has sent.
const sentBefore = "sent_before_by_a_0123456789abcdef"

// prepare makes the world that the endpoints' good bodies are made for, and makes the calls with them.
func prepare(t testing.TB, s *servertest.App) {
	t.Helper()
	populate(t, s)
	for _, e := range endpoints {
		do(t, s, e.path, e.good)
	}
}

// populate makes the world of prepare before those calls.
func populate(t testing.TB, s *servertest.App) {
	t.Helper()
	putUser(t, s, "a", obj{"email": "a@example.org"})
	putUser(t, s, "b", obj{"userRoleCode": "agent"})
	putUsers(t, s, "stranger", "idle")
	putRoom(t, s, "r", obj{
		"participantXCUserIDs": list{"a"}, "participantUserRoles": list{"agent"}, "tags": list{"x"}, "photoThumbnailURL": "t",
	})
	putRoom(t, s, "locked", obj{"participantXCUserIDs": list{"a"}})
	do(t, s, "room/lock", obj{"xcRoomID": "locked", "xcUserID": "a"})
	putRoom(t, s, "gone", nil)
	putRoom(t, s, "frozen", nil)
	sendBody(t, s, textMessage("a", "r", "hi", obj{"localID": sentBefore}))
	do(t, s, "role/create_or_update", obj{"code": "agent", "name": "Agent"})
}

// snapshot is what can be seen of that world.
func snapshot(t testing.TB, s *servertest.App) string {
	t.Helper()
	var b bytes.Buffer
	for _, q := range []struct {
		path string
		body obj
	}{
		{"room/get", obj{"xcRoomID": "r"}},
		{"room/get", obj{"xcRoomID": "locked"}},
		{"room/get_list_by_user", obj{"xcUserID": "a"}},
		{"room/get_list_by_user", obj{"xcUserID": "b"}},
		{"role/list", obj{}},
	} {
		b.Write(call(t, s, q.path, q.body).Data)
		b.WriteByte('\n')
	}
	return b.String()
}

// unchanged fails the test if test changes the world of prepare.
func unchanged(t *testing.T, s *servertest.App, test func()) {
	t.Helper()
	before := snapshot(t, s)
	test()
	if after := snapshot(t, s); after != before {
		t.Errorf("refused calls changed something:\n%s\n%s", before, after)
	}
}

// with is e's good body with another value for a parameter.
func (e endpoint) with(param string, value any) obj {
	body := maps.Clone(e.good)
	if container, inner, ok := strings.Cut(param, "/"); ok {
		entry := maps.Clone(body[container].(list)[0].(obj))
		entry[inner] = value
		body[container] = list{entry}
	} else if container, inner, ok := strings.Cut(param, "."); ok {
		body[container] = obj{inner: value}
	} else {
		body[param] = value
	}
	return body
}

// text is a body as JSON.
func text(t testing.TB, body any) string {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// schemaOf finds a parameter in the description.
func (c *contract) schemaOf(t testing.TB, path, param string) obj {
	t.Helper()
	schema := c.request(path)
	for _, name := range strings.FieldsFunc(strings.ReplaceAll(param, "/", "/[]/"), func(r rune) bool {
		return r == '/' || r == '.'
	}) {
		if name == "[]" {
			schema = c.resolve(schema["items"].(obj))
			continue
		}
		property, ok := schema["properties"].(obj)[name].(obj)
		if !ok {
			t.Fatalf("%s has no parameter %s in its description", path, param)
		}
		schema = c.resolve(property)
	}
	return schema
}

// request is the schema of a call's body.
func (c *contract) request(path string) obj {
	return c.requestOf("/v1/server/" + path)
}

// resolve puts a reference's target under what stands beside the reference.
func (c *contract) resolve(schema obj) obj {
	ref, ok := schema["$ref"].(string)
	if !ok {
		return schema
	}
	target := any(c.doc)
	for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		target = target.(obj)[name]
	}
	merged := maps.Clone(c.resolve(target.(obj)))
	maps.Copy(merged, schema)
	return merged
}

// paramNames lists the parameters of a schema in endpoint's notation.
func (c *contract) paramNames(schema obj) (names []string) {
	properties, _ := schema["properties"].(obj)
	for name, p := range properties {
		names = append(names, name)
		property := c.resolve(p.(obj))
		for _, inner := range c.paramNames(property) {
			names = append(names, name+"."+inner)
		}
		if items, ok := property["items"].(obj); ok {
			for _, inner := range c.paramNames(c.resolve(items)) {
				names = append(names, name+"/"+inner)
			}
		}
	}
	slices.Sort(names)
	return names
}

// kinds are the types that a schema allows, without null.
func kinds(schema obj) (out []string) {
	switch kind := schema["type"].(type) {
	case string:
		out = []string{kind}
	case list:
		for _, k := range kind {
			if k != "null" {
				out = append(out, k.(string))
			}
		}
	}
	return out
}

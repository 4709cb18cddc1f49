package api_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// check validates a value the way OpenAPI 3.1 means it. Without the option the validator
// would skip const and other keywords that make the schemas strict.
func check(media *openapi3.MediaType, value any) error {
	return media.Schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020())
}

func TestExamplesFitTheirSchemas(t *testing.T) {
	for path, item := range load(t).Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody != nil {
				checkExamples(t, method+" "+path+" request", request(op))
			}
			for status, response := range op.Responses.Map() {
				for _, media := range response.Value.Content {
					checkExamples(t, method+" "+path+" "+status, media)
				}
			}
		}
	}
}

func checkExamples(t *testing.T, where string, media *openapi3.MediaType) {
	t.Helper()
	for name, example := range media.Examples {
		if err := check(media, example.Value.Value); err != nil {
			t.Errorf("%s, example %s: %v", where, name, err)
		}
	}
}

// TestAnswersAreClosed looks at every object that answers are made of: no key may be
// missing but those that are marked, none may be added, and nothing may be null.
func TestAnswersAreClosed(t *testing.T) {
	for _, item := range load(t).Paths.Map() {
		for _, op := range item.Operations() {
			for _, response := range op.Responses.Map() {
				media := response.Value.Content.Get("application/json")
				if media != nil && op.OperationID != "openapi" {
					checkClosed(t, op.OperationID, media.Schema.Value)
				}
			}
		}
	}
}

func checkClosed(t *testing.T, where string, schema *openapi3.Schema) {
	t.Helper()
	if schema.Type.Includes("null") {
		t.Errorf("%s may be null", where)
	}
	if schema.Type.Is("object") && len(schema.Properties) > 0 {
		if open := schema.AdditionalProperties.Has; open == nil || *open {
			t.Errorf("%s takes stray keys", where)
		}
		required := slices.Sorted(slices.Values(schema.Required))
		keys := slices.DeleteFunc(slices.Sorted(maps.Keys(schema.Properties)), func(key string) bool {
			return optional(schema.Properties[key])
		})
		if !slices.Equal(required, keys) {
			t.Errorf("%s requires %q of %q", where, required, keys)
		}
	}
	for _, part := range slices.Concat(schema.OneOf, schema.AllOf) {
		checkClosed(t, where, part.Value)
	}
	for name, property := range schema.Properties {
		checkClosed(t, where+"."+name, property.Value)
	}
	if schema.Items != nil {
		checkClosed(t, where+"[]", schema.Items.Value)
	}
}

// optional reports whether an answer may be without a key. The mark may stand beside a $ref.
func optional(property *openapi3.SchemaRef) bool {
	return property.Extensions["x-parlor-optional"] == true ||
		property.Ref == "" && property.Value.Extensions["x-parlor-optional"] == true
}

// TestValidatorIsStrict shows that a validator makes of this what is meant: it changes
// the example of an answer a little, in every place, and none may be valid.
func TestValidatorIsStrict(t *testing.T) {
	media := answer(byID(t)["addParticipants"])
	for _, name := range []string{"success", "40002"} {
		value := media.Examples[name].Value.Value
		mutate(value, name, func(where string) {
			if check(media, value) == nil {
				t.Errorf("%s: still valid", where)
			}
		})
	}
}

// mutate calls try with each fault that it puts into value, and takes the fault back.
func mutate(value any, path string, try func(where string)) {
	switch value := value.(type) {
	case map[string]any:
		value["stray"] = true
		try(path + " with a stray key")
		delete(value, "stray")
		for _, key := range slices.Sorted(maps.Keys(value)) {
			kept := value[key]
			delete(value, key)
			try(path + " without " + key)
			value[key] = nil
			try(path + " with null for " + key)
			value[key] = kept
			mutate(kept, path+"."+key, try)
		}
	case []any:
		for i := range value {
			kept := value[i]
			value[i] = nil
			try(path + " with a null entry")
			value[i] = kept
			mutate(kept, path+"[]", try)
		}
	}
}

func TestAnswers(t *testing.T) {
	const create, lock, list = "createOrUpdateRoom", "lockRoom", "listRoomsByUser"
	tests := []struct {
		name, op, json string
		ok             bool
	}{
		{"number style", create, failure(400, "40002", "Param 'name' is required", "103"), true},
		{"name in a call that answers numbers", create, failure(400, "40002", "Param 'name' is required", "name"), false},
		{"parameter fault without field", create, failure(400, "40002", "", ""), false},
		{"unreadable body", create, failure(400, "40002", "The body broke off", ""), true},
		{"name style", lock, failure(400, "40002", "Param 'xcRoomID' is required", "xcRoomID"), true},
		{"number in a call that answers names", lock, failure(400, "40002", "Param 'xcRoomID' is required", "101"), false},
		{"status that is not the code's", lock, failure(400, "40401", "Room is not found", ""), false},
		{"not found in other words", lock, failure(404, "40401", "No such room", ""), false},
		{"not found where nothing is looked for", list, failure(404, "40401", "User is not found", ""), false},
		{"conflict where there is none", lock, failure(409, "40901", "Taken", ""), false},
		{"unknown code", list, failure(403, "40301", "Forbidden", ""), false},
		{"failure with data", lock, `{"status":500,"error":{"code":"50000","message":"x","field":""},"data":{"a":1}}`, false},
		{"success with an error", lock, `{"status":200,"error":{"code":"","message":"x","field":""},` +
			`"data":{"success":false,"message":"The room is already locked"}}`, false},
		{"success in better spelling", lock, `{"status":200,"error":{"code":"","message":"","field":""},` +
			`"data":{"success":true,"message":"The room has been locked successfully"}}`, false},
	}
	ops := byID(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := check(answer(ops[tt.op]), parse(t, tt.json))
			if (err == nil) != tt.ok {
				t.Errorf("valid: %v, want %v: %v", err == nil, tt.ok, err)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	const (
		create, get, add = "createOrUpdateRoom", "getRoom", "addParticipants"
		send, sync       = "sendMessage", "syncContacts"
		id32             = "abcdefghijklmnopqrstuvwxyz_-0123"
	)
	tests := []struct {
		name, op, json string
		ok             bool
	}{
		{"least room", create, `{"xcRoomID":"r","type":4,"name":"n"}`, true},
		{"unknown keys are ignored", create, `{"xcRoomID":"r","type":2,"name":"n","more":1}`, true},
		{"nulls count as absent", create, `{"xcRoomID":"r","type":2,"name":"n","tags":null,"photoFullsizeURL":null}`, true},
		{"no room type 1", create, `{"xcRoomID":"r","type":1,"name":"n"}`, false},
		{"characters, not bytes", create, `{"xcRoomID":"` + strings.Repeat("ü", 50) + `","type":2,"name":"n"}`, true},
		{"long id", create, `{"xcRoomID":"` + strings.Repeat("x", 51) + `","type":2,"name":"n"}`, false},
		{"NUL", create, `{"xcRoomID":"r","type":2,"name":"n\u0000"}`, false},
		{"empty tag", create, `{"xcRoomID":"r","type":2,"name":"n","tags":[""]}`, false},
		{"limit of 0", get, `{"xcRoomID":"r","participantsLimit":0}`, false},
		{"nobody to add", add, `{"xcRoomID":"r","participantXCUserIDs":[]}`, false},
		{"boolean", sync, `{"contacts":[{"ownerXCUserID":"a","contactXCUserID":"b","isDeleted":true}]}`, true},
		// The server takes this one too; the description says so in words, for the sake of generators.
		{"boolean as a text", sync, `{"contacts":[{"ownerXCUserID":"a","contactXCUserID":"b","isDeleted":"true"}]}`, false},
		{"to a user", send, `{"messageType":1001,"body":"b","senderUserID":"7","recipientUserID":"8"}`, true},
		{
			"empty targets do not count", send,
			`{"messageType":3999,"body":"b","senderUserID":"7","recipientUserID":"8","roomID":""}`, true,
		},
		{
			"two targets", send, `{"messageType":1001,"body":"b","senderUserID":"7","recipientUserID":"8","roomID":"g1"}`,
			false,
		},
		{"no target", send, `{"messageType":1001,"body":"b","senderUserID":"7"}`, false},
		{"no sender", send, `{"messageType":1001,"body":"b","xcRoomID":"r","senderUserID":""}`, false},
		{
			"two senders", send, `{"messageType":1001,"body":"b","xcRoomID":"r","senderUserID":"7","senderXCUserID":"a"}`,
			false,
		},
		{"message type of Parlor's", send, `{"messageType":9001,"body":"b","senderUserID":"7","roomID":"g1"}`, false},
		{"localID", send, `{"messageType":1001,"body":"b","senderUserID":"7","roomID":"g1","localID":"` + id32 + `"}`, true},
		{"short localID", send, `{"messageType":1001,"body":"b","senderUserID":"7","roomID":"g1","localID":"abc"}`, false},
		{"data as an object", send, `{"messageType":3000,"body":"b","senderUserID":"7","roomID":"g1","data":{}}`, false},
	}
	ops := byID(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := check(request(ops[tt.op]), parse(t, tt.json))
			if (err == nil) != tt.ok {
				t.Errorf("valid: %v, want %v: %v", err == nil, tt.ok, err)
			}
		})
	}
}

func byID(t *testing.T) map[string]*openapi3.Operation {
	t.Helper()
	out := map[string]*openapi3.Operation{}
	for _, op := range calls(t) {
		out[op.OperationID] = op
	}
	return out
}

func parse(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func failure(status int, code, message, field string) string {
	text, _ := json.Marshal(map[string]any{
		"status": status,
		"error":  map[string]string{"code": code, "message": message, "field": field},
		"data":   map[string]any{},
	})
	return string(text)
}

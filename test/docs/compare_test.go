package docs_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parlor/internal/powertalk/cipher"
)

// The keys whose values differ from run to run.
var (
	ids   = []string{"roomID", "userID", "messageID", "recipientID", "targetID"}
	times = []string{"created", "updated", "deleted", "lockedTime", "lastLogin", "lastActivity"}
)

// differences compares an answer with the one that a document shows. The document may
// leave keys out. Ids need to have the same form only, times to be given or not, and
// enciphered texts to say the same.
func differences(at string, shown, real any) []string {
	switch shown := shown.(type) {
	case map[string]any:
		object, ok := real.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, not an object", at, real)}
		}
		var all []string
		for key, value := range shown {
			got, present := object[key]
			name := at + "." + key
			switch {
			case !present:
				all = append(all, name+" is not in the answer")
			case slices.Contains(ids, key):
				if form(value) != form(got) {
					all = append(all, fmt.Sprintf("%s is %v, shown as %v", name, got, value))
				}
			case slices.Contains(times, key):
				if (value == 0.0) != (got == 0.0) {
					all = append(all, fmt.Sprintf("%s is %v, shown as %v", name, got, value))
				}
			case key == "body" && plain(shown) != "":
				if plain(shown) != plain(object) {
					all = append(all, fmt.Sprintf("%s says %q, shown is %q", name, plain(object), plain(shown)))
				}
			default:
				all = append(all, differences(name, value, got)...)
			}
		}
		return all
	case []any:
		list, ok := real.([]any)
		if !ok || len(list) != len(shown) {
			return []string{fmt.Sprintf("%s is %v, shown with %d entries", at, real, len(shown))}
		}
		var all []string
		for i := range shown {
			all = append(all, differences(fmt.Sprintf("%s[%d]", at, i), shown[i], list[i])...)
		}
		return all
	}
	if !reflect.DeepEqual(shown, real) {
		return []string{fmt.Sprintf("%s is %v, shown as %v", at, real, shown)}
	}
	return nil
}

// form is an id without its digits; "0", which is nobody, stays.
func form(id any) string {
	text, _ := id.(string)
	if text == "0" {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, text)
}

// plain is the text of a message, "" if the object is none or does not decipher.
func plain(message map[string]any) string {
	body, _ := message["body"].(string)
	localID, _ := message["localID"].(string)
	text, err := cipher.Decrypt(body, localID)
	if err != nil {
		return ""
	}
	return text
}

func TestDifferences(t *testing.T) {
	const shown = `{"a":{"roomID":"g1","created":5,"deleted":0,"list":[{"b":1},{"b":2}]},"text":"x"}`
	tests := []struct{ real, want string }{
		{`{"a":{"roomID":"g77","created":9,"deleted":0,"more":1,"list":[{"b":1,"c":3},{"b":2}]},"text":"x"}`, ""},
		{`{"a":{"roomID":"t1","created":5,"deleted":0,"list":[{"b":1},{"b":2}]},"text":"x"}`, ".a.roomID is t1, shown as g1"},
		{`{"a":{"roomID":"0","created":5,"deleted":0,"list":[{"b":1},{"b":2}]},"text":"x"}`, ".a.roomID is 0, shown as g1"},
		{`{"a":{"roomID":"g1","created":5,"deleted":8,"list":[{"b":1},{"b":2}]},"text":"x"}`, ".a.deleted is 8, shown as 0"},
		{
			`{"a":{"roomID":"g1","created":5,"deleted":0,"list":[{"b":1}]},"text":"x"}`,
			".a.list is [map[b:1]], shown with 2 entries",
		},
		{
			`{"a":{"roomID":"g1","created":5,"deleted":0,"list":[{"b":1},{"b":3}]},"text":"x"}`,
			".a.list[1].b is 3, shown as 2",
		},
		{`{"a":{"roomID":"g1","created":5,"deleted":0,"list":[{"b":1},{"b":2}]}}`, ".text is not in the answer"},
	}
	for _, tt := range tests {
		got := strings.Join(differences("", decode(t, "shown", shown)[0], decode(t, "real", tt.real)[0]), "; ")
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.real, got, tt.want)
		}
	}
}

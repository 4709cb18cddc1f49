package bundle

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// serverPrefix is where the calls of the server API are.
const serverPrefix = "/v1/server/"

// serverCall is a call of the server API, as a client in some language offers it.
type serverCall struct {
	op     *yaml.Node
	path   string // behind serverPrefix, as in room/participants/add
	group  string // what it is about, as in participants
	method string // what it does to that, as in add
}

// irregular are the groups whose names do not follow from paths by adding an s.
var irregular = map[string]string{
	"room/participants": "participants",
	"auth_ticket":       "tickets",
	"before_hook":       "beforeHook",
	"events":            "events",
	"audit":             "audit",
}

// serverCalls are the calls of the server API, in the order of the document. Their names follow from
// their paths, so that a new call needs no line here: room/data/set is setData of rooms.
func (c calls) serverCalls() ([]serverCall, error) {
	var all []serverCall
	taken := make(map[string]string)
	for path, item := range pairs(get(c.root, "paths")) {
		short, ok := strings.CutPrefix(path, serverPrefix)
		op := get(item, "post")
		if !ok || op == nil {
			continue
		}
		call := serverCall{op: op, path: short}
		call.group, call.method = names(short)
		name := call.group + "." + call.method
		if call.method == "" || taken[name] != "" {
			return nil, fmt.Errorf("%s: its name would be %q, as that of %q", path, name, taken[name])
		}
		taken[name] = short
		all = append(all, call)
	}
	return all, nil
}

// names are the group and the method of a path. What is done stands last in a path and first in a
// method's name, except where somebody sends something: message/send/custom is sendCustom.
func names(path string) (group, method string) {
	words := strings.Split(path, "/")
	head, rest := words[0], words[1:]
	if name := irregular[strings.Join(words[:min(2, len(words))], "/")]; name != "" && len(words) > 2 {
		return name, methodName(words[2:])
	}
	if name := irregular[head]; name != "" {
		return name, methodName(rest)
	}
	return camel(head) + "s", methodName(rest)
}

func methodName(words []string) string {
	if last := len(words) - 1; last > 0 && words[0] != "send" {
		words = append([]string{words[last]}, words[:last]...)
	}
	return camel(strings.Join(words, "_"))
}

// camel is a name with underscores in camel case.
func camel(s string) string {
	first, rest, _ := strings.Cut(s, "_")
	for word := range strings.SplitSeq(rest, "_") {
		if word != "" {
			first += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return first
}

// params is the schema of what a call takes, nil if it takes nothing.
func (call serverCall) params() *yaml.Node {
	return get(call.op, "requestBody", "content", "application/json", "schema")
}

// data is the schema of what a success answers.
func (c calls) data(call serverCall) *yaml.Node {
	for _, variant := range items(get(answerOf(call.op), "schema", "oneOf")) {
		if data := get(c.resolve(variant), "properties", "data"); data != nil {
			return data // the success comes first
		}
	}
	return nil
}

// changes reports whether a call changes something: those that do take a key.
func (call serverCall) changes() bool {
	for _, p := range items(get(call.op, "parameters")) {
		if value(p, "$ref") == "#/components/parameters/IdempotencyKey" {
			return true
		}
	}
	return false
}

package bundle

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// tsHead begins the generated part of the TypeScript client.
const tsHead = `// Made from api/openapi.yaml by ` + "`go generate ./api`" + `. Do not change it here.

import type { CallOptions, Caller } from "./call.ts";
import { byCursor, byLast, byOffset } from "./page.ts";
`

// TypeScript is what follows from the document, as Make returns it, in the TypeScript client: the
// types of what the calls of the server API take and answer, and a method for each of them.
func TypeScript(document []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	types := &tsTypes{calls: calls{root: doc.Content[0]}, written: make(map[string]string)}
	all, err := types.serverCalls()
	if err != nil {
		return nil, err
	}
	var groups []string
	methods := make(map[string]string)
	for _, call := range all {
		text, err := types.method(call)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", call.path, err)
		}
		if !slices.Contains(groups, call.group) {
			groups = append(groups, call.group)
		}
		methods[call.group] += text
	}
	var out strings.Builder
	out.WriteString(tsHead)
	for _, group := range groups {
		fmt.Fprintf(&out, "\n/** The calls of the server API that are below %s. */\nexport class %s {\n%s%s}\n",
			"`"+group+"`", className(group), tsConstructor, methods[group])
	}
	out.WriteString(tsCalls(groups))
	out.WriteString(types.all())
	return []byte(out.String()), nil
}

const tsConstructor = `  readonly #api: Caller;

  constructor(api: Caller) {
    this.#api = api;
  }
`

// className is the class that has the calls of a group: that of rooms is RoomCalls.
func className(group string) string {
	name := strings.TrimSuffix(group, "s")
	return strings.ToUpper(name[:1]) + name[1:] + "Calls"
}

// tsCalls is the class that has all groups.
func tsCalls(groups []string) string {
	var fields, made strings.Builder
	for _, group := range groups {
		fmt.Fprintf(&fields, "  readonly %s: %s;\n", group, className(group))
		fmt.Fprintf(&made, "    this.%s = new %s(api);\n", group, className(group))
	}
	return "\n/** All calls of the server API, by what they are about. */\nexport class ServerCalls {\n" +
		fields.String() + "\n  constructor(api: Caller) {\n" + made.String() + "  }\n}\n"
}

// method is the method of a call and, if that answers a list in pages, a second one that reads all.
func (t *tsTypes) method(call serverCall) (string, error) {
	data, err := t.expr(t.data(call), "")
	if err != nil {
		return "", err
	}
	params, pass := "", "{}"
	if schema := call.params(); schema != nil {
		t.taken = true
		name, err := t.expr(schema, "")
		t.taken = false
		if err != nil {
			return "", err
		}
		params, pass = "params: "+name, "params"
		if value(call.op, "requestBody", "required") != "true" {
			params += " = {}"
		}
		params += ", "
	}
	does := "read"
	if call.changes() {
		does = "change"
	}
	about := value(call.op, "summary") + ": `" + call.path + "`.\n\n" + value(call.op, "description")
	text := fmt.Sprintf("\n%s  %s(%soptions?: CallOptions): Promise<%s> {\n    return this.#api.%s(%q, %s, options);\n  }\n",
		docComment(about, "  "), call.method, params, data, does, call.path, pass)
	pages, err := t.pages(call, params)
	return text + pages, err
}

// pages is a method that walks through all pages of a list, "" if the call answers no pages, waits for what is to
// come, or does not say where the next page begins.
func (t *tsTypes) pages(call serverCall, params string) (string, error) {
	takes := get(t.resolve(call.params()), "properties")
	answers := get(t.resolve(t.data(call)), "properties")
	if takes == nil || get(answers, "hasMore") == nil || get(takes, "wait") != nil {
		return "", nil
	}
	list := ""
	for name, property := range pairs(answers) {
		if value(t.resolve(property), "type") == "array" && list == "" {
			list = name
		}
	}
	each := get(t.resolve(get(answers, list)), "items")
	walk := t.walk(takes, answers, t.resolve(each), list)
	if list == "" || walk == "" {
		return "", nil
	}
	of, err := t.expr(each, "")
	return fmt.Sprintf(`
  /** All that %s lists, page by page: a page is asked for when the one before it was dealt with. */
  %sAll(%soptions?: CallOptions): AsyncGenerator<%s, void, undefined> {
    return %s;
  }
`, "`"+call.method+"`", call.method, params, of, fmt.Sprintf(walk, call.method)), err
}

// walk is the call that goes from page to page, with %s for the name of the method, "" if no way is known.
func (t *tsTypes) walk(takes, answers, each *yaml.Node, list string) string {
	for _, next := range []string{"nextCursor", "cursor"} {
		if get(takes, "cursor") != nil && get(answers, next) != nil {
			return fmt.Sprintf("byCursor(params.cursor, (cursor) => this.%%s({ ...params, cursor }, options), (page) => page.%s, (page) => page.%s)", list, next)
		}
	}
	if get(takes, "offset") != nil {
		return fmt.Sprintf("byOffset(params.offset, (offset) => this.%%s({ ...params, offset }, options), (page) => page.%s)", list)
	}
	for name := range pairs(takes) {
		key := ""
		if after, ok := strings.CutPrefix(name, "after"); ok {
			key = strings.ToLower(after[:1]) + after[1:]
		} else if name == "before" {
			for first := range pairs(get(each, "properties")) { // which is the id
				key = first
				break
			}
		}
		if key != "" && get(each, "properties", key) != nil {
			return fmt.Sprintf("byLast(params.%s, (%s) => this.%%s({ ...params, %s }, options), (page) => page.%s, (last) => last.%s)",
				name, name, name, list, key)
		}
	}
	return ""
}

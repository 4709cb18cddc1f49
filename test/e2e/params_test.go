package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// wrong are values that no parameter of a type can have.
var wrong = map[string]list{
	"string": {1, 1.5, true, false, list{}, list{"x"}, obj{}, obj{"x": "y"}},
	"integer": {
		"2", "", 2.5, json.Number("99999999999999999999"), json.Number("-99999999999999999999"), json.Number("1e999"),
		true,
		list{},
		list{2},
		obj{},
	},
	"array":   {"x", "", "[]", 1, true, obj{}, list{1}, list{nil}, list{"x", nil}, list{list{}}, list{true}},
	"boolean": {"yes", "", 0, 1, list{}, obj{}},
	"object":  {"x", "", "{}", 1, true, list{}, list{obj{}}},
}

// TestWrongTypes gives every parameter every kind of value that it cannot have. The answer
// names the parameter as the description says: by its number, or by its name.
func TestWrongTypes(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		unchanged(t, s, func() {
			for _, e := range endpoints {
				for _, p := range e.params {
					schema := c.schemaOf(t, e.path, p[0])
					for _, value := range wrong[kinds(schema)[0]] {
						a := call(t, s, e.path, e.with(p[0], value))
						want := p[1]
						if number, ok := schema["x-parlor-param"].(string); ok && number != want {
							t.Errorf("%s %s: number %s in the description", e.path, p[0], number)
						}
						name := p[0][strings.LastIndexByte(p[0], '/')+1:]
						if a.Error.Code != "40002" || a.Error.Field != want || !strings.HasPrefix(a.Error.Message, "Param '"+name+"' ") {
							t.Errorf("%s with %s = %v: %s, want field %s", e.path, p[0], value, a.Body, want)
						}
					}
				}
			}
		})
	})
}

// TestOrderOfChecks makes all parameters wrong from one on: that one is named, whichever
// it is. So the first fault wins.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		unchanged(t, s, func() {
			for _, e := range endpoints {
				for first := range e.params {
					body := e.with("unknown", 1)
					for _, p := range e.params[first:] {
						if strings.ContainsAny(p[0], "/.") {
							continue
						}
						body[p[0]] = wrong[kinds(c.schemaOf(t, e.path, p[0]))[0]][0]
					}
					if strings.ContainsAny(e.params[first][0], "/.") {
						body = e.inner(first, c, t)
					}
					if a := call(t, s, e.path, body); a.Error.Code != "40002" || a.Error.Field != e.params[first][1] {
						t.Errorf("%s, wrong from %s on: %s", e.path, e.params[first][0], a.Body)
					}
				}
			}
		})
	})
}

// inner is a body whose inner parameters are wrong from the given one on.
func (e endpoint) inner(first int, c *contract, t testing.TB) obj {
	t.Helper()
	container, _, _ := strings.Cut(strings.ReplaceAll(e.params[first][0], "/", "."), ".")
	entry := obj{}
	for i, p := range e.params {
		inner, ok := strings.CutPrefix(strings.ReplaceAll(p[0], "/", "."), container+".")
		switch {
		case !ok:
		case i < first:
			entry[inner] = "x"
		default:
			entry[inner] = wrong[kinds(c.schemaOf(t, e.path, p[0]))[0]][0]
		}
	}
	if c.schemaOf(t, e.path, container)["items"] != nil {
		return e.with(container, list{entry})
	}
	return e.with(container, entry)
}

// TestRequired: an absent parameter, null and an empty text or list are the same, and
// the message is the one that integrators match on.
func TestRequired(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		unchanged(t, s, func() {
			for _, e := range endpoints {
				needed, _ := c.request(e.path)["required"].(list)
				if e.path == "contact/sync" {
					needed = list{"contacts", "contacts/ownerXCUserID", "contacts/contactXCUserID"}
				}
				for _, p := range e.params {
					schema := c.schemaOf(t, e.path, p[0])
					if !slices.Contains(needed, any(p[0])) {
						if _, null := schema["type"].(list); !null {
							t.Errorf("%s: %s is not required, but may not be null", e.path, p[0])
						}
						if e.good[p[0]] == nil {
							do(t, s, e.path, e.with(p[0], nil))
						}
						continue
					}
					missing := list{nil}
					switch kinds(schema)[0] {
					case "string":
						missing = append(missing, "")
					case "array":
						missing = append(missing, list{})
					}
					for _, value := range missing {
						name := p[0][strings.LastIndexByte(p[0], '/')+1:]
						refuse(t, s, e.path, e.with(p[0], value), required(name, p[1]))
					}
				}
			}
		})
	})
}

// TestLengths: a text fits up to its limit, in characters and not in bytes.
func TestLengths(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		for _, e := range endpoints {
			for _, p := range e.params {
				schema := c.schemaOf(t, e.path, p[0])
				wrap := func(v string) any { return v }
				if items, ok := schema["items"].(obj); ok {
					schema = c.resolve(items)
					wrap = func(v string) any { return list{v} }
				}
				limit, ok := schema["maxLength"].(json.Number)
				_, formed := schema["pattern"]                         // what has a form is refused by that, whatever its length
				if !ok || formed || p[0] == "body" || p[0] == "data" { // whose limits are TestSendRules'
					continue
				}
				n, _ := limit.Int64()
				for _, char := range []string{"x", "界", "😀"} {
					fits, long := strings.Repeat(char, int(n)), strings.Repeat(char, int(n)+1)
					if a := call(t, s, e.path, e.with(p[0], wrap(fits))); a.Error.Code == "40002" && a.Error.Field == p[1] &&
						!oneTarget(a.Error.Message) {
						t.Errorf("%s with %s of %d %s: %s", e.path, p[0], n, char, a.Body)
					}
					if a := call(t, s, e.path, e.with(p[0], wrap(long))); a.Error.Code != "40002" || a.Error.Field != p[1] ||
						!strings.Contains(a.Error.Message, fmt.Sprintf(" %d characters", n)) {
						t.Errorf("%s with %s of %d %s: %s", e.path, p[0], n+1, char, a.Body)
					}
				}
				if a := call(t, s, e.path, e.with(p[0], wrap("a\x00b"))); a.Error.Code != "40002" || a.Error.Field != p[1] {
					t.Errorf("%s with a NUL in %s: %s", e.path, p[0], a.Body)
				}
			}
		}
	})
}

// oneTarget tells the refusal of a second sender or target, which is not about length.
func oneTarget(message string) bool {
	return strings.Contains(message, "must be the only one of") || strings.Contains(message, "must not both be given")
}

// TestParamTable holds endpoints to the description: the same calls, the same parameters.
func TestParamTable(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	for _, e := range slices.Concat(endpoints, feedEndpoints, reportEndpoints, leavingEndpoints) {
		var names []string
		for _, p := range e.params {
			names = append(names, p[0])
		}
		slices.Sort(names)
		documented := slices.DeleteFunc(c.paramNames(c.request(e.path)), func(name string) bool {
			return strings.HasPrefix(name, "rooms/") // of a batch, whose entries are judged each by itself: see TestBatches
		})
		if !slices.Equal(names, documented) {
			t.Errorf("%s: the description has the parameters %q, these tests %q", e.path, documented, names)
		}
	}
}

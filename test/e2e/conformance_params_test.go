package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// unfit are values that a parameter of some type cannot have, not even where devices are given
// more leeway than backends: ids come as texts and as numbers, and lists hold what is no id.
var unfit = map[string]list{
	"string":  {true, list{}, list{"x"}, obj{}, strings.Repeat("x", 200_000), "a\x00b"},
	"integer": {"x", "", 987654321.5, json.Number("1e999"), json.Number("-99999999999999999999"), true, list{}, obj{}},
	"array":   {"x", "", 1, true, obj{}, slices.Repeat(list{"1"}, 20_000), list{nil, true, obj{}, list{}, "", strings.Repeat("9", 500)}},
	"boolean": {"yes", "", 2, list{}, obj{}},
	"object":  {"x", 1, true, list{}},
}

// TestParametersOfDevices gives every parameter of every call of the client API what it cannot have.
// A fault names the parameter, and where SDKs send such values they are passed over: which of
// the two it is stays as it is on file. Nothing that was refused has changed anything.
func TestParametersOfDevices(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	servertest.EmbeddedApp(t, func(t *testing.T, s *servertest.App) {
		w := newGuardedWorld(t, s)
		var seen strings.Builder
		for _, row := range matrix {
			g := w.group(t)
			d := g.devices[row.may[0]]
			good, _ := row.bodyFor(g, d).(obj)
			if good == nil {
				good = obj{}
			}
			schema := c.requestOf("/v1/" + row.path)
			properties, _ := schema["properties"].(obj)
			needed, _ := schema["required"].(list)
			try := func(name, what string, body any) servertest.Answer {
				t.Helper()
				before := g.seen(t)
				if row.file {
					if refusal(d.App.Fetch(t, http.MethodPost, "/v1/"+row.path, d.Headers(d.Access), text(t, body))) == "" {
						fmt.Fprintf(&seen, "%s %s %s: taken\n", row.path, name, what)
						return servertest.Answer{}
					}
				}
				a := d.Try(t, row.path, body)
				checkDevice(t, row.path, a)
				switch {
				case a.Error.Code == "":
					fmt.Fprintf(&seen, "%s %s %s: taken\n", row.path, name, what)
				case a.Error.Code == "40002" && a.Error.Field != name:
					t.Errorf("%s with %s %s: the fault is in %q: %s", row.path, name, what, a.Error.Field, a.Body)
				default:
					fmt.Fprintf(&seen, "%s %s %s: %s\n", row.path, name, what, a.Error.Code)
					if after := g.seen(t); after != before {
						t.Errorf("%s with %s %s is refused, and has changed\n%s\nto\n%s", row.path, name, what, before, after)
					}
				}
				return a
			}
			for _, name := range slices.Sorted(maps.Keys(properties)) {
				with := func(value any) obj {
					body := maps.Clone(good)
					body[name] = value
					return body
				}
				required := slices.Contains(needed, any(name)) ||
					row.path == "chat/message/send/custom" && name == "roomID" // as long as there is no recipient
				if a := try(name, "null", with(nil)); required != (a.Error.Code == "40002") {
					t.Errorf("%s: %s is required: %t; without it: %s", row.path, name, required, a.Body)
				}
				property := c.resolve(properties[name].(obj))
				for _, value := range unfit[kinds(property)[0]] {
					try(name, fmt.Sprintf("%.40s", text(t, value)), with(value))
				}
			}
			if len(properties) == 0 {
				continue // they do not look at their body
			}
			if a := d.Try(t, row.path, "["); a.Error.Code != "40002" {
				t.Errorf("%s with a body that breaks off: %s", row.path, a.Body)
			}
			a := d.Try(t, row.path, obj{"roomID": "g999999", "id": "999999", "userID": "999999", "messageID": "999999"})
			checkDevice(t, row.path, a)
		}
		const golden = "testdata/parameters_of_devices.golden"
		if *update {
			if err := os.WriteFile(golden, []byte(seen.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		sameLines(t, golden, string(want), seen.String())
	})
}

// sameLines says in which lines two texts differ.
func sameLines(t *testing.T, file, want, got string) {
	t.Helper()
	there := map[string]bool{}
	for line := range strings.Lines(want) {
		there[line] = true
	}
	for line := range strings.Lines(got) {
		if !there[line] {
			t.Errorf("not in %s, which -update rewrites: %s", file, line)
		}
		delete(there, line)
	}
	for line := range there {
		t.Errorf("only in %s, which -update rewrites: %s", file, line)
	}
}

// requestOf is the schema of a call's body, nil if it has none that is JSON.
func (c *contract) requestOf(path string) obj {
	op := c.doc["paths"].(obj)[path].(obj)["post"].(obj)
	body, _ := op["requestBody"].(obj)
	content, _ := body["content"].(obj)
	if content["application/json"] == nil {
		return nil
	}
	return c.resolve(content["application/json"].(obj)["schema"].(obj))
}

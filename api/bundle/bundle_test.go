package bundle_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"parlor/api"
	"parlor/api/bundle"
)

func TestDocumentIsFresh(t *testing.T) {
	want, err := bundle.Make(os.DirFS("../parts"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(api.OpenAPI, want) {
		t.Error("api/openapi.yaml is not what its parts say: run `go generate ./api`")
	}
}

func TestProtocolIsFresh(t *testing.T) {
	names, err := filepath.Glob("../../docs/protocol/*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d pages, %v", len(names), err)
	}
	for _, name := range names {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := bundle.Protocol(page, api.OpenAPI)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !bytes.Equal(page, want) {
			t.Errorf("%s is not what the description says: run `go generate ./api`", name)
		}
	}
}

// TestMadeFilesAreFresh holds what follows from the document as a whole to it.
func TestMadeFilesAreFresh(t *testing.T) {
	for name, from := range map[string]func([]byte) ([]byte, error){
		"../postman_collection.json":  bundle.Postman,
		"../../web/client/src/api.ts": bundle.TypeScript,
	} {
		want, err := from(api.OpenAPI)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the description says: run `go generate ./api`", name)
		}
	}
}

const whole = `
parts: [rooms]
openapi: 3.1.0
components: { headers: {} }
failures:
  server: { every: Failure, own: { "40401": NotFound } }
  client: { every: DeviceFailure, own: {} }
  examples: [Internal]
  signedIn: [TokenMissing]
`

const rooms = `
paths:
  /rooms:
    post:
      operationId: getRoom
      answer:
        data: RoomData
        fields: [roomID]
        failures: [NotFound]
        examples:
          success: { summary: The room, data: { room: { $sample: Order, name: Other } } }
components:
  schemas:
    Room: { properties: &keys { name: { type: string } } }
    RoomData: { properties: { <<: *keys, room: { type: object } } }
  examples:
    Internal: { error: { code: "50000", message: Broken } }
    TokenMissing: { error: { code: "40101", message: No token } }
    NotFound: { error: { code: "40401", message: No room } }
samples:
  Order: { name: Order 1001, type: 2 }
`

func parts(whole, rooms string) fstest.MapFS {
	return fstest.MapFS{"document.yaml": {Data: []byte(whole)}, "rooms.yaml": {Data: []byte(rooms)}}
}

// TestMake expands a small document in full.
func TestMake(t *testing.T) {
	text, err := bundle.Make(parts(whole, rooms))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]struct {
			Post struct {
				Responses map[string]struct {
					Content map[string]struct {
						Schema struct {
							OneOf []map[string]string `yaml:"oneOf"`
						}
						Examples map[string]map[string]any
					}
				}
			}
		}
		Components struct {
			Schemas  map[string]map[string]any
			Examples map[string]map[string]any
		}
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	media := doc.Paths["/rooms"].Post.Responses["200"].Content["application/json"]
	var variants []string
	for _, v := range media.Schema.OneOf {
		variants = append(variants, strings.TrimPrefix(v["$ref"], "#/components/schemas/"))
	}
	if got, want := strings.Join(variants, " "), "RoomAnswer GetRoomParamFailure NotFound Failure"; got != want {
		t.Errorf("the answer is one of %s, want %s", got, want)
	}
	for key, want := range map[string]string{
		"success": `{data: {room: {name: Other, type: 2}}, error: {code: "", field: "", message: ""}, status: 200}`,
		"40401":   "",
		"50000":   "",
	} {
		if media.Examples[key] == nil {
			t.Errorf("there is no example %s", key)
		} else if want != "" && flow(t, media.Examples[key]["value"]) != want {
			t.Errorf("example %s is %s, want %s", key, flow(t, media.Examples[key]["value"]), want)
		}
	}
	if media.Examples["40101"] != nil {
		t.Error("a call without a token has the failure of a token that is missing")
	}
	const internal = `{data: {}, error: {code: "50000", field: "", message: Broken}, status: 500}`
	if got := flow(t, doc.Components.Examples["Internal"]["value"]); got != internal {
		t.Errorf("example Internal is %s, want %s", got, internal)
	}
	want := "{properties: {name: {type: string}, room: {type: object}}}"
	if got := flow(t, doc.Components.Schemas["RoomData"]); got != want {
		t.Errorf("RoomData is %s, want %s", got, want)
	}
}

// flow is a value on one line, its keys sorted.
func flow(t *testing.T, v any) string {
	t.Helper()
	var n yaml.Node
	if err := n.Encode(v); err != nil {
		t.Fatal(err)
	}
	n.Style = yaml.FlowStyle
	text, err := yaml.Marshal(&n)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func TestFaultyParts(t *testing.T) {
	tests := []struct {
		name, old, with, want string
	}{
		{"data that is no schema", "data: RoomData", "data: NobodyData", `"NobodyData" is no schema`},
		{"unknown failure", "failures: [NotFound]", "failures: [Nobody]", `no failure "Nobody"`},
		{"failure without a schema", "failures: [NotFound]", "failures: [Internal]", "no schema has code 50000"},
		{"unknown sample", "$sample: Order,", "$sample: Nobody,", `no sample "Nobody"`},
		{"sample in itself", "name: Order 1001", "name: { $sample: Order }", "holds itself"},
		{"schema twice", "    Room: {", "    RoomData: {}\n    Room: {", `"RoomData" is there twice`},
		{"key of the whole document", "samples:", "servers: []\nsamples:", "only document.yaml may have"},
		{"code that is none", `"50000"`, `"5"`, "no error code"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changed := strings.Replace(rooms, tt.old, tt.with, 1)
			if changed == rooms {
				t.Fatalf("the part does not have %q", tt.old)
			}
			if _, err := bundle.Make(parts(whole, changed)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
	t.Run("part that is not listed", func(t *testing.T) {
		files := parts(whole, rooms)
		files["more/rooms.yaml"] = files["rooms.yaml"]
		if _, err := bundle.Make(files); err == nil || !strings.Contains(err.Error(), "more/rooms.yaml") {
			t.Errorf("error %v, want one that names the file", err)
		}
	})
	t.Run("name in two parts", func(t *testing.T) {
		files := parts(strings.Replace(whole, "[rooms]", "[rooms, more]", 1), rooms)
		files["more.yaml"] = &fstest.MapFile{Data: []byte("samples: { Order: {} }")}
		if _, err := bundle.Make(files); err == nil || !strings.Contains(err.Error(), "Order is in another part") {
			t.Errorf("error %v, want one that names the sample", err)
		}
	})
}

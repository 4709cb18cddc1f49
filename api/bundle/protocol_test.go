package bundle_test

import (
	"strings"
	"testing"

	"parlor/api/bundle"
)

const document = `
paths:
  /v1/rooms:
    post:
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/RoomRequest" } } } }
      responses:
        "200":
          content:
            application/json:
              schema:
                oneOf:
                  - { $ref: "#/components/schemas/RoomAnswer" }
                  - { $ref: "#/components/schemas/NotFound" }
                  - { $ref: "#/components/schemas/Failure" }
              examples:
                success: { summary: The room, value: { error: { code: "" } } }
                "40002": { summary: A parameter., value: { error: { code: "40002" } } }
                "40401": { $ref: "#/components/examples/NotFound" }
                40401-user: { summary: There is no such user., value: { error: { code: "40401" } } }
                "40101": { summary: There is no token., value: { error: { code: "40101" } } }
                "49102": { summary: The key is wrong., value: { error: { code: "49102" } } }
                "49103": { summary: The key is unknown., value: { error: { code: "49103" } } }
                "50000": { summary: Broken., value: { error: { code: "50000" } } }
  /v1/nothing: { post: {} }
components:
  examples:
    NotFound: { summary: No room or a|b., value: { error: { code: "40401" } } }
  schemas:
    AnyID: { type: string, x-parlor-limits: an id }
    Name: { description: The name., type: [string, "null"], maxLength: 1000 }
    RoomRequest:
      required: [ids]
      properties:
        ids: { description: The rooms., type: array, maxItems: 10000, items: { $ref: "#/components/schemas/AnyID" } }
        name: { description: "Its name,\n or a|b.", $ref: "#/components/schemas/Name", x-parlor-extension: true }
        type: { type: integer, enum: [2, 4], x-parlor-param: "102" }
        limit: { type: [integer, "null"], minimum: 1, maximum: 1000, default: 1000 }
        quote: { type: object, properties: { title: { type: string, maxLength: 50 } } }
        body: { type: string, maxLength: 4000, x-parlor-limits: at most 4000 UTF-16 units }
        rows: { type: array, maxItems: 9, items: { type: object, properties: { on: { type: boolean } } } }
    RoomAnswer: { properties: { data: { $ref: "#/components/schemas/RoomData" } } }
    RoomData: { properties: { room: {}, users: {}, total: {} } }
    Empty: {}
    NotFound:
      properties:
        error: { properties: { code: { const: "40401" } } }
        data: { $ref: "#/components/schemas/Empty" }
    Failure:
      oneOf:
        - { $ref: "#/components/schemas/InternalFailure" }
        - { $ref: "#/components/schemas/TokenFailure" }
        - { $ref: "#/components/schemas/KeyFailure" }
    InternalFailure: { properties: { error: { properties: { code: { const: "50000" } } } } }
    TokenFailure: { properties: { error: { properties: { code: { enum: ["40101", "40102"] } } } } }
    KeyFailure: { properties: { error: { properties: { code: { enum: ["49102", "49103"] } } } } }
`

// TestProtocol fills in two calls. The first has all failures of keys, which are not told, and one of
// two failures of tokens, which is.
func TestProtocol(t *testing.T) {
	page := strings.Join([]string{
		"# Rooms", "", "| kept |", "",
		"## POST /v1/rooms", "", bundle.Start, "| old |", "", "Old.", bundle.End, "", "Text.", "| kept |", "",
		"## POST /v1/nothing", "", "Text.", "", bundle.Start, bundle.End, "",
	}, "\n")
	want := strings.Join([]string{
		"# Rooms", "", "| kept |", "",
		"## POST /v1/rooms", "", bundle.Start,
		"| parameter | type | need | limit | meaning | No. |",
		"| --- | --- | --- | --- | --- | --- |",
		"| `ids` | list of ids | required | 10,000 ids | The rooms. | |",
		"| `name` **(extension)** | text | optional | 1,000 characters | Its name, or a\\|b. | |",
		"| `type` | number | optional | 2 or 4 | | 102 |",
		"| `limit` | number | optional, 1,000 | 1 to 1,000 | | |",
		"| `quote` | object | optional | `title` 50 characters; each optional | | |",
		"| `body` | text | optional | 4,000 UTF-16 units | | |",
		"| `rows` | list of objects | optional | 9 | | |",
		"| `rows[].on` | boolean | optional | | | |",
		"", "Answers `room`, `users` and `total`.", "",
		"| error of its own | when |",
		"| --- | --- |",
		"| `40401` | No room or a\\|b. |",
		"| `40401` | There is no such user. |",
		"| `40101` | There is no token. |",
		bundle.End, "", "Text.", "| kept |", "",
		"## POST /v1/nothing", "", "Text.", "", bundle.Start, "No parameters.", bundle.End, "",
	}, "\n")
	got, err := bundle.Protocol([]byte(page), []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("the page is\n%s\nwant\n%s", got, want)
	}
	again, err := bundle.Protocol(got, []byte(document))
	if err != nil || string(again) != want {
		t.Errorf("a second time the page is\n%s\n%v", again, err)
	}
}

func TestFaultyPage(t *testing.T) {
	both := bundle.Start + "\n" + bundle.End + "\n"
	tests := []struct{ name, section, want string }{
		{"no such call", "## POST /v1/nowhere\n" + both, "no call /v1/nowhere"},
		{"no markers", "## POST /v1/rooms\n", "/v1/rooms needs"},
		{"no end", "## POST /v1/rooms\n" + bundle.Start + "\n", "/v1/rooms needs"},
		{"markers of the next call", "## POST /v1/rooms\n## POST /v1/nothing\n" + both, "/v1/rooms needs"},
		{"markers twice", "## POST /v1/rooms\n" + both + both, "each once"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := bundle.Protocol([]byte(tt.section), []byte(document))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

const answeredDocument = `
paths:
  /v1/server/thing/list:
    post:
      x-parlor-extension: true
      responses: { "200": { content: { application/json: { schema: { oneOf: [{ $ref: "#/components/schemas/ListAnswer" }] } } } } }
  /v1/server/thing/get:
    post:
      x-parlor-extension: true
      responses: { "200": { content: { application/json: { schema: { oneOf: [{ $ref: "#/components/schemas/GetAnswer" }] } } } } }
  /v1/server/thing/delete:
    post:
      x-parlor-extension: true
      responses: { "200": { content: { application/json: { schema: { oneOf: [{ $ref: "#/components/schemas/DoneAnswer" }] } } } } }
components:
  schemas:
    Room: { type: object, properties: { roomID: { type: string }, name: { type: string } } }
    Thing:
      type: object
      properties:
        roomID: { description: Its room., type: string }
        name: { type: string }
        a: { description: "One\n thing.", type: integer }
        b: { type: boolean }
        c: { type: array, items: { type: string } }
        d: { type: object, properties: { code: { type: string } } }
    Kind: { oneOf: [{ $ref: "#/components/schemas/Room" }] }
    ListAnswer:
      properties:
        data:
          properties:
            things: { description: The things., type: array, items: { $ref: "#/components/schemas/Thing" } }
            room: { description: The room., $ref: "#/components/schemas/Room" }
            hasMore: { type: boolean }
    GetAnswer:
      properties: { data: { properties: { thing: { $ref: "#/components/schemas/Thing" }, of: { $ref: "#/components/schemas/Kind" } } } }
    DoneAnswer: { properties: { data: { properties: { success: { type: boolean } } } } }
`

// TestAnswers makes sure that the objects of an answer are told once, here or where the page of objects has them.
func TestAnswers(t *testing.T) {
	const frame = bundle.Start + "\n" + bundle.End + "\n"
	page := "## POST /v1/server/thing/list\n" + frame + "## POST /v1/server/thing/get\n" + frame + "## POST /v1/server/thing/delete\n" + frame
	want := strings.Join([]string{
		"## POST /v1/server/thing/list", bundle.Start, "No parameters.", "", "Answers `things`, `room` and `hasMore`.", "",
		"| answer | type | meaning |",
		"| --- | --- | --- |",
		"| `things` | list of objects | The things. Each has the keys of [room](objects.md#room), and: |",
		"| `things[].a` | number | One thing. |",
		"| `things[].b` | boolean | |",
		"| `things[].c` | list of texts | |",
		"| `things[].d` | object | |",
		"| `things[].d.code` | text | |",
		"| `room` | object | The room. Has the keys of [room](objects.md#room). |",
		"| `hasMore` | boolean | |",
		bundle.End,
		"## POST /v1/server/thing/get", bundle.Start, "No parameters.", "", "Answers `thing` and `of`.", "",
		"| answer | type | meaning |",
		"| --- | --- | --- |",
		"| `thing` | object | Has the keys of [thing/list](#post-v1serverthinglist). |",
		"| `of` | object | |",
		bundle.End,
		"## POST /v1/server/thing/delete", bundle.Start, "No parameters.", "", "Answers `success`.", bundle.End, "",
	}, "\n")
	got, err := bundle.Protocol([]byte(page), []byte(answeredDocument))
	if err != nil || string(got) != want {
		t.Errorf("the page is\n%s\nwant\n%s\n%v", got, want, err)
	}
}

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
  /v1/nothing: { post: {} }
components:
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
`

func TestProtocol(t *testing.T) {
	page := strings.Join([]string{
		"## POST /v1/rooms", "", bundle.Marker, "| old |", "| --- |", "", "Text.", "| kept |", "",
	}, "\n")
	want := strings.Join([]string{
		"## POST /v1/rooms", "", bundle.Marker,
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
		"", "Text.", "| kept |", "",
	}, "\n")
	got, err := bundle.Protocol([]byte(page), []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("the page is\n%s\nwant\n%s", got, want)
	}
}

func TestProtocolWithoutParameters(t *testing.T) {
	for _, path := range []string{"/v1/nothing", "/v1/nowhere"} {
		page := "## POST " + path + "\n" + bundle.Marker + "\n"
		if _, err := bundle.Protocol([]byte(page), []byte(document)); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want one that names %s", err, path)
		}
	}
}

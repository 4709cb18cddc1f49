package bundle_test

import (
	"encoding/json"
	"strings"
	"testing"

	"parlor/api/bundle"
)

const postmanDocument = `
info: { title: API, summary: All of it. }
tags: [{ name: Rooms, description: About rooms. }, { name: Nothing }, { name: Files }]
security: [{ ServerKey: [] }]
paths:
  /v1/server/room/get:
    post:
      tags: [Rooms]
      summary: Get a room
      description: It is got.
      parameters: [{ $ref: "#/components/parameters/IdempotencyKey" }]
      requestBody:
        content:
          application/json:
            examples: { one: { $ref: "#/components/examples/One" }, two: { value: {} } }
  /v1/chat/file/upload:
    post:
      tags: [Files]
      summary: Upload
      security: [{ AppKey: [], Token: [] }]
      requestBody:
        content: { multipart/form-data: { examples: { one: { value: { file: "@a.jpg", caption: The <boat> } } } } }
  /v1/chat/config: { post: { tags: [Files], summary: Config, security: [{ AppKey: [] }] } }
  /docs: { get: { tags: [Files], summary: Page } }
components:
  examples:
    One: { value: { z: "<1>", a: [1, true, null, {}], b: { c: 1.5 }, d: [] } }
`

func TestPostman(t *testing.T) {
	made, err := bundle.Postman([]byte(postmanDocument))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(made) {
		t.Fatalf("the collection is no JSON:\n%s", made)
	}
	compact := strings.Join(strings.Fields(string(made)), " ")
	for _, want := range []string{
		`"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"`,
		`"key": "url", "value": "http://127.0.0.1:8080"`,
		`"name": "Rooms", "description": "About rooms.", "item": [ { "name": "Get a room"`,
		`"header": [ { "key": "Server-Key", "value": "{{serverHeader}}" }, { "key": "Idempotency-Key", "value": "{{$guid}}" } ]`,
		`"raw": "{\n \"z\": \"<1>\",\n \"a\": [\n 1,\n true,\n null,\n {}\n ],\n \"b\": {\n \"c\": 1.5\n },\n \"d\": []\n}"`,
		`"url": { "raw": "{{url}}/v1/server/room/get", "host": [ "{{url}}" ], "path": [ "v1", "server", "room", "get" ] }`,
		`"header": [ { "key": "App-Key", "value": "{{appHeader}}" }, { "key": "Authorization", "value": "Bearer {{token}}" } ]`,
		`"formdata": [ { "key": "file", "type": "file", "src": "" }, { "key": "caption", "type": "text", "value": "The <boat>" } ]`,
		`"header": [ { "key": "App-Key", "value": "{{appHeader}}" } ], "url"`,
	} {
		if !strings.Contains(compact, want) {
			t.Errorf("the collection lacks\n%s\nit is\n%s", want, made)
		}
	}
	for _, not := range []string{`"Nothing"`, `"Page"`} {
		if strings.Contains(compact, not) {
			t.Errorf("the collection has %s", not)
		}
	}
}

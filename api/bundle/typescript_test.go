package bundle_test

import (
	"strings"
	"testing"

	"parlor/api/bundle"
)

const serverDocument = `
paths:
  /v1/client/room/get: { post: {} }
  /v1/server/room/data/set:
    post:
      summary: Set data
      description: "It */ ends.\nNot yet."
      parameters: [{ $ref: "#/components/parameters/IdempotencyKey" }, { $ref: "#/components/parameters/Strict" }]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/SetRequest" } } } }
      responses: { "200": { content: { application/json: { schema: { oneOf: [{ $ref: "#/components/schemas/SetAnswer" }] } } } } }
  /v1/server/room/participants/list:
    post:
      summary: List participants
      requestBody: { required: false, content: { application/json: { schema: { $ref: "#/components/schemas/ListRequest" } } } }
      responses:
        "200": { content: { application/json: { schema: { oneOf: [{ $ref: "#/components/schemas/ListAnswer" }] } } } }
  /v1/server/before_hook/delete:
    post:
      summary: Delete
      responses: { "200": { content: { application/json: { schema: { oneOf: [{ $ref: "#/components/schemas/SetAnswer" }] } } } } }
  /v1/server/message/send/custom:
    post:
      summary: Send
      responses: { "200": { content: { application/json: { schema: { oneOf: [{ $ref: "#/components/schemas/SetAnswer" }] } } } } }
components:
  schemas:
    Unused: { type: string }
    SetRequest:
      type: object
      required: [kind]
      properties:
        kind: { description: What it is., type: string, enum: [a, b] }
        until: { type: [integer, "null"] }
        on: { type: boolean, const: true }
        own: { type: object }
        parts: { type: array, items: { type: [string, "null"] } }
        within: { type: object, properties: { name: { $ref: "#/components/schemas/Name" } } }
    Name: { description: A name., type: [string, "null"] }
    Either: { oneOf: [{ $ref: "#/components/schemas/Empty" }, { $ref: "#/components/schemas/Thing" }] }
    Thing: { type: object, required: [inner], properties: { inner: { $ref: "#/components/schemas/Either" }, own: { type: object } } }
    Empty: { type: object, additionalProperties: false }
    SetAnswer: { properties: { data: { $ref: "#/components/schemas/Thing" } } }
    ListRequest: { type: object, properties: { cursor: { type: string } } }
    ListAnswer: { properties: { data: { $ref: "#/components/schemas/ListData" } } }
    ListData:
      type: object
      required: [things, cursor, hasMore]
      properties:
        things: { type: array, items: { $ref: "#/components/schemas/Thing" } }
        cursor: { type: string }
        hasMore: { type: boolean }
`

func TestTypeScript(t *testing.T) {
	made, err := bundle.TypeScript([]byte(serverDocument))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`
  /**
   * Set data: ` + "`room/data/set`" + `.
   *
   * It * / ends.
   * Not yet.
   */
  setData(params: SetRequest, options?: CallOptions): Promise<Thing> {
    return this.#api.change("room/data/set", params, options);
  }
`,
		`
  list(params: ListRequest = {}, options?: CallOptions): Promise<ListData> {
    return this.#api.read("room/participants/list", params, options);
  }
`,
		"  listAll(params: ListRequest = {}, options?: CallOptions): AsyncGenerator<Thing, void, undefined> {\n" +
			"    return byCursor(params.cursor, (cursor) => this.list({ ...params, cursor }, options), (page) => page.things, (page) => page.cursor);\n",
		`
  delete(options?: CallOptions): Promise<Thing> {
    return this.#api.read("before_hook/delete", {}, options);
  }
`,
		"  sendCustom(options?: CallOptions)",
		`
export class ServerCalls {
  readonly rooms: RoomCalls;
  readonly participants: ParticipantCalls;
  readonly beforeHook: BeforeHookCalls;
  readonly messages: MessageCalls;

  constructor(api: Caller) {
    this.rooms = new RoomCalls(api);
    this.participants = new ParticipantCalls(api);
    this.beforeHook = new BeforeHookCalls(api);
    this.messages = new MessageCalls(api);
  }
}
`,
		`
export interface SetRequest {
  /** What it is. */
  kind: "a" | "b";
  until?: number | null;
  on?: true;
  own?: object;
  parts?: (string | null)[];
  within?: {
    name?: Name;
  };
}
`,
		"\nexport interface Thing {\n  inner: Either;\n  own?: Record<string, unknown>;\n}\n",
		"\n/** A name. */\nexport type Name = string | null;\n",
		"\nexport type Either = Empty | Thing;\n",
		"\nexport type Empty = Record<string, never>;\n",
	} {
		if !strings.Contains(string(made), want) {
			t.Errorf("the file lacks\n%s\nit is\n%s", want, made)
		}
	}
	if strings.Contains(string(made), "Unused") {
		t.Error("the file has a type that no call uses")
	}
}

func TestTypeScriptRefuses(t *testing.T) {
	call := func(path string) string {
		return "  /v1/server/" + path + `: { post: { responses: { "200": { content: { application/json: ` +
			`{ schema: { oneOf: [{ $ref: "#/components/schemas/Answer" }] } } } } } } }
`
	}
	tests := []struct{ name, paths, data, want string }{
		{"two calls of one name", call("room/set_data") + call("room/data/set"), "{ type: string }", "its name would be"},
		{"a call of a group alone", call("room"), "{ type: string }", "its name would be"},
		{"an unknown type", call("room/get"), "{ type: number-like }", `has the type "number-like"`},
		{"an unknown schema", call("room/get"), `{ $ref: "#/components/schemas/None" }`, `no schema "None"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			document := "paths:\n" + tt.paths + "components: { schemas: { Answer: { properties: { data: " + tt.data + " } } } }\n"
			_, err := bundle.TypeScript([]byte(document))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

package bundle

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// answer makes the responses of an operation: every call answers HTTP 200, and the body is
// one of a few envelopes. What the part says of it:
//
//	answer:
//	  file: true                            # the success is a file, and has no data
//	  description: The room, or a failure.  # may be absent
//	  data: RoomData                        # the schema of a success's data
//	  fields: ["101", limit]                # what error.field may hold; absent without parameters
//	  failures: [RoomNotFound]              # examples of the failures that not every call has
//	  examples: { success: { … } }
func (b *bundle) answer(op, answer *yaml.Node) (*yaml.Node, error) {
	data, variants := value(answer, "data"), list()
	isFile := value(answer, "file") == "true"
	switch {
	case isFile:
	case !strings.HasSuffix(data, "Data") || get(b.schemas, data) == nil:
		return nil, fmt.Errorf("the answer's data %q is no schema whose name ends in Data", data)
	default:
		variants = list(ref("schemas", b.envelope(data)))
	}
	if fields := get(answer, "fields"); fields != nil {
		variants.Content = append(variants.Content, ref("schemas", b.paramFailure(value(op, "operationId"), fields)))
	}
	shared := get(b.failures, "server")
	if asks(op, "AppKey") {
		shared = get(b.failures, "client")
	}
	own, err := b.ownFailures(shared, answer)
	if err != nil {
		return nil, err
	}
	variants.Content = append(variants.Content, own...)
	variants.Content = append(variants.Content, ref("schemas", value(shared, "every")))

	examples, err := b.examplesOf(op, answer)
	if err != nil {
		return nil, err
	}
	description := value(answer, "description")
	if description == "" {
		description = "The result, or a failure."
	}
	responses := literal(`
"200":
  headers: { X-Request-Id: { $ref: "#/components/headers/RequestID" } }
  content:
    application/json:
      schema: {}
`)
	response := get(responses, "200")
	response.Content = append([]*yaml.Node{text("description"), text(description)}, response.Content...)
	media := get(response, "content", "application/json")
	oneOf := mapping()
	set(oneOf, "oneOf", variants)
	set(media, "schema", oneOf)
	set(media, "examples", examples)
	if isFile {
		set(get(response, "content"), "application/octet-stream", literal(`schema: { type: string, format: binary }`))
	}
	return responses, nil
}

// ownFailures are the schemas of the failures that not every call has, each once.
func (b *bundle) ownFailures(shared, answer *yaml.Node) ([]*yaml.Node, error) {
	var refs []*yaml.Node
	seen := make(map[string]bool)
	for _, name := range items(get(answer, "failures")) {
		code := b.codeOf(name.Value)
		if code == "" {
			return nil, fmt.Errorf("there is no failure %q", name.Value)
		}
		schema := value(shared, "own", code)
		if schema == "" && !b.signsIn(name.Value) {
			return nil, fmt.Errorf("failure %s: no schema has code %s", name.Value, code)
		}
		if schema != "" && !seen[schema] {
			refs = append(refs, ref("schemas", schema))
		}
		seen[schema] = true
	}
	return refs, nil
}

// examplesOf are the examples of an answer: its own, then its failures, then those of
// every call. They are named after their code; the second of one code has the name of
// its failure behind it.
func (b *bundle) examplesOf(op, answer *yaml.Node) (*yaml.Node, error) {
	examples := mapping()
	for name, example := range pairs(get(answer, "examples")) {
		set(examples, name, example)
	}
	names := items(get(answer, "failures"))
	namesToken := false
	for _, name := range names {
		namesToken = namesToken || b.signsIn(name.Value)
	}
	if asks(op, "Token") && !namesToken {
		names = append(names[:len(names):len(names)], items(get(b.failures, "signedIn"))...)
	}
	for _, name := range append(names[:len(names):len(names)], items(get(b.failures, "examples"))...) {
		key := b.codeOf(name.Value)
		if key == "" {
			return nil, fmt.Errorf("there is no failure %q", name.Value)
		}
		if get(examples, key) != nil {
			key += "-" + name.Value
		}
		set(examples, key, ref("examples", name.Value))
	}
	return examples, nil
}

// signsIn reports whether an example is of a failure of tokens.
func (b *bundle) signsIn(name string) bool {
	for _, n := range items(get(b.failures, "signedIn")) {
		if n.Value == name {
			return true
		}
	}
	return false
}

// asks reports whether an operation needs a credential.
func asks(op *yaml.Node, scheme string) bool {
	for _, choice := range items(get(op, "security")) {
		if get(choice, scheme) != nil {
			return true
		}
	}
	return false
}

// envelope makes the schema of a success, RoomAnswer around RoomData, unless it is there.
func (b *bundle) envelope(data string) string {
	name := strings.TrimSuffix(data, "Data") + "Answer"
	if get(b.schemas, name) == nil {
		set(b.schemas, name, literal(`
type: object
additionalProperties: false
required: [status, error, data]
properties:
  status: { type: integer, const: 200 }
  error: { $ref: "#/components/schemas/NoError" }
  data: { $ref: "#/components/schemas/%s" }
`, data))
	}
	return name
}

// paramFailure makes the schema of the failures of a call's own parameters.
func (b *bundle) paramFailure(operation string, fields *yaml.Node) string {
	name := strings.ToUpper(operation[:1]) + operation[1:] + "ParamFailure"
	schema := literal(`
description: A parameter of this call is missing or not acceptable.
type: object
additionalProperties: false
required: [status, error, data]
properties:
  status: { type: integer, const: 400 }
  error:
    type: object
    additionalProperties: false
    required: [code, message, field]
    properties:
      code: { type: string, const: "40002" }
      message: { type: string, minLength: 1 }
      field:
        type: string
  data: { $ref: "#/components/schemas/Empty" }
`)
	set(get(schema, "properties", "error", "properties", "field"), "enum", fields)
	set(b.schemas, name, schema)
	return name
}

package docs_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"parlor/api"
)

func openAPI(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestEndpoints looks for a section of each call, which `go generate ./api` then fills in.
func TestEndpoints(t *testing.T) {
	calls := map[string][]string{}
	var operator []string
	for path, item := range openAPI(t).Paths.Map() {
		switch {
		case item.Post != nil && strings.HasPrefix(path, "/v1/server/"):
			calls["server-api"] = append(calls["server-api"], "POST "+path)
		case item.Post != nil:
			calls["client-api"] = append(calls["client-api"], "POST "+path)
		}
		if item.Get != nil && path != "/connect" { // which has a page of its own
			operator = append(operator, path)
		}
	}
	for page, real := range calls {
		var documented []string
		for _, h := range parse(t, "docs/protocol/"+page+".md").headings {
			if strings.HasPrefix(h, "POST ") {
				documented = append(documented, h)
			}
		}
		same(t, page, documented, real)
	}
	paths := parse(t, "docs/protocol/operators.md").table(t, "Operator's paths", "path")
	same(t, "operator's paths", paths.names("path"), operator)
}

// TestErrorsOfEveryCall compares what the two APIs are said to answer everywhere with a call of
// each that has no errors of its own.
func TestErrorsOfEveryCall(t *testing.T) {
	for page, path := range map[string]string{
		"server-api": "/v1/server/user/update", "client-api": "/v1/client/contact/list",
	} {
		var text strings.Builder
		for _, l := range parse(t, "docs/protocol/"+page+".md").prose {
			text.WriteString(l.text + " ")
		}
		_, rest, _ := strings.Cut(text.String(), "Errors of every call: ")
		sentence, _, _ := strings.Cut(rest, ". ")
		real := append(errorCodes(openAPI(t).Paths.Value(path).Post), "40002") // which a call without parameters lacks
		same(t, page, quoted(sentence), real)
	}
}

// errorCodes are the codes that a call has examples of.
func errorCodes(op *openapi3.Operation) []string {
	var codes []string
	for _, example := range op.Responses.Status(200).Value.Content.Get("application/json").Examples {
		envelope, _ := example.Value.Value.(map[string]any)
		failure, _ := envelope["error"].(map[string]any)
		if code, _ := failure["code"].(string); code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}

// TestObjects compares the tables of objects with the OpenAPI document.
func TestObjects(t *testing.T) {
	doc := parse(t, "docs/protocol/objects.md")
	schemas := openAPI(t).Components.Schemas
	for heading, schema := range map[string]string{
		"User": "Participant", "Room": "Room", "Message": "Message", "Room result": "RoomChangedData",
	} {
		same(t, heading, doc.table(t, heading, "field").names("field"),
			slices.Collect(maps.Keys(schemas[schema].Value.Properties)))
	}
}

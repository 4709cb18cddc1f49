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

// TestEndpoints looks for a section of each call.
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

// pageOf is the page that describes a call.
func pageOf(t *testing.T, path string) document {
	t.Helper()
	if strings.HasPrefix(path, "/v1/server/") {
		return parse(t, "docs/protocol/server-api.md")
	}
	return parse(t, "docs/protocol/client-api.md")
}

// TestParameters compares the tables of parameters with the OpenAPI document: names,
// numbers, which are required, which are extensions, and limits.
func TestParameters(t *testing.T) {
	for path, item := range openAPI(t).Paths.Map() {
		if item.Post == nil || strings.HasSuffix(path, "/unlock") { // whose table is that of lock
			continue
		}
		t.Run(path, func(t *testing.T) {
			doc := pageOf(t, path)
			if item.Post.RequestBody == nil {
				doc.saysNoParameters(t, "POST "+path)
				return
			}
			tab := doc.table(t, "POST "+path, "parameter")
			real := map[string]parameter{}
			collect("", item.Post.RequestBody.Value.Content.Get("application/json").Schema.Value, real)
			same(t, "parameters", tab.names("parameter"), slices.Collect(maps.Keys(real)))
			extension := item.Post.Extensions["x-parlor-extension"] == true
			for _, row := range tab.rows {
				for _, name := range quoted(tab.cell(row, "parameter")) {
					if p, ok := real[name]; ok {
						p.extension = p.extension && !extension // said once, of the whole call
						p.check(t, name, tab, row)
					}
				}
			}
		})
	}
}

// saysNoParameters looks for the words that stand in the place of a table.
func (d document) saysNoParameters(t *testing.T, heading string) {
	t.Helper()
	below := false
	for _, l := range d.prose {
		if title, ok := strings.CutPrefix(l.text, "## "); ok {
			below = title == heading
		}
		if below && l.text == "No parameters." {
			return
		}
	}
	t.Errorf("%s does not say that it has no parameters", heading)
}

// TestErrorsOfCalls compares the errors that a call is said to have of its own with the
// examples in the OpenAPI document. What all calls of its kind may answer is told once.
func TestErrorsOfCalls(t *testing.T) {
	everywhere := map[string]bool{}
	description := openAPI(t)
	for _, path := range []string{"/v1/server/user/update", "/v1/client/logout"} {
		for _, code := range errorCodes(description.Paths.Value(path).Post) {
			everywhere[code] = true
		}
	}
	for path, item := range description.Paths.Map() {
		if item.Post == nil || strings.HasSuffix(path, "/unlock") { // whose errors are those of lock
			continue
		}
		var want []string
		for _, code := range errorCodes(item.Post) {
			if !everywhere[code] || strings.HasPrefix(path, "/v1/auth/") && strings.HasPrefix(code, "401") {
				want = append(want, code)
			}
		}
		var got []string
		for _, code := range quoted(pageOf(t, path).ownErrors("POST " + path)) {
			if code != "40002" && code != "field" {
				got = append(got, code)
			}
		}
		same(t, path, got, want)
	}
}

// errorCodes are the codes that a call has examples of, each once.
func errorCodes(op *openapi3.Operation) []string {
	var codes []string
	for _, example := range op.Responses.Status(200).Value.Content.Get("application/json").Examples {
		envelope, _ := example.Value.Value.(map[string]any)
		failure, _ := envelope["error"].(map[string]any)
		if code, _ := failure["code"].(string); code != "" && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// ownErrors is what stands below a heading from the words "Errors of its own" to the end
// of their paragraph, "" if they are not there. The words may be on two lines.
func (d document) ownErrors(heading string) string {
	var section strings.Builder
	below := false
	for _, l := range d.prose {
		if strings.HasPrefix(l.text, "#") {
			below = strings.TrimLeft(l.text, "# ") == heading
		}
		if below && l.text == "" {
			section.WriteString("\n")
		} else if below {
			section.WriteString(l.text + " ")
		}
	}
	_, rest, _ := strings.Cut(section.String(), "Errors of its own: ")
	paragraph, _, _ := strings.Cut(rest, "\n")
	return paragraph
}

// parameter is what the OpenAPI document says of one.
type parameter struct {
	number    string
	required  bool
	extension bool
	maxima    []int64
}

// collect gathers a request's parameters, those of listed objects as "list[].name". The
// inner ones of a single object are described in one cell.
func collect(prefix string, schema *openapi3.Schema, into map[string]parameter) {
	for name, ref := range schema.Properties {
		extensions := ref.Extensions // those beside a $ref
		if ref.Ref == "" {
			extensions = ref.Value.Extensions
		}
		p := parameter{required: slices.Contains(schema.Required, name), extension: extensions["x-parlor-extension"] == true}
		p.number, _ = extensions["x-parlor-param"].(string)
		if items := ref.Value.Items; items != nil && items.Value.Type.Is("object") {
			collect(prefix+name+"[].", items.Value, into)
			p.maxima = append(p.maxima, int64(*ref.Value.MaxItems))
		} else {
			p.maxima = maxima(ref.Value)
		}
		into[prefix+name] = p
	}
}

func (p parameter) check(t *testing.T, name string, tab table, row []string) {
	t.Helper()
	if got := tab.cell(row, "No."); got != p.number {
		t.Errorf("%s has the number %q, want %q", name, got, p.number)
	}
	if got := tab.cell(row, "need"); (got == "required") != p.required {
		t.Errorf("%s is %q, want required: %t", name, got, p.required)
	}
	if got := strings.Contains(tab.cell(row, "parameter"), "(extension)"); got != p.extension {
		t.Errorf("%s is marked as an extension: %t, want %t", name, got, p.extension)
	}
	limit := tab.cell(row, "limit")
	for _, n := range p.maxima {
		if !strings.Contains(limit, thousands(n)) {
			t.Errorf("%s has the limit %q, which does not name %s", name, limit, thousands(n))
		}
	}
}

// maxima are the numbers that bound a parameter.
func maxima(s *openapi3.Schema) []int64 {
	var all []int64
	if s.MaxLength != nil {
		all = append(all, int64(*s.MaxLength))
	}
	if s.MaxItems != nil {
		all = append(all, int64(*s.MaxItems))
	}
	if s.Max != nil {
		all = append(all, int64(*s.Max))
	}
	if s.Items != nil {
		all = append(all, maxima(s.Items.Value)...)
	}
	for _, inner := range s.Properties {
		all = append(all, maxima(inner.Value)...)
	}
	return all
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

package e2e

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"parlor/api"
	"parlor/internal/powertalk/clientapi"
	"parlor/test/env/servertest"
)

// contract is the API's description, made ready to hold answers to. Its schemas are JSON
// Schema of 2020-12, as OpenAPI 3.1 has it, and are taken as they stand.
type contract struct {
	doc      map[string]any
	compiler *jsonschema.Compiler

	mu      sync.Mutex
	schemas map[string]*jsonschema.Schema // by place in the document
}

var theContract = sync.OnceValues(func() (*contract, error) {
	var doc any
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil {
		return nil, err
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	if doc, err = jsonschema.UnmarshalJSON(bytes.NewReader(text)); err != nil {
		return nil, err
	}
	c := &contract{doc: doc.(map[string]any), compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	return c, c.compiler.AddResource("openapi.json", doc)
})

func loadContract(t testing.TB) *contract {
	t.Helper()
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// check holds a text to the schema of an operation's answer under HTTP 200.
func (c *contract) check(method, path string, text []byte) error {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	return c.checkAgainst("#/paths/"+escape.Replace(path)+"/"+method+"/responses/200/content/application~1json/schema",
		text)
}

// checkAgainst holds a text to the schema in some place of the document.
func (c *contract) checkAgainst(place string, text []byte) error {
	schema, err := c.schema(place)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

func (c *contract) schema(place string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if schema, ok := c.schemas[place]; ok {
		return schema, nil
	}
	schema, err := c.compiler.Compile("openapi.json" + place)
	if err == nil {
		c.schemas[place] = schema
	}
	return schema, err
}

// checkContract holds an answer of a call to the description, along with what no schema
// can say.
func checkContract(t testing.TB, path string, a servertest.Answer) {
	t.Helper()
	if err := loadContract(t).check("post", "/v1/server/"+path, a.Body); err != nil {
		t.Errorf("%s answers against its description: %v\n%.2000s", path, err, a.Body)
	}
	if a.HTTP.StatusCode != 200 {
		t.Errorf("%s: HTTP status %d", path, a.HTTP.StatusCode)
	}
	if got := a.HTTP.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("%s: content type %q", path, got)
	}
	if a.HTTP.Header.Get("X-Request-Id") == "" {
		t.Errorf("%s: no X-Request-Id", path)
	}
}

// checkDevice holds an answer of the client API to the description.
func checkDevice(t testing.TB, path string, a servertest.Answer) {
	t.Helper()
	if err := loadContract(t).check("post", "/v1/"+path, a.Body); err != nil {
		t.Errorf("%s answers against its description: %v\n%.2000s", path, err, a.Body)
	}
	if a.HTTP.StatusCode != 200 || a.HTTP.Header.Get("X-Request-Id") == "" {
		t.Errorf("%s: HTTP status %d, request id %q", path, a.HTTP.StatusCode, a.HTTP.Header.Get("X-Request-Id"))
	}
}

// TestClientRoutesAreDocumented: the description has the calls that apps are served, and
// no others.
func TestClientRoutesAreDocumented(t *testing.T) {
	t.Parallel()
	var documented, served []string
	for path, item := range loadContract(t).doc["paths"].(obj) {
		if item.(obj)["post"] != nil && !strings.HasPrefix(path, "/v1/server/") {
			documented = append(documented, path)
		}
	}
	for _, e := range clientapi.Endpoints(nil) {
		served = append(served, "/v1"+e.Path)
	}
	slices.Sort(documented)
	slices.Sort(served)
	if !slices.Equal(documented, served) {
		t.Errorf("documented %q\nserved     %q", documented, served)
	}
}

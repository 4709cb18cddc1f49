package api_test

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"parlor/api"
)

// TestGeneratorsCanReadIt keeps out of the schemas what programs that generate clients
// stop at or misread: fields of several types, types that are left to be guessed,
// references into the middle of a schema, and schemas that patch others.
func TestGeneratorsCanReadIt(t *testing.T) {
	var doc struct {
		Components struct{ Schemas map[string]map[string]any }
	}
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil {
		t.Fatal(err)
	}
	for name, schema := range doc.Components.Schemas {
		for _, fault := range faults(name, schema) {
			t.Error(fault)
		}
	}
}

// faults are those of one schema and of all below it. Conditions, which generators pass
// over, may hold what they like.
func faults(where string, schema map[string]any) []string {
	var all []string
	if ref, ok := schema["$ref"].(string); ok {
		name, ok := strings.CutPrefix(ref, "#/components/schemas/")
		if !ok || strings.Contains(name, "/") {
			all = append(all, where+" refers to "+ref+", which is no schema of its own")
		}
		return all
	}
	switch types := schema["type"].(type) {
	case nil:
		if schema["oneOf"] == nil {
			all = append(all, where+" has no type")
		}
	case []any:
		if len(types) != 2 || !slices.Contains(types, any("null")) {
			all = append(all, where+" has several types; give it one, or one and null, and say the others in words")
		}
	}
	if schema["anyOf"] != nil {
		all = append(all, where+" has anyOf")
	}
	for _, part := range listed(schema["allOf"]) {
		if part["if"] == nil {
			all = append(all, where+" has an allOf that is no condition")
		}
	}
	for _, variant := range listed(schema["oneOf"]) {
		if variant["$ref"] == nil {
			all = append(all, where+" has a variant without a name")
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for key, property := range properties {
		all = append(all, faults(where+"."+key, property.(map[string]any))...)
	}
	if items, ok := schema["items"].(map[string]any); ok {
		all = append(all, faults(where+"[]", items)...)
	}
	return all
}

func listed(v any) []map[string]any {
	var out []map[string]any
	entries, _ := v.([]any)
	for _, entry := range entries {
		out = append(out, entry.(map[string]any))
	}
	return out
}

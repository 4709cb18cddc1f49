package bundle

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// tsTypes writes schemas as types of TypeScript, each named one once.
type tsTypes struct {
	calls
	written map[string]string // by name
	taken   bool              // whether what is written is what calls take
}

// expr is a schema as an expression of types. What it refers to is written, too.
func (t *tsTypes) expr(n *yaml.Node, indent string) (string, error) {
	if name := refName(n); name != "" {
		return name, t.declare(name)
	}
	if variants := items(get(n, "oneOf")); variants != nil {
		return t.union(variants, indent)
	}
	if literals := literals(n); literals != "" {
		return literals, nil
	}
	types := []string{value(n, "type")}
	if list := items(get(n, "type")); list != nil {
		types = nil
		for _, one := range list {
			types = append(types, one.Value)
		}
	}
	var all []string
	for _, name := range types {
		one, err := t.plain(name, n, indent)
		if err != nil {
			return "", err
		}
		all = append(all, one)
	}
	return strings.Join(all, " | "), nil
}

// plain is a schema of one type.
func (t *tsTypes) plain(name string, n *yaml.Node, indent string) (string, error) {
	switch name {
	case "string", "boolean", "null":
		return name, nil
	case "integer", "number":
		return "number", nil
	case "array":
		each, err := t.expr(get(n, "items"), indent)
		if strings.Contains(each, " | ") {
			each = "(" + each + ")"
		}
		return each + "[]", err
	case "object":
		return t.object(n, indent)
	}
	return "", fmt.Errorf("a schema has the type %q, which TypeScript's clients do not know", name)
}

func (t *tsTypes) union(variants []*yaml.Node, indent string) (string, error) {
	var all []string
	for _, variant := range variants {
		one, err := t.expr(variant, indent)
		if err != nil {
			return "", err
		}
		all = append(all, one)
	}
	return strings.Join(all, " | "), nil
}

// object is an object's keys. One that lists none holds anything, unless it is said to be empty.
func (t *tsTypes) object(n *yaml.Node, indent string) (string, error) {
	properties := get(n, "properties")
	if properties == nil {
		if value(n, "additionalProperties") == "false" {
			return "Record<string, never>", nil
		}
		if t.taken {
			return "object", nil // an interface has no index signature, and is no Record
		}
		return "Record<string, unknown>", nil
	}
	var required []string
	for _, name := range items(get(n, "required")) {
		required = append(required, name.Value)
	}
	var out strings.Builder
	out.WriteString("{\n")
	inner := indent + "  "
	for name, property := range pairs(properties) {
		of, err := t.expr(property, inner)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		mark := "?"
		if slices.Contains(required, name) {
			mark = ""
		}
		out.WriteString(docComment(value(property, "description"), inner))
		fmt.Fprintf(&out, "%s%s%s: %s;\n", inner, name, mark, of)
	}
	out.WriteString(indent + "}")
	return out.String(), nil
}

// literals is a schema that allows certain values only, "" if it is none.
func literals(n *yaml.Node) string {
	choices := items(get(n, "enum"))
	if one := get(n, "const"); one != nil {
		choices = []*yaml.Node{one}
	}
	var all []string
	for _, choice := range choices {
		text := choice.Value
		if choice.Tag == "!!str" {
			text = strconv.Quote(text) // these are words
		}
		all = append(all, text)
	}
	return strings.Join(all, " | ")
}

// declare writes a named schema.
func (t *tsTypes) declare(name string) error {
	if _, known := t.written[name]; known {
		return nil
	}
	t.written[name] = "" // so that one that holds itself is written once
	schema := get(t.root, "components", "schemas", name)
	if schema == nil {
		return fmt.Errorf("there is no schema %q", name)
	}
	of, err := t.expr(schema, "")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	text := docComment(value(schema, "description"), "")
	if strings.HasPrefix(of, "{") && strings.HasSuffix(of, "}") {
		text += "export interface " + name + " " + of + "\n"
	} else {
		text += "export type " + name + " = " + of + ";\n"
	}
	t.written[name] = text
	return nil
}

// all is every type that was written, in the order of their names.
func (t *tsTypes) all() string {
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(t.written)) {
		out.WriteString("\n" + t.written[name])
	}
	return out.String()
}

// docComment is a description above a declaration, "" if there is none.
func docComment(text, indent string) string {
	text = strings.ReplaceAll(strings.TrimSpace(text), "*/", "* /")
	switch {
	case text == "":
		return ""
	case !strings.Contains(text, "\n"):
		return indent + "/** " + text + " */\n"
	}
	var out strings.Builder
	out.WriteString(indent + "/**\n")
	for line := range strings.SplitSeq(text, "\n") {
		out.WriteString(strings.TrimRight(indent+" * "+line, " ") + "\n")
	}
	out.WriteString(indent + " */\n")
	return out.String()
}

package bundle

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Marker stands above each table of the pages in docs/protocol that Protocol writes.
const Marker = "<!-- made by go generate ./api -->"

// Protocol returns a page of Markdown with the tables of parameters that the document, as
// Make returns it, asks for. Each stands below a Marker; which call it is of, the heading
// above says, as in "## POST /v1/server/room/get". All else is left as it is.
func Protocol(page, document []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	t := tables{root: doc.Content[0]}
	var out []string
	path := ""
	replacing := false
	for line := range strings.Lines(string(page)) {
		replacing = replacing && strings.HasPrefix(line, "|")
		if replacing {
			continue
		}
		if heading, ok := strings.CutPrefix(line, "## POST "); ok {
			path = strings.TrimSpace(heading)
		}
		out = append(out, line)
		if strings.TrimSpace(line) == Marker {
			table, err := t.of(path)
			if err != nil {
				return nil, err
			}
			out = append(out, table...)
			replacing = true
		}
	}
	return []byte(strings.Join(out, "")), nil
}

// tables writes tables of parameters.
type tables struct{ root *yaml.Node }

// of is the table of a call's parameters, line by line.
func (t tables) of(path string) ([]string, error) {
	op := get(t.root, "paths", path, "post")
	media := get(op, "requestBody", "content", "application/json")
	if media == nil {
		return nil, fmt.Errorf("the call %q has no parameters for a table", path)
	}
	rows := t.rows("", t.resolve(get(media, "schema")))
	numbered := false
	for _, r := range rows {
		numbered = numbered || r.number != ""
		if value(op, "x-parlor-extension") == "true" { // then all of it is
			r.extension = false
		}
	}
	head, rule := "| parameter | type | need | limit | meaning |", "| --- | --- | --- | --- | --- |"
	if numbered {
		head, rule = head+" No. |", rule+" --- |"
	}
	lines := []string{head + "\n", rule + "\n"}
	for _, r := range rows {
		lines = append(lines, r.line(numbered))
	}
	return lines, nil
}

// row is one parameter.
type row struct {
	name, kind, need, limit, meaning, number string
	extension                                bool
}

func (r *row) line(numbered bool) string {
	name := "`" + r.name + "`"
	if r.extension {
		name += " **(extension)**"
	}
	cells := []string{name, r.kind, r.need, r.limit, r.meaning}
	if numbered {
		cells = append(cells, r.number)
	}
	var out strings.Builder
	for _, cell := range cells {
		out.WriteString("| ")
		if cell != "" {
			out.WriteString(strings.ReplaceAll(cell, "|", `\|`) + " ")
		}
	}
	return out.String() + "|\n"
}

// rows are the parameters of a schema, those of listed objects as "list[].name".
func (t tables) rows(prefix string, schema *yaml.Node) []*row {
	required := make(map[string]bool)
	for _, name := range items(get(schema, "required")) {
		required[name.Value] = true
	}
	var rows []*row
	for name, written := range pairs(get(schema, "properties")) {
		p := t.resolve(written)
		r := &row{
			name:      prefix + name,
			kind:      t.kind(written),
			need:      "optional",
			limit:     t.limit(written),
			meaning:   strings.Join(strings.Fields(value(p, "description")), " "),
			number:    value(p, "x-parlor-param"),
			extension: value(p, "x-parlor-extension") == "true",
		}
		if required[name] {
			r.need = "required"
		} else if d := value(p, "default"); d != "" {
			r.need += ", " + separated(d)
		}
		rows = append(rows, r)
		rows = append(rows, t.rows(r.name+"[].", t.resolve(get(p, "items")))...)
	}
	return rows
}

// resolve is a schema with what its reference has, behind its own keys.
func (t tables) resolve(n *yaml.Node) *yaml.Node {
	name := refName(n)
	if name == "" {
		return n
	}
	out := mapping()
	for _, from := range []*yaml.Node{t.resolve(get(t.root, "components", "schemas", name)), n} {
		for key, v := range pairs(from) {
			set(out, key, v)
		}
	}
	remove(out, "$ref")
	return out
}

// refName is the schema that n refers to, "" if it refers to none.
func refName(n *yaml.Node) string {
	return strings.TrimPrefix(value(n, "$ref"), "#/components/schemas/")
}

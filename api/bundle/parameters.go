package bundle

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// parameters is the table of a call's parameters.
func (c calls) parameters(op *yaml.Node) string {
	media := get(op, "requestBody", "content", "application/json")
	if media == nil {
		media = get(op, "requestBody", "content", "multipart/form-data")
	}
	if media == nil {
		return "No parameters.\n"
	}
	rows := c.rows("", c.resolve(get(media, "schema")))
	numbered := false
	for _, r := range rows {
		numbered = numbered || r.number != ""
		if value(op, "x-parlor-extension") == "true" { // then all of it is
			r.extension = false
		}
	}
	columns := []string{"parameter", "type", "need", "limit", "meaning"}
	if numbered {
		columns = append(columns, "No.")
	}
	var out strings.Builder
	out.WriteString(head(columns...))
	for _, r := range rows {
		out.WriteString(r.line(numbered))
	}
	return out.String()
}

// parameter is one row of the table.
type parameter struct {
	name, kind, need, limit, meaning, number string
	extension                                bool
}

func (r *parameter) line(numbered bool) string {
	name := "`" + r.name + "`"
	if r.extension {
		name += " **(extension)**"
	}
	cells := []string{name, r.kind, r.need, r.limit, r.meaning}
	if numbered {
		cells = append(cells, r.number)
	}
	return tableRow(cells...)
}

// rows are the parameters of a schema, those of listed objects as "list[].name".
func (c calls) rows(prefix string, schema *yaml.Node) []*parameter {
	required := make(map[string]bool)
	for _, name := range items(get(schema, "required")) {
		required[name.Value] = true
	}
	var rows []*parameter
	for name, written := range pairs(get(schema, "properties")) {
		p := c.resolve(written)
		r := &parameter{
			name:      prefix + name,
			kind:      c.kind(written),
			need:      "optional",
			limit:     c.limit(written),
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
		rows = append(rows, c.rows(r.name+"[].", c.resolve(get(p, "items")))...)
	}
	return rows
}

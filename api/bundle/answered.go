package bundle

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// told is an object whose keys stand in another place.
type told struct{ schema, title, link string }

// described are the objects that the page of objects tells of.
func described() []told {
	return []told{
		{"Message", "message", "objects.md#message"},
		{"Room", "room", "objects.md#room"},
		{"Participant", "user", "objects.md#user"},
	}
}

// manyKeys is above how many keys of an object another section tells of them by a link.
const manyKeys = 4

const theKeysOf = " the keys of ["

// answered is the table of what a call of the server API answers, "" unless that has objects of its own. What has been
// told in the section of another call is named there only.
func (c *calls) answered(path string, op *yaml.Node) string {
	if !strings.HasPrefix(path, serverPrefix) || value(op, "x-parlor-extension") != "true" {
		return ""
	}
	var rows strings.Builder
	own := false
	for _, variant := range items(get(answerOf(op), "schema", "oneOf")) {
		data := c.resolve(get(c.resolve(variant), "properties", "data"))
		for _, row := range c.keys("", path, data, nil) {
			rows.WriteString(tableRow(row...))
			own = own || strings.Contains(row[0], ".") || strings.Contains(row[2], theKeysOf)
		}
	}
	if !own {
		return ""
	}
	return head("answer", "type", "meaning") + rows.String()
}

// keys are the rows of an object's keys, but of those that are known. Those of objects within are "list[].name" and
// "object.name".
func (c *calls) keys(prefix, path string, object, known *yaml.Node) (rows [][]string) {
	for name, written := range pairs(get(object, "properties")) {
		if get(known, name) != nil {
			continue
		}
		p, kind := c.resolve(written), c.kind(written)
		meaning := strings.Join(strings.Fields(value(p, "description")), " ")
		of, inner, has := written, prefix+name+".", "Has"
		if each := get(p, "items"); each != nil {
			of, inner, has = each, prefix+name+"[].", "Each has"
		}
		refers, within := c.within(inner, path, of)
		if refers != "" {
			meaning += " " + has + refers
		}
		if kind == "" { // one of several objects
			kind = "object"
		}
		rows = append(rows, []string{"`" + prefix + name + "`", kind, strings.TrimSpace(meaning)})
		rows = append(rows, within...)
	}
	return rows
}

// within are the rows of the keys of an object within, and where those keys are told that have no row.
func (c *calls) within(prefix, path string, of *yaml.Node) (refers string, rows [][]string) {
	object := c.resolve(of)
	base, elsewhere := c.base(get(object, "properties"))
	rows = c.keys(prefix, path, object, base)
	if schema := refName(of); schema != "" && len(rows) > manyKeys {
		c.told = append(c.told, told{schema, strings.TrimPrefix(path, serverPrefix), "#" + anchor(path)})
	}
	switch {
	case base == nil:
		return "", rows
	case len(rows) == 0:
		return theKeysOf + elsewhere.title + "](" + elsewhere.link + ").", nil
	}
	return theKeysOf + elsewhere.title + "](" + elsewhere.link + "), and:", rows
}

// base is the largest object told elsewhere of which all keys are among these.
func (c *calls) base(properties *yaml.Node) (base *yaml.Node, of told) {
	for _, t := range c.told {
		keys := get(c.root, "components", "schemas", t.schema, "properties")
		if keys != nil && (base == nil || len(keys.Content) > len(base.Content)) && among(keys, properties) {
			base, of = keys, t
		}
	}
	return base, of
}

// among reports whether all keys of one object are among those of another.
func among(keys, of *yaml.Node) bool {
	for name := range pairs(keys) {
		if get(of, name) == nil {
			return false
		}
	}
	return true
}

// anchor is where the section of a call is on its page.
func anchor(path string) string {
	return "post-" + strings.ToLower(strings.ReplaceAll(path, "/", ""))
}

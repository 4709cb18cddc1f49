package bundle

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Start and End stand around what Protocol writes of a call.
const (
	Start = "<!-- made by go generate ./api -->"
	End   = "<!-- end of what is made -->"
)

// heading begins the section of a call.
const heading = "## POST "

// Protocol returns a page of Markdown with what the document, as Make returns it, says of each
// call between Start and End: the parameters, the fields of the answer, and the errors that
// are the call's own. Which call it is, the heading above says, as in
// "## POST /v1/server/room/get". All else is left as it is. A call without the two markers is an
// error, so that no page keeps silent about what the document says.
func Protocol(page, document []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	c := &calls{root: doc.Content[0], told: described()}
	before, all := sections(string(page))
	var out strings.Builder
	out.WriteString(before)
	for _, section := range all {
		filled, err := c.fill(section)
		if err != nil {
			return nil, err
		}
		out.WriteString(filled)
	}
	return []byte(out.String()), nil
}

// sections are those of calls, each from its heading to the next call's, and what is before them.
func sections(page string) (before string, all []string) {
	var current strings.Builder
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, heading) {
			all = append(all, current.String())
			current.Reset()
		}
		current.WriteString(line)
	}
	all = append(all, current.String())
	return all[0], all[1:]
}

// calls tells of calls in Markdown.
type calls struct {
	root *yaml.Node
	told []told // objects whose keys stand elsewhere, or in a section before
}

// fill replaces what is between the markers of a call's section.
func (c *calls) fill(section string) (string, error) {
	title, _, _ := strings.Cut(section, "\n")
	path := strings.TrimSpace(strings.TrimPrefix(title, heading))
	before, rest, started := strings.Cut(section, Start+"\n")
	_, after, ended := strings.Cut(rest, End+"\n")
	if !started || !ended || strings.Contains(after, Start) {
		return "", fmt.Errorf("the section of %s needs the lines %s and %s, each once", path, Start, End)
	}
	op := get(c.root, "paths", path, "post")
	if op == nil {
		return "", fmt.Errorf("there is no call %s", path)
	}
	parts := []string{c.parameters(op), c.fields(op), c.answered(path, op), c.failures(op)}
	made := strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n")
	return before + Start + "\n" + made + End + "\n" + after, nil
}

// resolve is a schema with what its reference has, behind its own keys.
func (c calls) resolve(n *yaml.Node) *yaml.Node {
	name := refName(n)
	if name == "" {
		return n
	}
	out := mapping()
	for _, from := range []*yaml.Node{c.resolve(get(c.root, "components", "schemas", name)), n} {
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

package bundle

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// paramCode is the code of a fault of a parameter. The table of parameters says what may be
// wrong with each, so the table of errors leaves it out.
const paramCode = "40002"

// fields names the keys of a success's data.
func (c calls) fields(op *yaml.Node) string {
	var names []string
	for _, variant := range items(get(answerOf(op), "schema", "oneOf")) {
		data := c.resolve(get(c.resolve(variant), "properties", "data"))
		for name := range pairs(get(data, "properties")) {
			names = append(names, "`"+name+"`")
		}
	}
	switch last := len(names) - 1; last {
	case -1:
		if get(op, "responses", "200", "content", "application/octet-stream") != nil {
			return "Answers the file itself, and not an envelope.\n"
		}
		return ""
	case 0:
		return "Answers " + names[0] + ".\n"
	default:
		return "Answers " + strings.Join(names[:last], ", ") + " and " + names[last] + ".\n"
	}
}

// failures is the table of the errors that not every call of the API has, "" if there are none.
func (c calls) failures(op *yaml.Node) string {
	type failure struct{ code, when string }
	var all []failure
	var codes []string
	for _, written := range pairs(get(answerOf(op), "examples")) {
		example := c.example(written)
		if code := value(example, "value", "error", "code"); code != "" {
			all = append(all, failure{code, value(example, "summary")})
			codes = append(codes, code)
		}
	}
	shared := append(c.shared(op, codes), paramCode)
	var rows strings.Builder
	for _, f := range all {
		if !slices.Contains(shared, f.code) {
			rows.WriteString(tableRow("`"+f.code+"`", f.when))
		}
	}
	if rows.Len() == 0 {
		return ""
	}
	return head("error of its own", "when") + rows.String()
}

// shared are those of a call's codes that every call of its API has. They come in kinds: the
// failures of keys, those of tokens. A kind that the call has only a part of, as the calls that
// sign in have of tokens, is told as its own.
func (c calls) shared(op *yaml.Node, codes []string) []string {
	var shared []string
	for _, variant := range items(get(answerOf(op), "schema", "oneOf")) {
		for _, kind := range items(get(c.resolve(variant), "oneOf")) {
			code := get(c.resolve(kind), "properties", "error", "properties", "code")
			of := []string{value(code, "const")}
			for _, choice := range items(get(code, "enum")) {
				of = append(of, choice.Value)
			}
			of = slices.DeleteFunc(of, func(s string) bool { return s == "" })
			if !slices.ContainsFunc(of, func(s string) bool { return !slices.Contains(codes, s) }) {
				shared = append(shared, of...)
			}
		}
	}
	return shared
}

// answerOf is what a call answers, success or failure.
func answerOf(op *yaml.Node) *yaml.Node {
	return get(op, "responses", "200", "content", "application/json")
}

// example is an example, or what its reference has.
func (c calls) example(n *yaml.Node) *yaml.Node {
	if name, ok := strings.CutPrefix(value(n, "$ref"), "#/components/examples/"); ok {
		return get(c.root, "components", "examples", name)
	}
	return n
}

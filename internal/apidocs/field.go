package apidocs

import (
	"html/template"
	"slices"
	"strings"
)

// field is one parameter of a request or one key of an answer.
type field struct {
	Name      string
	Type      string
	Object    string // the component that Type names, if there is one
	Section   string // of the page, where more is told, if there is one
	Limits    string
	Number    string // in error.field; "" where the name stands there
	Required  bool
	Extension bool
	About     template.HTML
}

// params lists what a request may hold. The keys of nested objects follow their object,
// with the path to them in front.
func (b *builder) params(s schema, prefix string) []field {
	var out []field
	for name, n := range s.get("properties").pairs() {
		p := b.resolve(n)
		f := b.field(prefix+name, p)
		f.Required = s.get("required").contains(name)
		f.Limits = b.limits(p)
		out = append(out, f)
		out = append(out, b.params(p, prefix+name+".")...)
		out = append(out, b.params(b.resolve(p.get("items")), prefix+name+"[].")...)
	}
	return out
}

// data lists what the data of a success holds.
func (b *builder) data(op node) []field {
	for answer := range b.answer(op).get("schema", "oneOf").items() {
		envelope := b.resolve(answer)
		if data := envelope.get("properties", "data"); data.exists() {
			return b.fields(b.resolve(data))
		}
	}
	return nil
}

// fields lists the keys of an answer's object.
func (b *builder) fields(s schema) []field {
	var out []field
	for name, n := range s.get("properties").pairs() {
		p := b.resolve(n)
		f := b.field(name, p)
		b.link(&f, p)
		out = append(out, f)
	}
	return out
}

func (b *builder) field(name string, s schema) field {
	f := field{
		Name:      name,
		Type:      plainType(s),
		Number:    s.get("x-parlor-param").text(),
		Extension: s.get("x-parlor-extension").isTrue(),
		About:     line(s.get("description").text()),
	}
	if f.Type == "array" {
		f.Type = plainType(b.resolve(s.get("items"))) + "[]"
	}
	return f
}

// link names the component that a key of an answer holds, one or many of. Those of
// requests are told where they are used, in one table with their limits.
func (b *builder) link(f *field, s schema) {
	element, suffix := s, ""
	if plainType(s) == "array" {
		element, suffix = b.resolve(s.get("items")), "[]"
	}
	if element.name != "" && element.get("properties").exists() {
		f.Object, f.Type = element.name, element.name+suffix
		b.mention(element.name)
	}
}

func (b *builder) mention(name string) {
	if !slices.Contains(b.mentioned, name) {
		b.mentioned = append(b.mentioned, name)
	}
}

// objects describes every object that was mentioned. Doing so may mention more.
func (b *builder) objects() []object {
	var out []object
	for i := 0; i < len(b.mentioned); i++ {
		s := b.resolve(b.root.get("components", "schemas", b.mentioned[i]))
		out = append(out, object{
			Name:   b.mentioned[i],
			About:  line(s.get("description").text()),
			Fields: b.fields(s),
		})
	}
	return out
}

// plainType is the JSON type of a schema. That an optional parameter may be null is told
// once for all of them.
func plainType(s schema) string {
	if t := s.get("type"); t.exists() {
		if t.text() != "" {
			return t.text()
		}
		var types []string
		for item := range t.items() {
			if item.text() != "null" {
				types = append(types, item.text())
			}
		}
		return strings.Join(types, " or ")
	}
	switch s.get("const").tag() {
	case "!!bool":
		return "boolean"
	case "!!int":
		return "integer"
	default:
		return "string"
	}
}

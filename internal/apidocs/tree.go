package apidocs

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"
)

// node is a value of the document. A node keeps the order of its keys, which a Go map
// would lose. The zero node stands for what is absent, so that lookups can be chained.
type node struct{ y *yaml.Node }

func (n node) exists() bool { return n.y != nil }

// get follows keys downwards.
func (n node) get(keys ...string) node {
	for _, key := range keys {
		found := node{}
		for k, v := range n.pairs() {
			if k == key {
				found = v
				break
			}
		}
		n = found
	}
	return n
}

// pairs are the keys and values of an object.
func (n node) pairs() iter.Seq2[string, node] {
	return func(yield func(string, node) bool) {
		if n.y == nil || n.y.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.y.Content); i += 2 {
			if !yield(n.y.Content[i].Value, wrap(n.y.Content[i+1])) {
				return
			}
		}
	}
}

// items are the entries of a list.
func (n node) items() iter.Seq[node] {
	return func(yield func(node) bool) {
		if n.y == nil || n.y.Kind != yaml.SequenceNode {
			return
		}
		for _, item := range n.y.Content {
			if !yield(wrap(item)) {
				return
			}
		}
	}
}

// text is the value of a scalar, "" for anything else.
func (n node) text() string {
	if n.y == nil || n.y.Kind != yaml.ScalarNode {
		return ""
	}
	return n.y.Value
}

func (n node) isTrue() bool { return n.text() == "true" }
func (n node) isNull() bool { return n.tag() == "!!null" }
func (n node) isMap() bool  { return n.exists() && n.y.Kind == yaml.MappingNode }
func (n node) isList() bool { return n.exists() && n.y.Kind == yaml.SequenceNode }

// tag is the YAML type of a scalar, like "!!int".
func (n node) tag() string {
	if n.y == nil {
		return ""
	}
	return n.y.ShortTag()
}

// contains reports whether a list holds a text.
func (n node) contains(s string) bool {
	for item := range n.items() {
		if item.text() == s {
			return true
		}
	}
	return false
}

func wrap(y *yaml.Node) node {
	for y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	return node{y}
}

// document is a parsed OpenAPI document.
type document struct{ root node }

func parse(text []byte) (*document, error) {
	var y yaml.Node
	if err := yaml.Unmarshal(text, &y); err != nil {
		return nil, err
	}
	if y.Kind != yaml.DocumentNode || len(y.Content) != 1 {
		return nil, errors.New("it is empty")
	}
	d := &document{root: wrap(y.Content[0])}
	if v := d.root.get("openapi").text(); !strings.HasPrefix(v, "3.1.") {
		return nil, fmt.Errorf("version %q is not OpenAPI 3.1", v)
	}
	return d, d.checkRefs(d.root)
}

// checkRefs makes sure that later lookups cannot fail.
func (d *document) checkRefs(n node) error {
	if ref := n.get("$ref").text(); ref != "" {
		if _, err := d.follow(n); err != nil {
			return err
		}
	}
	for _, v := range n.pairs() {
		if err := d.checkRefs(v); err != nil {
			return err
		}
	}
	for v := range n.items() {
		if err := d.checkRefs(v); err != nil {
			return err
		}
	}
	return nil
}

// maxRefs bounds a chain of references, so that one that bites its tail is an error.
const maxRefs = 32

// schema is a resolved object: its own keys before those of what it refers to.
type schema struct {
	node
	// name is the component that the object was taken from, if it was.
	name string
}

// follow resolves the references of n. Keys beside a $ref go before those of its target.
func (d *document) follow(n node) (schema, error) {
	s := schema{node: n}
	for range maxRefs {
		ref := s.get("$ref").text()
		if ref == "" {
			return s, nil
		}
		target, err := d.lookup(ref)
		if err != nil {
			return schema{}, err
		}
		if name, ok := strings.CutPrefix(ref, "#/components/schemas/"); ok && !strings.Contains(name, "/") {
			s.name = name
		}
		s.node = overlay(s.node, target)
	}
	return schema{}, fmt.Errorf("%s goes round in circles", n.get("$ref").text())
}

// resolve is follow for a reference that checkRefs has seen.
func (d *document) resolve(n node) schema {
	s, err := d.follow(n)
	if err != nil {
		panic("apidocs: unchecked reference: " + err.Error())
	}
	return s
}

// lookup finds what a reference inside the document points at.
func (d *document) lookup(ref string) (node, error) {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return node{}, fmt.Errorf("%s points outside the document", ref)
	}
	n := d.root
	for part := range strings.SplitSeq(path, "/") {
		n = n.get(strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
	}
	if !n.exists() {
		return node{}, fmt.Errorf("%s points at nothing", ref)
	}
	return n, nil
}

// overlay is target with the keys of over, except its $ref, put before its own.
func overlay(over, target node) node {
	merged := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i+1 < len(over.y.Content); i += 2 {
		if over.y.Content[i].Value != "$ref" {
			merged.Content = append(merged.Content, over.y.Content[i], over.y.Content[i+1])
		}
	}
	if target.y.Kind == yaml.MappingNode {
		merged.Content = append(merged.Content, target.y.Content...)
	}
	return node{merged}
}

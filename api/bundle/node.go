package bundle

import (
	"fmt"
	"iter"

	"go.yaml.in/yaml/v3"
)

// Helpers for YAML's nodes, which keep the order of keys that a Go map would lose. A nil
// node stands for what is absent.

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

func list(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
}

// text is a scalar of the type text, quoted where YAML needs it.
func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

// ref is a reference to a component of some kind, on one line.
func ref(kind, name string) *yaml.Node {
	n := mapping()
	n.Style = yaml.FlowStyle
	set(n, "$ref", &yaml.Node{
		Kind: yaml.ScalarNode, Tag: "!!str", Value: "#/components/" + kind + "/" + name, Style: yaml.DoubleQuotedStyle,
	})
	return n
}

// literal is a node from its YAML. The text is part of this program and must be right.
func literal(format string, args ...any) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal(fmt.Appendf(nil, format, args...), &doc); err != nil {
		panic(err)
	}
	return doc.Content[0]
}

// pairs are the keys and values of an object.
func pairs(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// items are the entries of a list.
func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// get follows keys downwards.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var found *yaml.Node
		for k, v := range pairs(n) {
			if k == key {
				found = v
			}
		}
		n = found
	}
	return n
}

// value is the text of a scalar below n, or "".
func value(n *yaml.Node, keys ...string) string {
	if n = get(n, keys...); n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// set gives a key a value, in its place if it is there.
func set(n *yaml.Node, key string, v *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = v
			return
		}
	}
	n.Content = append(n.Content, text(key), v)
}

func remove(n *yaml.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
			return
		}
	}
}

// plain is a copy of n without comments, anchors, aliases and merge keys.
func plain(n *yaml.Node) (*yaml.Node, error) {
	if n.Kind == yaml.AliasNode {
		return plain(n.Alias)
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style}
	if n.Kind == yaml.MappingNode {
		return out, plainPairs(out, n)
	}
	for _, child := range n.Content {
		c, err := plain(child)
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, c)
	}
	return out, nil
}

// plainPairs fills in the entries of an object. Those that it merges come first, and its
// own take their places.
func plainPairs(out, n *yaml.Node) error {
	own := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		v, err := plain(n.Content[i+1])
		if err != nil {
			return err
		}
		if key.Tag == "!!merge" {
			if v.Kind != yaml.MappingNode || len(own) > 0 {
				return fmt.Errorf("line %d: a merge key stands first and merges one object", key.Line)
			}
			out.Content = v.Content
			continue
		}
		if own[key.Value] {
			return fmt.Errorf("line %d: %q is there twice", key.Line, key.Value)
		}
		own[key.Value] = true
		set(out, key.Value, v)
	}
	return nil
}

// clone is a copy that can be changed without changing n.
func clone(n *yaml.Node) *yaml.Node {
	out := *n
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		out.Content[i] = clone(child)
	}
	return &out
}

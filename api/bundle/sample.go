package bundle

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// maxDepth bounds samples that hold samples, so that one that holds itself is an error.
const maxDepth = 16

// fill replaces every {$sample: NAME} in n by that sample.
func (b *bundle) fill(n *yaml.Node, depth int) (*yaml.Node, error) {
	if name := value(n, "$sample"); name != "" {
		sample := get(b.samples, name)
		if sample == nil {
			return nil, fmt.Errorf("there is no sample %q", name)
		}
		if depth == maxDepth {
			return nil, fmt.Errorf("sample %q holds itself", name)
		}
		filled, err := b.fill(clone(sample), depth+1)
		if err != nil {
			return nil, err
		}
		for key, v := range pairs(n) {
			if key != "$sample" {
				set(filled, key, v)
			}
		}
		n = filled
	}
	for i, child := range n.Content {
		filled, err := b.fill(child, depth)
		if err != nil {
			return nil, err
		}
		n.Content[i] = filled
	}
	if n.Kind == yaml.SequenceNode && len(n.Content) > 0 {
		n.Style = 0 // what was one short line may not be one any more
		for _, child := range n.Content {
			if child.Kind == yaml.ScalarNode {
				n.Style = yaml.FlowStyle
			}
		}
	}
	return n, nil
}

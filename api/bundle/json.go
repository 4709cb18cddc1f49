package bundle

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ordered is JSON, indented, with the keys in the order of the document.
func ordered(n *yaml.Node, indent string) (string, error) {
	inner := indent + "  "
	var entries []string
	opening, closing := "[", "]"
	switch n.Kind {
	case yaml.MappingNode:
		opening, closing = "{", "}"
		for key, v := range pairs(n) {
			text, err := ordered(v, inner)
			if err != nil {
				return "", err
			}
			name, err := scalar(key)
			if err != nil {
				return "", err
			}
			entries = append(entries, name+": "+text)
		}
	case yaml.SequenceNode:
		for _, v := range n.Content {
			text, err := ordered(v, inner)
			if err != nil {
				return "", err
			}
			entries = append(entries, text)
		}
	default:
		var v any
		if err := n.Decode(&v); err != nil {
			return "", err
		}
		return scalar(v)
	}
	if len(entries) == 0 {
		return opening + closing, nil
	}
	return opening + "\n" + inner + strings.Join(entries, ",\n"+inner) + "\n" + indent + closing, nil
}

func scalar(v any) (string, error) {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(out.String(), "\n"), err
}

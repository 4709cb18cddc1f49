package apidocs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"html/template"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// How wide an object may be that is written on one line: in the file and in a shell, and
// on the page, where examples stand in a narrow column.
const (
	fileWidth = 76
	pageWidth = 56
)

// json writes the node as JSON, indented, with small objects on one line.
func (n node) json() (string, error) {
	p := printer{width: fileWidth}
	err := p.value(n, "")
	return p.out.String(), err
}

// coloured is json in HTML, each token in a span of its kind.
func (n node) coloured() (template.HTML, error) {
	p := printer{width: pageWidth, html: true}
	err := p.value(n, "")
	return template.HTML(p.out.String()), err //nolint:gosec // put escapes every token
}

// The classes of the tokens of JSON.
const (
	keyToken    = "k"
	textToken   = "s"
	numberToken = "n"
	wordToken   = "w" // true, false and null
)

// printer writes JSON, with or without HTML around its tokens.
type printer struct {
	out   strings.Builder
	html  bool
	width int
	flat  bool // put everything on one line
	col   int  // characters since the line began
}

// put writes one token; punctuation has no class.
func (p *printer) put(class, token string) {
	p.col += utf8.RuneCountInString(token)
	switch {
	case !p.html:
		p.out.WriteString(token)
	case class == "":
		p.out.WriteString(html.EscapeString(token))
	default:
		fmt.Fprintf(&p.out, `<span class="%s">%s</span>`, class, html.EscapeString(token))
	}
}

func (p *printer) newline(indent string) {
	p.out.WriteString("\n" + indent)
	p.col = len(indent)
}

func (p *printer) value(n node, indent string) error {
	if n.y == nil {
		return errors.New("a value is missing")
	}
	switch n.y.Kind {
	case yaml.MappingNode:
		return p.object(n, indent)
	case yaml.SequenceNode:
		return p.list(n, indent)
	default:
		return p.scalar(n)
	}
}

func (p *printer) object(n node, indent string) error {
	if len(n.y.Content) == 0 {
		p.put("", "{}")
		return nil
	}
	seen := make(map[string]bool, len(n.y.Content)/2)
	flat := p.fits(n)
	inner := indent + "  "
	p.put("", "{")
	first := true
	for key, v := range n.pairs() {
		if seen[key] {
			return fmt.Errorf("line %d: key %q is there twice", v.y.Line, key)
		}
		if key == "<<" {
			return fmt.Errorf("line %d: merge keys are not JSON", v.y.Line)
		}
		seen[key] = true
		if !first {
			p.put("", ",")
		}
		first = false
		if flat {
			p.put("", " ")
		} else {
			p.newline(inner)
		}
		p.put(keyToken, quote(key))
		p.put("", ": ")
		if err := p.value(v, inner); err != nil {
			return err
		}
	}
	if flat {
		p.put("", " }")
		return nil
	}
	p.newline(indent)
	p.put("", "}")
	return nil
}

func (p *printer) list(n node, indent string) error {
	if len(n.y.Content) == 0 {
		p.put("", "[]")
		return nil
	}
	flat := p.fits(n)
	inner := indent + "  "
	p.put("", "[")
	first := true
	for item := range n.items() {
		if !first {
			p.put("", ",")
		}
		if !flat {
			p.newline(inner)
		} else if !first {
			p.put("", " ")
		}
		first = false
		if err := p.value(item, inner); err != nil {
			return err
		}
	}
	if !flat {
		p.newline(indent)
	}
	p.put("", "]")
	return nil
}

// fits reports whether n, which must hold scalars only, ends before the line does.
func (p *printer) fits(n node) bool {
	if p.flat {
		return true
	}
	for i, child := range n.y.Content {
		isKey := n.y.Kind == yaml.MappingNode && i%2 == 0
		if !isKey && wrap(child).y.Kind != yaml.ScalarNode {
			return false
		}
	}
	probe := printer{flat: true}
	return probe.value(n, "") == nil && p.col+probe.col <= p.width
}

func (p *printer) scalar(n node) error {
	var v any
	class := textToken
	switch tag := n.y.ShortTag(); tag {
	case "!!str", "!!timestamp": // what YAML takes for a date is a text in JSON
		v = n.y.Value
	case "!!int", "!!float":
		class = numberToken
		if err := n.y.Decode(&v); err != nil {
			return err
		}
	case "!!bool", "!!null":
		class = wordToken
		if err := n.y.Decode(&v); err != nil {
			return err
		}
	default:
		return fmt.Errorf("line %d: %s is not JSON", n.y.Line, tag)
	}
	text, err := marshal(v)
	if err != nil {
		return fmt.Errorf("line %d: %w", n.y.Line, err)
	}
	p.put(class, text)
	return nil
}

// marshal writes a scalar without escaping what only matters inside HTML.
func marshal(v any) (string, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// quote writes a text as JSON, which cannot fail.
func quote(s string) string {
	text, _ := marshal(s)
	return text
}

package apidocs

import "strings"

// notNUL is the pattern of every stored text. The page says so once.
const notNUL = `^[^\x00]*$`

// limits says in words what a schema allows.
func (b *builder) limits(s schema) string {
	var out []string
	add := func(text string) {
		if text != "" {
			out = append(out, text)
		}
	}
	if own := s.get("x-parlor-limits").text(); own != "" {
		add(own)
	} else {
		add(choice(s.get("enum")))
		add(b.alternatives(s.get("anyOf")))
		add(span(s.get("minimum"), s.get("maximum"), ""))
		add(span(s.get("minLength"), s.get("maxLength"), " characters"))
		if pattern := s.get("pattern").text(); pattern != notNUL {
			add(pattern)
		}
		add(b.listLimits(s))
	}
	if d := s.get("default"); d.text() != "" {
		add("default " + d.text())
	}
	return strings.Join(out, ", ")
}

// listLimits says how many entries a list may have, and what they may be.
func (b *builder) listLimits(s schema) string {
	count := span(s.get("minItems"), s.get("maxItems"), " entries")
	items := s.get("items")
	if !items.exists() {
		return count
	}
	each := b.limits(b.resolve(items))
	if count == "" || each == "" {
		return count + each
	}
	return count + ", each " + each
}

func (b *builder) alternatives(list node) string {
	var out []string
	for n := range list.items() {
		if text := b.limits(b.resolve(n)); text != "" {
			out = append(out, text)
		}
	}
	return strings.Join(out, " or ")
}

func choice(enum node) string {
	var out []string
	for n := range enum.items() {
		if n.isNull() {
			continue
		}
		if n.tag() == "!!str" {
			out = append(out, quote(n.text()))
		} else {
			out = append(out, n.text())
		}
	}
	if last := len(out) - 1; last > 0 {
		return strings.Join(out[:last], ", ") + " or " + out[last]
	}
	return strings.Join(out, "")
}

// span says what lies between two bounds, either of which may be absent.
func span(from, to node, unit string) string {
	low, high := from.text(), to.text()
	switch {
	case low == "" && high == "":
		return ""
	case high == "":
		return "from " + low + unit
	case low == "":
		return "at most " + high + unit
	default:
		return low + " to " + high + unit
	}
}

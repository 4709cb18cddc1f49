package httpapi

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"parlor/internal/chat"
)

// What devices send is less strict than what backends do: ids come as texts and as numbers,
// lists hold nulls and repeats, and unset fields are null or 0.

// ID reads a required id, text or number, as text.
func (p *Params) ID(name string) string {
	v, ok := p.lookup(name)
	if !ok {
		p.Fail(chat.Required(p.prefix + name))
		return ""
	}
	id, ok := idText(v)
	if !ok || len(id) > maxIDText {
		p.Fail(chat.Invalid(p.prefix+name, "must be an id"))
		return ""
	}
	if id == "" {
		p.Fail(chat.Required(p.prefix + name))
	}
	return id
}

// maxIDText is longer than any id.
const maxIDText = 100

func idText(v jsontext.Value) (string, bool) {
	switch v.Kind() {
	case '"':
		s, err := jsontext.AppendUnquote(nil, v)
		return string(s), err == nil
	case '0':
		return string(v), true
	}
	return "", false
}

// IDs reads a list of ids, texts or numbers; anything else is skipped. An absent list counts as
// empty.
func (p *Params) IDs(name string, maxItems int) []string {
	v, ok := p.lookup(name)
	if !ok {
		return nil
	}
	items, ok := entries(v, maxItems)
	switch {
	case !ok:
		p.Fail(chat.Invalid(p.prefix+name, "must be a list of ids"))
		return nil
	case len(items) > maxItems:
		p.Fail(chat.Invalid(p.prefix+name, "must have at most %d entries", maxItems))
		return nil
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		if id, ok := idText(item); ok && len(id) <= maxIDText {
			list = append(list, id)
		}
	}
	return list
}

// Numbers is IDs for ids that are positive numbers, each once; others are skipped.
func (p *Params) Numbers(name string, maxItems int) []int64 {
	var list []int64
	seen := map[int64]bool{}
	for _, id := range p.IDs(name, maxItems) {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 && !seen[n] {
			seen[n] = true
			list = append(list, n)
		}
	}
	return list
}

// Has reports whether there is a parameter of this name that is not null.
func (p *Params) Has(name string) bool {
	_, ok := p.values[name]
	return ok
}

// Inner returns the parameters of an inner object, none if there is no such object.
func (p *Params) Inner(name string) *Params {
	v, ok := p.values[name]
	if !ok || v.Kind() != '{' {
		return ParseParams(nil)
	}
	return ParseParams(v)
}

// Empty reports whether there are no parameters.
func (p *Params) Empty() bool { return len(p.values) == 0 }

// LooseText reads a text, or a number as text; anything else is "". A text longer than maxBytes
// is cut.
func (p *Params) LooseText(name string, maxBytes int) string {
	v, ok := p.values[name]
	if !ok {
		return ""
	}
	s, ok := idText(v)
	if !ok {
		return ""
	}
	s = strings.ReplaceAll(s, "\x00", "")
	if len(s) > maxBytes {
		s = strings.ToValidUTF8(s[:maxBytes], "")
	}
	return s
}

// LooseInt reads a whole number, also as text; anything else is 0.
func (p *Params) LooseInt(name string) int64 {
	v, ok := p.values[name]
	if !ok {
		return 0
	}
	s, ok := idText(v)
	if !ok {
		return 0
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < -1<<53 || f > 1<<53 {
		return 0
	}
	return int64(f)
}

// IsTrue reports whether a parameter is true, as boolean, number or text.
func (p *Params) IsTrue(name string) bool {
	v, ok := p.values[name]
	if !ok {
		return false
	}
	switch string(v) {
	case "true", `"true"`, "1":
		return true
	}
	return false
}

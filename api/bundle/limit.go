package bundle

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What a table says of a parameter whose schema is one of those that the client API uses
// for its loose types. The section "Client API" of the protocol tells what else is taken.
var looseKinds = map[string]string{"AnyID": "id", "OptionalID": "id", "WholeNumber": "number", "Flag": "boolean"}

var kinds = map[string]string{"string": "text", "integer": "number", "boolean": "boolean", "object": "object"}

// kind names the type of a parameter in the words of the protocol.
func (c calls) kind(written *yaml.Node) string {
	if kind := looseKinds[refName(written)]; kind != "" {
		return kind
	}
	p := c.resolve(written)
	name := value(p, "type")
	if types := items(get(p, "type")); len(types) > 0 { // the other one is null
		name = types[0].Value
	}
	if name == "array" {
		return "list of " + c.kind(get(p, "items")) + "s"
	}
	return kinds[name]
}

// limit says in words what a parameter may hold.
func (c calls) limit(written *yaml.Node) string {
	if looseKinds[refName(written)] != "" {
		return ""
	}
	p := c.resolve(written)
	if inner := get(p, "properties"); inner != nil {
		return c.innerLimits(inner)
	}
	own := strings.TrimPrefix(value(p, "x-parlor-limits"), "at most ")
	switch {
	case get(p, "items") != nil:
		return c.listLimit(p)
	case own != "":
		return amount.ReplaceAllStringFunc(own, separated)
	case get(p, "enum") != nil:
		var all []string
		for _, choice := range items(get(p, "enum")) {
			all = append(all, choice.Value)
		}
		return strings.Join(all, " or ")
	case value(p, "maxLength") != "":
		return separated(value(p, "maxLength")) + " characters"
	case value(p, "maximum") != "":
		return separated(value(p, "minimum")) + " to " + separated(value(p, "maximum"))
	}
	return ""
}

// listLimit is how many entries a list may have, and how long each may be.
func (c calls) listLimit(p *yaml.Node) string {
	limit := separated(value(p, "maxItems"))
	if looseKinds[refName(get(p, "items"))] == "id" {
		return limit + " ids"
	}
	each := c.resolve(get(p, "items"))
	if length := value(each, "maxLength"); length != "" {
		limit += " of " + separated(length) + " characters"
	}
	return limit
}

// innerLimits tells of the texts in an object, none of which is required.
func (c calls) innerLimits(properties *yaml.Node) string {
	var all []string
	for name, written := range pairs(properties) {
		all = append(all, fmt.Sprintf("`%s` %s", name, separated(value(c.resolve(written), "maxLength"))))
	}
	return strings.Join(all, ", ") + " characters; each optional"
}

// amount is a number that counts something.
var amount = regexp.MustCompile(`\d{4,} (UTF-16|bytes|characters|entries)`)

// separated is a text whose first number has commas between its thousands.
func separated(s string) string {
	digits, rest := s, ""
	if i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		digits, rest = s[:i], s[i:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + rest
}

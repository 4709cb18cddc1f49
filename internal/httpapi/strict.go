package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/spelling"
)

const strictHeader = "Parlor-Strict"

// wantsStrict reports whether a caller wants unknown parameters refused.
func wantsStrict(h http.Header) (bool, error) {
	values := h[strictHeader]
	if len(values) == 0 {
		return false, nil
	}
	switch v := strings.ToLower(strings.TrimSpace(values[0])); {
	case len(values) > 1:
	case v == "true", v == "?1", v == "1":
		return true, nil
	case v == "false", v == "?0", v == "0", v == "":
		return false, nil
	}
	return false, chat.Invalid(strictHeader, "must be true or false")
}

// unknown is the error of the first parameter, by name, that the handler has not asked for, nil if
// there is none. By the time of Err a handler has asked for all that it knows.
func (p *Params) unknown() error {
	first := ""
	note := func(name string) {
		if !slices.Contains(p.asked, name) && (first == "" || name < first) {
			first = name
		}
	}
	for name := range p.values {
		note(name)
	}
	for _, name := range p.nulls {
		note(name)
	}
	if first == "" {
		return nil
	}
	meant := spelling.Closest(first, p.asked)
	if meant == "" {
		return chat.Invalid(p.prefix+first, "is unknown")
	}
	return chat.Invalid(p.prefix+first, "is unknown; did you mean '%s'?", p.prefix+meant)
}

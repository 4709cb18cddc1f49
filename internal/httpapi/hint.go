package httpapi

import (
	"errors"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/spelling"
)

// maxHinted bounds the parameters that are searched for a misspelling.
const maxHinted = 64

// hint adds to the error of a missing parameter which other one of the body was most likely
// meant. By then the handler has asked for all parameters that it knows.
func (p *Params) hint(err error) error {
	var e *chat.Error
	if !errors.As(err, &e) || !e.Absent || len(p.values) > maxHinted {
		return err
	}
	var absent, strange []string
	for _, name := range p.asked {
		if _, given := p.values[name]; !given {
			absent = append(absent, name)
		}
	}
	for name := range p.values {
		if !slices.Contains(p.asked, name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	for _, name := range strange {
		if meant := spelling.Closest(name, absent); meant != "" {
			hinted := *e
			hinted.Message += "; did you mean '" + p.prefix + meant + "' by '" + p.prefix + name + "'?"
			return &hinted
		}
	}
	return err
}

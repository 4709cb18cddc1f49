package bundle

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// success and failure are the envelopes of examples.
const (
	success = `
status: 200
error: { code: "", message: "", field: "" }
data: {}
`
	failure = `
status: %s
error: { code: "", message: "", field: "" }
data: {}
`
)

// expandExample puts the envelope around an example that has "data" or "error" in place
// of "value".
func (b *bundle) expandExample(example *yaml.Node) error {
	data, fault := get(example, "data"), get(example, "error")
	switch {
	case data != nil && fault != nil:
		return errors.New("it has data and error")
	case data != nil:
		envelope := literal(success)
		filled, err := b.fill(data, 0)
		if err != nil {
			return err
		}
		set(envelope, "data", filled)
		remove(example, "data")
		set(example, "value", envelope)
	case fault != nil:
		code := value(fault, "code")
		if len(code) != 5 {
			return fmt.Errorf("%q is no error code", code)
		}
		envelope := literal(failure, code[:3])
		for key, v := range pairs(fault) {
			set(get(envelope, "error"), key, v)
		}
		remove(example, "error")
		set(example, "value", envelope)
	}
	return nil
}

// codeOf is the error code of a component example, "" if there is no such example.
func (b *bundle) codeOf(name string) string {
	return value(b.examples, name, "value", "error", "code")
}

package httpapi

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// ParseParams reads a body. It never fails: what is wrong shows in Err, once the
// parameters that the call needs are known. An empty body, null and "" mean no
// parameters.
func ParseParams(body []byte) *Params {
	p := &Params{values: make(map[string]jsontext.Value, 8)}
	body = bytes.TrimSpace(body)
	if len(body) == 0 || string(body) == `""` || string(body) == "null" {
		return p
	}
	if body[0] != '{' {
		p.broken = "the request body must be a JSON object"
		return p
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(body))
	if err := p.readObject(d); err != nil {
		p.broken = "the request body is not valid JSON: " + reason(err)
		p.brokenAt = topLevel(err)
	}
	return p
}

func (p *Params) readObject(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		if value.Kind() != 'n' {
			p.values[key] = value.Clone()
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind the object")
	}
	return nil
}

func reason(err error) string {
	var se *jsontext.SyntacticError
	if errors.As(err, &se) {
		if se.Err != nil {
			return se.Err.Error() + " at byte " + strconv.FormatInt(se.ByteOffset, 10)
		}
		return "at byte " + strconv.FormatInt(se.ByteOffset, 10)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "it ends too early"
	}
	return err.Error()
}

// topLevel is the parameter that an error of the decoder lies in.
func topLevel(err error) string {
	var se *jsontext.SyntacticError
	if !errors.As(err, &se) {
		return ""
	}
	for token := range se.JSONPointer.Tokens() {
		return token
	}
	return ""
}

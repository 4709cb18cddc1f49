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
// parameters. The values are parts of body, which must not be changed any more.
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
	at, excess := tooMuch(body)
	if excess != "" {
		body = body[:at] // reading stops there, too, and says which parameter it was in
	}
	if err := p.readObject(body); err != nil {
		p.broken = "the request body is not valid JSON: " + reason(err)
		if excess != "" {
			p.broken = "the request body " + excess
		}
		p.brokenAt = topLevel(err)
	}
	return p
}

// readObject notes where the values are. They stay parts of the body: copying them would
// multiply what a caller can occupy.
func (p *Params) readObject(body []byte) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(body)) // which is read in place
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
		if value.Kind() == 'n' {
			p.nulls = append(p.nulls, key)
			continue
		}
		end := d.InputOffset()
		p.values[key] = body[end-int64(len(value)) : end : end]
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

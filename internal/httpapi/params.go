package httpapi

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"parlor/internal/chat"
)

// Params reads the parameters of one call from its JSON body. Handlers ask for them in
// the order in which faults count: Err reports the first. Unknown
// parameters are ignored unless the caller wants them refused, null counts as absent.
type Params struct {
	values   map[string]jsontext.Value
	asked    []string   // the names that were looked up
	room     [24]string // space for asked, which most calls do not outgrow
	err      error
	broken   string // why the body is not a JSON object
	brokenAt string // the parameter in which it broke, if that is known
	final    bool   // err names where the body broke and stands
	prefix   string // before the names of an inner object's parameters in messages
	strict   bool   // Err refuses parameters that were not asked for
	nulls    []string
}

// Err returns the first fault, or nil. Handlers call it once they have asked for all that they know,
// and before they do anything.
func (p *Params) Err() error {
	switch {
	case p.err == nil && p.broken != "":
		return &chat.Error{Code: chat.CodeInvalid, Message: p.broken}
	}
	if err := p.Unknown(); err != nil && (p.err == nil || isAbsent(p.err)) {
		return err // rather than that what was meant is missing
	}
	return p.err
}

func isAbsent(err error) bool {
	var e *chat.Error
	return errors.As(err, &e) && e.Absent
}

// Unknown is what is wrong with a strict call by what its handler, which has read all that it knows, did not ask for.
func (p *Params) Unknown() error {
	if !p.strict || p.broken != "" {
		return nil
	}
	return p.unknown()
}

// Fail records a fault that a handler found itself.
func (p *Params) Fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// lookup finds a parameter. If the body broke off, the fault is in the parameter in which it
// did, or else in the first that is asked for.
func (p *Params) lookup(name string) (jsontext.Value, bool) {
	if p.broken != "" && !p.final {
		switch p.brokenAt {
		case name:
			p.err, p.final = chat.Invalid(p.prefix+name, "is invalid: %s", p.broken), true
		default:
			p.Fail(chat.Absent(p.prefix+name, "is unreadable: %s", p.broken))
		}
		return nil, false
	}
	v, ok := p.values[name]
	if p.asked == nil {
		p.asked = p.room[:0]
	}
	p.asked = append(p.asked, name)
	return v, ok
}

// Text reads a required text of 1 to maxChars characters.
func (p *Params) Text(name string, maxChars int) string {
	s, _ := p.text(name, 1, maxChars)
	return s
}

// OptionalText reads a text of up to maxChars characters; nil means absent.
func (p *Params) OptionalText(name string, maxChars int) *string {
	s, ok := p.text(name, 0, maxChars)
	if !ok {
		return nil
	}
	return &s
}

// TextOr reads an optional text of up to maxChars characters, "" when absent.
func (p *Params) TextOr(name string, maxChars int) string {
	s, _ := p.text(name, 0, maxChars)
	return s
}

func (p *Params) text(name string, minChars, maxChars int) (string, bool) {
	s, ok := p.rawText(name)
	if !ok {
		if minChars > 0 {
			p.Fail(chat.Required(p.prefix + name))
		}
		return "", false
	}
	if err := chat.Text(p.prefix+name, s, minChars, maxChars); err != nil {
		p.Fail(err)
		return "", false
	}
	return s, true
}

// RawText reads a text that is stored enciphered and so may hold anything, "" when
// absent. Its limits are the caller's to check.
func (p *Params) RawText(name string) string {
	s, _ := p.rawText(name)
	return s
}

func (p *Params) rawText(name string) (string, bool) {
	v, ok := p.lookup(name)
	if !ok {
		return "", false
	}
	if v.Kind() != '"' {
		p.Fail(chat.Invalid(p.prefix+name, "must be a string"))
		return "", false
	}
	s, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		p.Fail(chat.Invalid(p.prefix+name, "is invalid: %v", err))
		return "", false
	}
	return string(s), true
}

// Texts reads an optional list of texts, each of 1 to maxChars characters. nil means
// absent; a list that was given is never nil.
func (p *Params) Texts(name string, maxItems, maxChars int) []string {
	v, ok := p.lookup(name)
	if !ok {
		return nil
	}
	items, ok := entries(v, maxItems)
	list := make([]string, len(items))
	for i, item := range items {
		s, err := jsontext.AppendUnquote(nil, item) // fails for what is not a text
		ok = ok && err == nil
		list[i] = string(s)
	}
	if !ok {
		p.Fail(chat.Invalid(p.prefix+name, "must be a list of strings"))
		return nil
	}
	if err := chat.TextList(p.prefix+name, list, maxItems, maxChars); err != nil {
		p.Fail(err)
		return nil
	}
	return list
}

// RequiredTexts is Texts for a list that must have an entry.
func (p *Params) RequiredTexts(name string, maxItems, maxChars int) []string {
	list := p.Texts(name, maxItems, maxChars)
	if len(list) == 0 {
		p.Fail(chat.Required(p.prefix + name))
	}
	return list
}

// Int reads a required whole number.
func (p *Params) Int(name string) int64 {
	n, ok := p.int(name)
	if !ok {
		p.Fail(chat.Required(p.prefix + name))
	}
	return n
}

// OptionalInt reads a number from low to high; nil means absent.
func (p *Params) OptionalInt(name string, low, high int64) *int64 {
	n, ok := p.int(name)
	if !ok {
		return nil
	}
	if n < low || n > high {
		p.Fail(chat.Invalid(p.prefix+name, "must be %d to %d", low, high))
	}
	return &n
}

// IntOr reads a number from low to high, or missing when it is absent.
func (p *Params) IntOr(name string, missing, low, high int) int {
	n, ok := p.int(name)
	if !ok {
		return missing
	}
	if n < int64(low) || n > int64(high) {
		p.Fail(chat.Invalid(p.prefix+name, "must be %d to %d", low, high))
		return missing
	}
	return int(n)
}

func (p *Params) int(name string) (int64, bool) {
	v, ok := p.lookup(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if v.Kind() != '0' || err != nil {
		p.Fail(chat.Invalid(p.prefix+name, "must be a whole number"))
	}
	return n, true
}

// Ints reads an optional list of whole numbers, each from low to high. nil means absent; a list that was
// given is never nil.
func (p *Params) Ints(name string, maxItems int, low, high int64) []int64 {
	v, ok := p.lookup(name)
	if !ok {
		return nil
	}
	items, ok := entries(v, maxItems)
	if ok && len(items) > maxItems {
		p.Fail(chat.Invalid(p.prefix+name, "must have at most %d entries", maxItems))
		return nil
	}
	list := make([]int64, len(items))
	for i, item := range items {
		n, err := strconv.ParseInt(string(item), 10, 64)
		ok = ok && item.Kind() == '0' && err == nil
		list[i] = n
	}
	if !ok {
		p.Fail(chat.Invalid(p.prefix+name, "must be a list of whole numbers"))
		return nil
	}
	for _, n := range list {
		if n < low || n > high {
			p.Fail(chat.Invalid(p.prefix+name, "must have numbers from %d to %d", low, high))
			return nil
		}
	}
	return list
}

// Flag reads an optional boolean, false when absent.
func (p *Params) Flag(name string) bool {
	v, ok := p.lookup(name)
	switch {
	case !ok || v.Kind() == 'f':
		return false
	case v.Kind() == 't':
		return true
	}
	p.Fail(chat.Invalid(p.prefix+name, "must be true or false"))
	return false
}

// OptionalFlag reads a boolean; nil means absent.
func (p *Params) OptionalFlag(name string) *bool {
	if _, ok := p.lookup(name); !ok {
		return nil
	}
	on := p.Flag(name)
	return &on
}

// LooseFlag is Flag for parameters that callers also write as "true" and "false".
func (p *Params) LooseFlag(name string) bool {
	if v, ok := p.lookup(name); ok && v.Kind() == '"' {
		s, _ := p.rawText(name)
		if s != "true" && s != "false" {
			p.Fail(chat.Invalid(p.prefix+name, "must be true or false"))
		}
		return s == "true"
	}
	return p.Flag(name)
}

// Object reads the parameters of an optional inner object with read. They are called
// "name.inner" in messages.
func (p *Params) Object(name string, read func(*Params)) {
	v, ok := p.lookup(name)
	if !ok {
		return
	}
	if v.Kind() != '{' {
		p.Fail(chat.Invalid(p.prefix+name, "must be an object"))
		return
	}
	inner := ParseParams(v)
	inner.prefix, inner.strict = p.prefix+name+".", p.strict
	read(inner)
	p.Fail(inner.hint(inner.Err()))
}

// Objects calls read for each object of a required list of 1 to maxItems. The inner
// parameters go by their own names in messages.
func (p *Params) Objects(name string, maxItems int, read func(*Params)) {
	p.eachObject(name, maxItems, func(inner *Params) {
		read(inner)
		p.Fail(inner.hint(inner.Err()))
	})
}

// eachObject calls do for each object of a required list.
func (p *Params) eachObject(name string, maxItems int, do func(*Params)) {
	v, ok := p.lookup(name)
	if !ok {
		p.Fail(chat.Required(p.prefix + name))
		return
	}
	items, ok := entries(v, maxItems)
	if !ok {
		p.Fail(chat.Invalid(p.prefix+name, "must be a list of objects"))
		return
	}
	if len(items) > maxItems {
		p.Fail(chat.Invalid(p.prefix+name, "must have at most %d entries", maxItems))
		return
	}
	if len(items) == 0 {
		p.Fail(chat.Required(p.prefix + name))
	}
	for _, item := range items {
		if item.Kind() != '{' {
			p.Fail(chat.Invalid(p.prefix+name, "must be a list of objects"))
			return
		}
		inner := ParseParams(item)
		inner.strict = p.strict
		do(inner)
	}
}

// entries returns the entries of a list, or one more than maxItems of a longer one: a
// body has room for millions. ok is false when v is no list.
func entries(v jsontext.Value, maxItems int) (items []jsontext.Value, ok bool) {
	if v.Kind() != '[' {
		return nil, false
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(v))
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() != ']' && len(items) <= maxItems {
		var item jsontext.Value
		item, err = d.ReadValue()
		end := d.InputOffset()
		items = append(items, v[end-int64(len(item)):end:end])
	}
	return items, err == nil
}

// Items is Objects for a list whose entries are judged each by itself: what is wrong inside one
// shows in its own Err.
func (p *Params) Items(name string, maxItems int) []*Params {
	var list []*Params
	p.eachObject(name, maxItems, func(inner *Params) { list = append(list, inner) })
	return list
}

// RequiredObject reads an object whose inside is the caller's own, at most maxBytes of JSON without
// white space.
func (p *Params) RequiredObject(name string, maxBytes int) string {
	v, ok := p.lookup(name)
	if !ok {
		p.Fail(chat.Required(p.prefix + name))
		return ""
	}
	v = v.Clone()
	if v.Kind() != '{' || v.Compact() != nil {
		p.Fail(chat.Invalid(p.prefix+name, "must be an object"))
		return ""
	}
	if len(v) > maxBytes {
		p.Fail(chat.Invalid(p.prefix+name, "must have at most %d bytes", maxBytes))
		return ""
	}
	return string(v)
}

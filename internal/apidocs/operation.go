package apidocs

import "fmt"

// builder makes operations and remembers the objects that they mention.
type builder struct {
	*document
	common    map[string]bool
	mentioned []string // names of components, in the order in which they were met
	told      []node   // examples of events, in their order
}

func (b *builder) operation(method, path string, n node) (operation, error) {
	op := operation{
		ID:        n.get("operationId").text(),
		Method:    method,
		Path:      path,
		Summary:   n.get("summary").text(),
		Extension: n.get("x-parlor-extension").isTrue(),
		About:     markdown(n.get("description").text()),
	}
	if op.ID == "" || op.Summary == "" {
		return op, fmt.Errorf("%s has no operationId or no summary", method)
	}
	body, err := b.request(&op, n)
	if err != nil {
		return op, err
	}
	schemes := b.schemes(n)
	op.Codes = b.codes(&op, n, schemes, body)
	op.Headers = b.headers(n)
	if method == "POST" {
		op.Data = b.data(n)
	}
	if method == "POST" && op.form == nil {
		op.Try = &try{Body: body, Keys: fills(schemes), Changes: changes(n)}
	}
	if op.Extension { // then all of it is, and saying so once is enough
		unmark(op.Params)
		unmark(op.Data)
	}
	err = b.answers(&op, n)
	op.Words = op.words(n)
	return op, err
}

// sections tell more of headers that calls may have, by the names of these.
var sections = map[string]string{"Idempotency-Key": "repeating-a-call", "Parlor-Strict": "parameters"}

// headers lists the headers that an operation may have beside credentials.
func (b *builder) headers(n node) []field {
	var out []field
	for parameter := range n.get("parameters").items() {
		p := b.resolve(parameter)
		if p.get("in").text() != "header" {
			continue
		}
		f := b.field(p.get("name").text(), b.resolve(p.get("schema")))
		f.About = line(p.get("description").text())
		f.Section = sections[f.Name]
		out = append(out, f)
	}
	return out
}

// schemes names what a call has to show: what the operation says, or else the document.
// An empty list means that nothing is needed.
func (b *builder) schemes(n node) (names []string) {
	security := n.get("security")
	if !security.exists() {
		security = b.root.get("security")
	}
	for choice := range security.items() {
		for name := range choice.pairs() {
			names = append(names, name)
		}
		break // the others are alternatives
	}
	return names
}

func unmark(fields []field) {
	for i := range fields {
		fields[i].Extension = false
	}
}

// request fills in what op takes and returns the body for its curl command.
func (b *builder) request(op *operation, n node) (string, error) {
	media := b.resolve(n.get("requestBody")).get("content", "application/json")
	if !media.exists() {
		media = b.resolve(n.get("requestBody")).get("content", "multipart/form-data")
		return "", b.form(op, media)
	}
	if !media.exists() {
		return "", nil
	}
	op.Params = b.params(b.resolve(media.get("schema")), "")
	for _, p := range op.Params {
		op.Numbered = op.Numbered || p.Number != ""
	}
	body := ""
	for _, example := range media.get("examples").pairs() {
		example := b.resolve(example)
		s, err := newSample("Request", example.node)
		if err != nil {
			return "", err
		}
		op.Requests = append(op.Requests, s)
		if body == "" {
			if body, err = example.get("value").json(); err != nil {
				return "", err
			}
		}
	}
	return body, nil
}

// form fills in what op takes in a form with a file.
func (b *builder) form(op *operation, media node) error {
	if !media.exists() {
		return nil
	}
	op.Params = b.params(b.resolve(media.get("schema")), "")
	for _, example := range media.get("examples").pairs() {
		for name, value := range b.resolve(example).get("value").pairs() {
			op.form = append(op.form, name+"="+value.text())
		}
	}
	return nil
}

// answers fills in the examples of what op answers.
func (b *builder) answers(op *operation, n node) error {
	for status, response := range n.get("responses").pairs() {
		for _, media := range b.resolve(response).get("content").pairs() {
			for _, ref := range media.get("examples").pairs() {
				if err := b.answerExample(op, status, ref); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (b *builder) answerExample(op *operation, status string, ref node) error {
	example := b.resolve(ref)
	value := example.get("value")
	if b.tellEvent(example) {
		return nil
	}
	if code := value.get("error", "code").text(); code != "" {
		json, err := value.coloured()
		f := failure{
			Code:    code,
			Field:   value.get("error", "field").text(),
			Message: value.get("error", "message").text(),
			When:    line(example.get("summary").text()),
			JSON:    json,
		}
		if b.common[ref.get("$ref").text()] {
			op.Common = append(op.Common, f)
		} else {
			op.Failures = append(op.Failures, f)
		}
		return err
	}
	title := "Answer"
	if op.Method == "GET" { // these tell success by the HTTP status
		title = "HTTP " + status
	}
	s, err := newSample(title, example.node)
	op.Answers = append(op.Answers, s)
	return err
}

func newSample(title string, example node) (sample, error) {
	json, err := example.get("value").coloured()
	return sample{Title: title, Note: example.get("summary").text(), JSON: json}, err
}

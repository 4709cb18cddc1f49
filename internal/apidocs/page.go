package apidocs

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
)

// page is all that the template shows.
type page struct {
	Title   string
	Version string
	Summary string
	Intro   []block
	Common  []failure // what every call with a key may answer
	Groups  []group
	Events  []event
	Objects []object
}

// group is the operations under one tag.
type group struct {
	ID         string
	Name       string
	About      template.HTML
	Operations []operation
}

// operation is one endpoint.
type operation struct {
	ID        string
	Method    string
	Path      string
	Summary   string
	Extension bool
	About     template.HTML
	Params    []field
	Headers   []field // beside credentials
	Numbered  bool    // error.field holds the parameter's number
	Codes     []code
	Try       *try   // nil for what cannot be tried on the page
	Words     string // what it is found by, in lower case
	Requests  []sample
	Answers   []sample
	Data      []field // what the data of a success holds
	Failures  []failure
	Common    []failure

	form []string // name=value of each field, where it takes a form
}

// object is a component that answers are made of.
type object struct {
	Name   string
	About  template.HTML
	Fields []field
}

// sample is an example in JSON.
type sample struct {
	Title string
	Note  string
	JSON  template.HTML
}

// failure is an answer that is not a success.
type failure struct {
	ID      string // an anchor, for those that are told once for all endpoints
	Code    string
	Field   string
	Message string
	When    template.HTML
	JSON    template.HTML
}

// page turns the document into what the template shows.
func (d *document) page() (*page, error) {
	info := d.root.get("info")
	p := &page{
		Title:   info.get("title").text(),
		Version: info.get("version").text(),
		Summary: info.get("summary").text(),
		Intro:   blocks(info.get("description").text()),
	}
	index := make(map[string]int)
	for tag := range d.root.get("tags").items() {
		name := tag.get("name").text()
		index[name] = len(p.Groups)
		p.Groups = append(p.Groups, group{ID: slug(name), Name: name, About: line(tag.get("description").text())})
	}
	b := builder{document: d, common: d.commonFailures()}
	for path, item := range d.root.get("paths").pairs() {
		for _, method := range []string{"get", "post"} {
			n := item.get(method)
			if !n.exists() {
				continue
			}
			op, err := b.operation(strings.ToUpper(method), path, n)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			var tag string
			for t := range n.get("tags").items() {
				tag = t.text()
				break
			}
			i, ok := index[tag]
			if !ok {
				return nil, fmt.Errorf("%s: there is no tag %q", path, tag)
			}
			p.Groups[i].Operations = append(p.Groups[i].Operations, op)
			if len(p.Common) == 0 {
				p.Common = anchored(op.Common)
			}
		}
	}
	var err error
	if p.Events, err = b.events(); err != nil {
		return nil, err
	}
	p.Objects = b.objects()
	return p, nil
}

// commonFailures finds the examples that every operation with a key answers by reference.
// They are told once instead of under each endpoint.
func (d *document) commonFailures() map[string]bool {
	count := make(map[string]int)
	keyed := 0
	for _, item := range d.root.get("paths").pairs() {
		op := item.get("post")
		if !op.exists() {
			continue
		}
		keyed++
		for _, example := range d.answer(op).get("examples").pairs() {
			count[example.get("$ref").text()]++
		}
	}
	common := make(map[string]bool)
	for ref, n := range count {
		if ref != "" && n == keyed {
			common[ref] = true
		}
	}
	return common
}

// anchored gives failures the anchors that the endpoints link to.
func anchored(list []failure) []failure {
	out := slices.Clone(list)
	for i := range out {
		out[i].ID = "error-" + out[i].Code
	}
	return out
}

// answer is what an operation answers with HTTP status 200, as JSON.
func (d *document) answer(op node) node {
	return d.resolve(op.get("responses", "200")).get("content", "application/json")
}

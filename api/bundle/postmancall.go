package bundle

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// folder has the calls of a tag.
func (c calls) folder(tag *yaml.Node) (folder, error) {
	f := folder{Name: value(tag, "name"), Description: value(tag, "description")}
	for path, item := range pairs(get(c.root, "paths")) {
		op := get(item, "post")
		if tags := items(get(op, "tags")); len(tags) == 0 || tags[0].Value != f.Name {
			continue
		}
		body, err := c.collectionBody(op)
		if err != nil {
			return f, fmt.Errorf("%s: %w", path, err)
		}
		f.Items = append(f.Items, collectionItem{
			Name: value(op, "summary"), Responses: []struct{}{},
			Request: collectionRequest{
				Method: "POST", Headers: c.headers(op), Body: body, Description: value(op, "description"),
				URL: collectionURL{
					Raw: "{{url}}" + path, Host: []string{"{{url}}"}, Path: strings.Split(strings.Trim(path, "/"), "/"),
				},
			},
		})
	}
	return f, nil
}

// headers are the credentials of a call and, if it changes something, a key by which it is known.
func (c calls) headers(op *yaml.Node) []variable {
	security := get(op, "security")
	if security == nil {
		security = get(c.root, "security")
	}
	var all []variable
	if choices := items(security); len(choices) > 0 { // the others are alternatives
		for scheme := range pairs(choices[0]) {
			all = append(all, schemeHeaders[scheme])
		}
	}
	if (serverCall{op: op}).changes() {
		all = append(all, variable{Key: "Idempotency-Key", Value: "{{$guid}}"})
	}
	return all
}

// collectionBody is the first example of a call's parameters, nil if it has none.
func (c calls) collectionBody(op *yaml.Node) (*collectionBody, error) {
	if form := get(op, "requestBody", "content", "multipart/form-data"); form != nil {
		return c.collectionForm(form), nil
	}
	for _, example := range pairs(get(op, "requestBody", "content", "application/json", "examples")) {
		raw, err := ordered(get(c.example(example), "value"), "")
		if err != nil {
			return nil, err
		}
		body := &collectionBody{Mode: "raw", Raw: raw, Options: &bodyOptions{}}
		body.Options.Raw.Language = "json"
		return body, nil
	}
	return nil, nil
}

// collectionForm is a form by its example, in which @ begins the name of a file. Which one, the reader chooses.
func (c calls) collectionForm(form *yaml.Node) *collectionBody {
	body := &collectionBody{Mode: "formdata"}
	for _, example := range pairs(get(form, "examples")) {
		for name, v := range pairs(get(c.example(example), "value")) {
			field := formField{Key: name, Type: "text", Value: v.Value}
			if strings.HasPrefix(v.Value, "@") {
				field = formField{Key: name, Type: "file", Src: new("")}
			}
			body.Form = append(body.Form, field)
		}
		break
	}
	return body
}

package apidocs

import (
	"fmt"
	"html/template"
)

// event is a type of events, as the feed and webhooks tell of it.
type event struct {
	Type   string
	About  string
	Fields []field // of its data
	JSON   template.HTML
}

// tellEvent keeps an example of an answer for the catalogue if there is an event in it, and reports whether there is.
func (b *builder) tellEvent(example schema) bool {
	if typeOfExample(example.node) == "" {
		return false
	}
	b.told = append(b.told, example.node)
	return true
}

// typeOfExample is the type of the first event in an answer, "" if there is none.
func typeOfExample(example node) string {
	for e := range example.get("value", "data", "events").items() {
		return e.get("type").text()
	}
	return ""
}

// events is the catalogue of what was told. A type is told of once.
func (b *builder) events() ([]event, error) {
	var all []event
	seen := make(map[string]bool)
	for _, example := range b.told {
		name := typeOfExample(example)
		if seen[name] {
			return nil, fmt.Errorf("there are two examples of the event %s", name)
		}
		seen[name] = true
		for e := range example.get("value", "data", "events").items() {
			text, err := e.coloured()
			if err != nil {
				return nil, err
			}
			all = append(all, event{
				Type: name, About: example.get("summary").text(), Fields: b.dataOfEvent(name), JSON: text,
			})
			break
		}
	}
	return all, nil
}

// dataOfEvent are the keys of the data of a type of events.
func (b *builder) dataOfEvent(name string) []field {
	for variant := range b.root.get("components", "schemas", "Event", "oneOf").items() {
		s := b.resolve(variant)
		if b.resolve(s.get("properties", "type")).get("enum").contains(name) {
			return b.fields(b.resolve(s.get("properties", "data")))
		}
	}
	return nil
}

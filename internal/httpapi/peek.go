package httpapi

import (
	"github.com/go-json-experiment/json/jsontext"

	"parlor/internal/chat"
)

// Peek is the text of a parameter for records of the call, "" where there is none. It is no question of the
// handler's: nothing is checked, and the parameter does not count as known.
func (p *Params) Peek(name string) string {
	v := p.values[name]
	if v.Kind() != '"' {
		return ""
	}
	s, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return ""
	}
	return string(s)
}

// PeekTexts is Peek of a list: its first most texts, and how many entries it has, up to chat.MaxIDs.
func (p *Params) PeekTexts(name string, most int) (list []string, count int) {
	items, _ := entries(p.values[name], chat.MaxIDs)
	for _, item := range items[:min(len(items), most)] {
		if s, err := jsontext.AppendUnquote(nil, item); err == nil {
			list = append(list, string(s))
		}
	}
	return list, min(len(items), chat.MaxIDs)
}

// PeekObjects is PeekTexts of one text of each object of a list.
func (p *Params) PeekObjects(name, text string, most int) (list []string, count int) {
	items, _ := entries(p.values[name], chat.MaxIDs)
	for _, item := range items[:min(len(items), most)] {
		if item.Kind() == '{' {
			list = append(list, ParseParams(item).Peek(text))
		}
	}
	return list, min(len(items), chat.MaxIDs)
}

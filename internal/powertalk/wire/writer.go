// Package wire is the JSON that callers see, written from chat's types. It appends to a
// byte slice instead of going through reflection: answers of a hundred objects are the
// rule, and every key of every object is always present (docs/protocol.md, "Objects").
package wire

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// writer appends JSON. Commas put themselves in, but for what put appends.
type writer struct {
	b        []byte
	rendered *rendered // what repeats in a list, nil in other answers
}

func (w *writer) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' {
		w.b = append(w.b, ',')
	}
}

// key must be plain ASCII.
func (w *writer) key(name string) {
	w.comma()
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *writer) quote(s string) {
	if plain(s) {
		w.b = append(append(append(w.b, '"'), s...), '"')
		return
	}
	// AppendQuote fails only on invalid UTF-8, and then has put U+FFFD in its place.
	w.b, _ = jsontext.AppendQuote(w.b, s)
}

// plain reports whether s stands for itself between quotes, as most texts do.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c > '~' {
			return false
		}
	}
	return true
}

// The hot paths know where they are in an object. They put literal pieces: keys with
// the comma before them, and whatever else is the same for all.

func (w *writer) put(piece string) { w.b = append(w.b, piece...) }

func (w *writer) putStr(piece, s string) {
	w.put(piece)
	w.quote(s)
}

func (w *writer) putNum(piece string, n int64) {
	w.put(piece)
	w.b = strconv.AppendInt(w.b, n, 10)
}

func (w *writer) putFlag(piece string, v bool) {
	w.put(piece)
	w.b = strconv.AppendBool(w.b, v)
}

func (w *writer) str(name, s string) {
	w.key(name)
	w.quote(s)
}

func (w *writer) num(name string, n int64) {
	w.key(name)
	w.b = strconv.AppendInt(w.b, n, 10)
}

// id writes a number as text, the wire's form of ids.
func (w *writer) id(name string, n int64) {
	w.key(name)
	w.b = append(strconv.AppendInt(append(w.b, '"'), n, 10), '"')
}

func (w *writer) flag(name string, v bool) {
	w.key(name)
	w.b = strconv.AppendBool(w.b, v)
}

// open begins an object, end finishes it.
func (w *writer) open(name string) {
	w.key(name)
	w.b = append(w.b, '{')
}

func (w *writer) item() {
	w.comma()
	w.b = append(w.b, '{')
}

func (w *writer) end() { w.b = append(w.b, '}') }

// list begins an array, endList finishes it. An empty one is [], never null.
func (w *writer) list(name string) {
	w.key(name)
	w.b = append(w.b, '[')
}

func (w *writer) endList() { w.b = append(w.b, ']') }

func (w *writer) nums(name string, list []int64) {
	w.list(name)
	for _, n := range list {
		w.comma()
		w.b = strconv.AppendInt(w.b, n, 10)
	}
	w.endList()
}

func (w *writer) strs(name string, list []string) {
	w.list(name)
	for _, s := range list {
		w.comma()
		w.quote(s)
	}
	w.endList()
}

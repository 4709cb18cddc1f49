package apidocs

import (
	"html"
	"html/template"
	"slices"
	"strconv"
	"strings"
)

// code is an example of a call in some language.
type code struct {
	Language string
	Text     template.HTML
}

// try is what the page needs to make a call.
type try struct {
	Body    string   // the example's, "" for a call without parameters
	Keys    []string // what the reader has to put in: server, app, token
	Changes bool
}

// codes are the examples of a call. In Go and TypeScript there are those of the server API, which have
// clients.
func (b *builder) codes(op *operation, n node, schemes []string, body string) []code {
	shell := curl(op.Method, op.Path, schemes, body)
	if op.form != nil {
		shell = curlForm(op.Path, schemes, op.form)
	}
	all := []code{{"curl", fillable(shell, "shell", schemes)}}
	method := n.get("x-parlor-method").text()
	if method == "" {
		return all
	}
	return append(all,
		code{"Go", fillable(goCode(op.Path, b.firstExample(n)), "text", schemes)},
		code{"TypeScript", fillable(tsCode(method, body), "text", schemes)},
	)
}

// firstExample is the first example of what an operation takes.
func (b *builder) firstExample(n node) node {
	for _, example := range b.resolve(n.get("requestBody")).get("content", "application/json", "examples").pairs() {
		return b.resolve(example).get("value")
	}
	return node{}
}

func goCode(path string, params node) string {
	given := "nil"
	if params.exists() {
		given = goLiteral(params, "")
	}
	return `backend, err := client.NewBackend(client.Config{URL: "` + baseURL + `", Key: "ID:SECRET"})
if err != nil {
	return err
}
var data map[string]any
err = backend.Call(ctx, ` + strconv.Quote(strings.TrimPrefix(path, "/v1/server/")) + ", " + given + ", &data)"
}

// goLiteral is a value of JSON as Go.
func goLiteral(n node, indent string) string {
	inner := indent + "\t"
	var entries []string
	kind := "[]any"
	switch {
	case n.isMap():
		kind = "map[string]any"
		for key, v := range n.pairs() {
			entries = append(entries, strconv.Quote(key)+": "+goLiteral(v, inner))
		}
	case n.isList():
		for v := range n.items() {
			entries = append(entries, goLiteral(v, inner))
		}
	case n.isNull():
		return "nil"
	case n.tag() == "!!str":
		return strconv.Quote(n.text())
	default:
		return n.text()
	}
	if len(entries) == 0 {
		return kind + "{}"
	}
	return kind + "{\n" + inner + strings.Join(entries, ",\n"+inner) + ",\n" + indent + "}"
}

func tsCode(method, body string) string {
	return `import { Backend } from "parlor-client";

const parlor = new Backend({ url: "` + baseURL + `", key: "ID:SECRET" });
const data = await parlor.` + method + "(" + body + ");"
}

// fillNames are what readers put in, by the names of security schemes.
var fillNames = map[string]string{"ServerKey": "server", "AppKey": "app", "Token": "token"}

func fills(schemes []string) (names []string) {
	for _, scheme := range schemes {
		names = append(names, fillNames[scheme])
	}
	return names
}

// fillable is an example in which the page's script puts the reader's own credentials, quoted as the language
// needs it.
func fillable(text, quoting string, schemes []string) template.HTML {
	text = html.EscapeString(text)
	for _, scheme := range schemes {
		before, blank := "", "ID:SECRET"
		if scheme == "Token" {
			before, blank = "Bearer ", "TOKEN"
		}
		span := `<span data-fill="` + fillNames[scheme] + `" data-quoting="` + quoting + `">` + blank + `</span>`
		text = strings.ReplaceAll(text, before+blank, before+span)
	}
	return template.HTML(text) //nolint:gosec // escaped
}

// changes reports whether a call of the server API changes something: those that do take a key.
func changes(n node) bool {
	for p := range n.get("parameters").items() {
		if strings.HasSuffix(p.get("$ref").text(), "/IdempotencyKey") {
			return true
		}
	}
	return false
}

// words are what a reader may look for to find an operation: what it is called, what it takes and answers, and the
// codes of its own failures.
func (op *operation) words(n node) string {
	all := []string{op.Path, op.Summary, op.ID, n.get("x-parlor-method").text()}
	for _, p := range op.Params {
		if !strings.Contains(p.Name, ".") {
			all = append(all, p.Name)
		}
	}
	for _, key := range op.Data {
		all = append(all, key.Name)
	}
	for _, f := range op.Failures {
		if !slices.Contains(all, f.Code) {
			all = append(all, f.Code)
		}
	}
	return words(all...)
}

package apidocs

import (
	"bytes"
	_ "embed"
	"html"
	"html/template"
	"strings"
)

var (
	//go:embed assets/page.html.tmpl
	layout string

	// style and script go into the page as they are: their hashes stand in its
	// Content-Security-Policy.
	//
	//go:embed assets/page.css
	style string
	//go:embed assets/copy.js
	script string
)

// render makes the page.
func render(p *page) ([]byte, error) {
	funcs := template.FuncMap{
		"style":  func() template.CSS { return template.CSS(style) }, //nolint:gosec // a file of this package
		"script": func() template.JS { return template.JS(script) },  //nolint:gosec // a file of this package
		"lower":  strings.ToLower,
		"path":   breakable,
	}
	t, err := template.New("page").Funcs(funcs).Parse(layout)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, p)
	return out.Bytes(), err
}

// breakable lets a long path continue on the next line after a slash.
func breakable(path string) template.HTML {
	return template.HTML(strings.ReplaceAll(html.EscapeString(path), "/", "/<wbr>")) //nolint:gosec // escaped
}

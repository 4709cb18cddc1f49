package apidocs

import (
	"bytes"
	"embed"
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
	//go:embed assets/*.js
	scripts embed.FS
	script  = joined("copy", "search", "language", "key", "try")
)

// joined is one script of several, in their order. Each is a block of its own.
func joined(names ...string) string {
	var out strings.Builder
	for _, name := range names {
		text, err := scripts.ReadFile("assets/" + name + ".js")
		if err != nil {
			panic("apidocs: " + err.Error()) // a file of this package
		}
		out.WriteString("{\n" + string(text) + "}\n")
	}
	return out.String()
}

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

package apidocs

import (
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"parlor/api"
)

// TestGoExamplesCompile builds a program of all examples in Go. Those in TypeScript are compiled with
// its client, in web/client/tests.
func TestGoExamplesCompile(t *testing.T) {
	doc, err := parse(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	p, err := doc.page()
	if err != nil {
		t.Fatal(err)
	}
	tags := regexp.MustCompile(`<[^>]*>`)
	var program strings.Builder
	program.WriteString("package main\n\nimport (\n\"context\"\n\n\"parlor/client\"\n)\n\nfunc main() {}\n")
	count := 0
	for _, g := range p.Groups {
		for _, op := range g.Operations {
			for _, c := range op.Codes {
				if c.Language == "Go" {
					count++
					text := html.UnescapeString(tags.ReplaceAllString(string(c.Text), ""))
					fmt.Fprintf(&program, "\nfunc %s(ctx context.Context) error {\n%s\nreturn err\n}\n", op.ID, text)
				}
			}
		}
	}
	if count == 0 {
		t.Fatal("there are no examples in Go")
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", os.DevNull, file)
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("the examples do not compile: %v\n%s", err, out)
	}
}

func TestGoLiteral(t *testing.T) {
	tests := []struct{ yaml, want string }{
		{`{a: "x\"y", b: [1, true, null], c: {}, d: []}`, "map[string]any{\n" +
			"\t\"a\": \"x\\\"y\",\n\t\"b\": []any{\n\t\t1,\n\t\ttrue,\n\t\tnil,\n\t},\n\t\"c\": map[string]any{},\n\t\"d\": []any{},\n}"},
		{`"1"`, `"1"`},
		{"1767225600000", "1767225600000"},
	}
	for _, tt := range tests {
		var y yaml.Node
		if err := yaml.Unmarshal([]byte(tt.yaml), &y); err != nil {
			t.Fatal(err)
		}
		if got := goLiteral(wrap(y.Content[0]), ""); got != tt.want {
			t.Errorf("%s gives %s, want %s", tt.yaml, got, tt.want)
		}
	}
}

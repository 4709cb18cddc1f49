package apidocs

import (
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestMarkdown(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"one\ntwo\n\nthree", "<p>one two</p><p>three</p>"},
		{"- a\n  b\n- c", "<ul><li>a b</li><li>c</li></ul>"},
		{"`a*b*c` and **d** and *e*", "<p><code>a*b*c</code> and <strong>d</strong> and <em>e</em></p>"},
		{"<script>&`<b>`", "<p>&lt;script&gt;&amp;<code>&lt;b&gt;</code></p>"},
	}
	for _, tt := range tests {
		if got := string(markdown(tt.in)); got != tt.want {
			t.Errorf("%q gives %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestBlocks(t *testing.T) {
	got := blocks("intro\n\n## A Heading\n\ntext `Code`\n")
	want := []block{{Body: "<p>intro</p>"}, {ID: "a-heading", Title: "A Heading", Body: "<p>text <code>Code</code></p>", Words: "code a heading"}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("blocks %+v, want %+v", got, want)
	}
}

func TestCurl(t *testing.T) {
	if got, want := curl("GET", "/healthz", nil, ""), "curl http://127.0.0.1:8080/healthz"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	got := curl("POST", "/v1/x", []string{"ServerKey"}, `{"a":"it's"}`)
	want := `curl http://127.0.0.1:8080/v1/x \
  -H "Server-Key: $(printf %s 'ID:SECRET' | base64 | tr -d '\n')" \
  -H 'Content-Type: application/json' \
  -d '{"a":"it'\''s"}'`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLimits(t *testing.T) {
	tests := []struct{ schema, want string }{
		{"{type: string}", ""},
		{"{minLength: 1, maxLength: 50, pattern: '^[^\\x00]*$'}", "1 to 50 characters"},
		{"{type: [string, 'null'], maxLength: 9}", "at most 9 characters"},
		{"{minimum: 0, default: 0}", "from 0, default 0"},
		{"{enum: [2, 4]}", "2 or 4"},
		{"{enum: [true, 'true', null]}", `true or "true"`},
		{"{anyOf: [{enum: [1, 2, 3]}, {minimum: 5, maximum: 9}]}", "1, 2 or 3 or 5 to 9"},
		{"{maxItems: 3, items: {maxLength: 5}}", "at most 3 entries, each at most 5 characters"},
		{"{items: {maxLength: 5}}", "at most 5 characters"},
		{"{maxLength: 5, x-parlor-limits: 5 bytes}", "5 bytes"},
		{"{pattern: '^a$'}", "^a$"},
		{"{default: ''}", ""},
	}
	for _, tt := range tests {
		var y yaml.Node
		if err := yaml.Unmarshal([]byte(tt.schema), &y); err != nil {
			t.Fatal(err)
		}
		b := builder{document: &document{}}
		if got := b.limits(schema{node: wrap(y.Content[0])}); got != tt.want {
			t.Errorf("%s gives %q, want %q", tt.schema, got, tt.want)
		}
	}
}

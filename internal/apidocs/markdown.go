package apidocs

import (
	"html"
	"html/template"
	"regexp"
	"slices"
	"strings"
)

// block is a heading and the text under it; the text before the first heading has none.
type block struct {
	ID    string
	Title string
	Body  template.HTML
	Words string // what it is found by, in lower case
}

// blocks cuts a description at its headings.
func blocks(text string) []block {
	var out []block
	for i, part := range strings.Split("\n"+text, "\n## ") {
		b := block{}
		if i > 0 {
			b.Title, part, _ = strings.Cut(part, "\n")
			b.ID = slug(b.Title)
			b.Words = words(append(codes(part), b.Title)...)
		}
		if b.Body = markdown(part); b.Title != "" || b.Body != "" {
			out = append(out, b)
		}
	}
	return out
}

// markdown renders what the document's descriptions use of it: paragraphs, lists,
// `code`, *emphasis* and **strong**. Everything else is text, HTML above all.
func markdown(text string) template.HTML {
	var out strings.Builder
	for para := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		lines := strings.TrimSpace(para)
		switch {
		case lines == "":
		case strings.HasPrefix(lines, "- "):
			out.WriteString("<ul>")
			for item := range strings.SplitSeq("\n"+lines, "\n- ") {
				if item != "" {
					out.WriteString("<li>" + inline(item) + "</li>")
				}
			}
			out.WriteString("</ul>")
		default:
			out.WriteString("<p>" + inline(lines) + "</p>")
		}
	}
	return template.HTML(out.String()) //nolint:gosec // inline escapes all text
}

// line renders a description of one sentence or two without a paragraph around it.
func line(text string) template.HTML {
	return template.HTML(inline(strings.TrimSpace(text))) //nolint:gosec // inline escapes all text
}

var (
	strong   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	emphasis = regexp.MustCompile(`\*([^*]+)\*`)
)

// inline escapes a text and marks it up. Between backquotes nothing else counts.
func inline(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	var out strings.Builder
	for i, part := range strings.Split(text, "`") {
		part = html.EscapeString(part)
		if i%2 == 1 {
			out.WriteString("<code>" + part + "</code>")
			continue
		}
		part = strong.ReplaceAllString(part, "<strong>$1</strong>")
		out.WriteString(emphasis.ReplaceAllString(part, "<em>$1</em>"))
	}
	return out.String()
}

// codes are what a description has between backquotes.
func codes(text string) (all []string) {
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 && !slices.Contains(all, part) {
			all = append(all, part)
		}
	}
	return all
}

// words are texts in lower case, for a search.
func words(texts ...string) string {
	return strings.Join(strings.Fields(strings.ToLower(strings.Join(texts, " "))), " ")
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// slug makes an anchor of a heading.
func slug(title string) string {
	return strings.Trim(notWord.ReplaceAllString(strings.ToLower(title), "-"), "-")
}

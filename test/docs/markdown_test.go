package docs_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// document is a page of Markdown, as far as these tests look at it.
type document struct {
	path     string
	headings []string
	blocks   []block
	tables   []table
	prose    []line // everything outside fences
}

type line struct {
	number int
	text   string
}

// block is what stands between two fences.
type block struct {
	line    int
	lang    string
	text    string
	notRun  string // the reason, "" if the block is to be run
	heading int    // how many headings precede it
}

// table is a table with the heading above it.
type table struct {
	heading string
	columns []string
	rows    [][]string
}

var notRunComment = regexp.MustCompile(`^<!-- not run: (.+) -->$`)

func parse(t *testing.T, path string) document {
	t.Helper()
	doc := document{path: path}
	var open *block
	var rows *table
	previous := ""
	for i, text := range strings.Split(read(t, path), "\n") {
		switch {
		case open != nil && text == "```":
			doc.blocks = append(doc.blocks, *open)
			open = nil
		case open != nil:
			open.text += text + "\n"
		case strings.HasPrefix(text, "```"):
			open = &block{line: i + 1, lang: strings.TrimPrefix(text, "```"), heading: len(doc.headings)}
			if m := notRunComment.FindStringSubmatch(previous); m != nil {
				open.notRun = m[1]
			}
		case strings.HasPrefix(text, "|"):
			cells := split(text)
			switch {
			case rows == nil:
				rows = &table{columns: cells}
				if n := len(doc.headings); n > 0 {
					rows.heading = doc.headings[n-1]
				}
			case strings.Trim(text, "|- ") != "":
				rows.rows = append(rows.rows, cells)
			}
		default:
			if title := strings.TrimLeft(text, "#"); title != text && strings.HasPrefix(title, " ") {
				doc.headings = append(doc.headings, strings.TrimSpace(title))
			}
		}
		if rows != nil && !strings.HasPrefix(text, "|") {
			doc.tables = append(doc.tables, *rows)
			rows = nil
		}
		if open == nil && text != "```" {
			doc.prose = append(doc.prose, line{i + 1, text})
		}
		if strings.TrimSpace(text) != "" {
			previous = text
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: this fence is never closed", path, open.line)
	}
	return doc
}

func split(row string) []string {
	cells := strings.Split(strings.Trim(row, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// table returns the table below the heading that has this first column.
func (d document) table(t *testing.T, heading, column string) table {
	t.Helper()
	for _, tab := range d.tables {
		if tab.heading == heading && tab.columns[0] == column {
			return tab
		}
	}
	t.Fatalf("%s: there is no table with the column %q below %q", d.path, column, heading)
	return table{}
}

// cell is what a row has in the named column, "" if the table has none of that name.
func (tab table) cell(row []string, column string) string {
	if i := slices.Index(tab.columns, column); i >= 0 && i < len(row) {
		return row[i]
	}
	return ""
}

// names are the texts in back quotes of one column.
func (tab table) names(column string) []string {
	var all []string
	for _, row := range tab.rows {
		all = append(all, quoted(tab.cell(row, column))...)
	}
	return all
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// quoted are the texts in back quotes.
func quoted(text string) []string {
	var all []string
	for _, m := range codeSpan.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// anchors are the names under which links find the headings.
func (d document) anchors() []string {
	seen := map[string]int{}
	var all []string
	for _, h := range d.headings {
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, h)
		if n := seen[slug]; n > 0 {
			all = append(all, slug+"-"+strconv.Itoa(n))
		} else {
			all = append(all, slug)
		}
		seen[slug]++
	}
	return all
}

// same reports the names that only one side has.
func same(t *testing.T, what string, documented, real []string) {
	t.Helper()
	for _, name := range documented {
		if !slices.Contains(real, name) {
			t.Errorf("%s: the document names %q, which does not exist", what, name)
		}
	}
	for _, name := range real {
		if !slices.Contains(documented, name) {
			t.Errorf("%s: the document does not name %q", what, name)
		}
	}
}

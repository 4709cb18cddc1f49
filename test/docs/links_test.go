package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinks(t *testing.T) {
	for _, file := range files(t, ".md") {
		for _, l := range parse(t, file).prose {
			for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(l.text, ""), -1) {
				if strings.Contains(m[1], "://") {
					continue // somebody else's page
				}
				target, anchor, hasAnchor := strings.Cut(m[1], "#")
				to := file
				if target != "" {
					to = path.Join(path.Dir(file), target)
				}
				if _, err := os.Stat(filepath.Join(root, to)); err != nil {
					t.Errorf("%s:%d: %s leads nowhere: %v", file, l.number, m[1], err)
				} else if hasAnchor && !slices.Contains(parse(t, to).anchors(), anchor) {
					t.Errorf("%s:%d: %s has no heading of this name", file, l.number, m[1])
				}
			}
		}
	}
}

// named is a page that a comment speaks of, and perhaps one of its sections.
var named = regexp.MustCompile(`(docs/[a-z/-]+\.md)(?:, "([^"]+)")?`)

// TestSections follows the code's comments to the sections that they name.
func TestSections(t *testing.T) {
	for _, suffix := range []string{".go", ".sql", ".yaml"} {
		for _, file := range files(t, suffix) {
			if strings.HasPrefix(file, "test/docs/") {
				continue
			}
			text := strings.NewReplacer("\n// ", " ", "\n-- ", " ").Replace(read(t, file))
			for _, m := range named.FindAllStringSubmatch(text, -1) {
				page, section := m[1], m[2]
				if _, err := os.Stat(filepath.Join(root, page)); err != nil {
					t.Errorf("%s refers to %s: %v", file, page, err)
					continue
				}
				if section == "" {
					continue
				}
				if page == protocol {
					page = entry(t)[section]
				}
				if page == "" || !slices.Contains(parse(t, page).headings, section) {
					t.Errorf("%s refers to a section %q that %s does not have", file, section, m[1])
				}
			}
		}
	}
}

// protocol is the page that lists the sections of all pages in docs/protocol.
const protocol = "docs/protocol.md"

var entryLink = regexp.MustCompile(`^ *- \[([^]]+)\]\((protocol/[^)#]+)(?:#[^)]*)?\)`)

// entry says which page has a section of the protocol.
func entry(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, l := range parse(t, protocol).prose {
		if m := entryLink.FindStringSubmatch(l.text); m != nil {
			pages[m[1]] = "docs/" + m[2]
		}
	}
	return pages
}

// TestEntry compares the list of sections with the pages. The sections of single calls, which
// are found by their paths, are not in it.
func TestEntry(t *testing.T) {
	var listed, real []string
	for section, page := range entry(t) {
		listed = append(listed, page+" "+section)
	}
	for _, file := range files(t, ".md") {
		if !strings.HasPrefix(file, "docs/protocol/") {
			continue
		}
		for _, h := range parse(t, file).headings {
			if !strings.HasPrefix(h, "POST ") {
				real = append(real, file+" "+h)
			}
		}
	}
	same(t, protocol, listed, real)
}

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

var section = regexp.MustCompile(`(docs/[a-z-]+\.md)(?:, "([^"]+)")?`)

// TestSections follows the code's comments to the sections that they name.
func TestSections(t *testing.T) {
	for _, suffix := range []string{".go", ".sql", ".yaml"} {
		for _, file := range files(t, suffix) {
			if strings.HasPrefix(file, "test/docs/") {
				continue
			}
			text := strings.NewReplacer("\n// ", " ", "\n-- ", " ").Replace(read(t, file))
			for _, m := range section.FindAllStringSubmatch(text, -1) {
				if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
					t.Errorf("%s refers to %s: %v", file, m[1], err)
				} else if m[2] != "" && !slices.Contains(parse(t, m[1]).headings, m[2]) {
					t.Errorf("%s refers to a section %q that %s does not have", file, m[2], m[1])
				}
			}
		}
	}
}

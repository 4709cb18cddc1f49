package docs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// languages are those that fences may name, so that no command hides from being run.
var languages = []string{"bash", "json", "yaml", "ini", "nginx", "sql", "go", "js", "text"}

// TestCommands runs the documents' commands as a reader pastes them: file by file, each
// in one shell, against a server that has just been started for the first time. They have
// pasted the banner's call before, as it asks them to.
func TestCommands(t *testing.T) {
	for _, file := range files(t, ".md") {
		if file != "README.md" && !strings.HasPrefix(file, "docs/") {
			continue
		}
		doc := parse(t, file)
		runs := pairs(t, doc)
		if len(runs) == 0 {
			continue
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			runAll(t, doc, runs)
		})
	}
}

// pair is a block of commands and the answer that it should end with, if one is shown.
type pair struct {
	commands block
	answer   *block
}

func pairs(t *testing.T, doc document) []pair {
	t.Helper()
	var all []pair
	for i, b := range doc.blocks {
		where := fmt.Sprintf("%s:%d", doc.path, b.line)
		switch {
		case !slices.Contains(languages, b.lang):
			t.Errorf("%s: name a language, one of %v, not %q", where, languages, b.lang)
		case b.lang == "bash" && b.notRun == "":
			all = append(all, pair{commands: b})
		case b.lang == "json":
			before := len(all) - 1
			if i == 0 || before < 0 || all[before].commands.line != doc.blocks[i-1].line ||
				doc.blocks[i-1].heading != b.heading {
				t.Errorf("%s: no commands that are run answer this", where)
				continue
			}
			all[before].answer = &doc.blocks[i]
		}
	}
	return all
}

const mark = "===== end of block"

func runAll(t *testing.T, doc document, runs []pair) {
	s := start(t)
	script := "set -euo pipefail\n"
	replace := strings.NewReplacer("127.0.0.1:8080", s.address, "ID:SECRET", s.key)
	script += s.paste + "\necho\n"
	for i, r := range runs {
		script += replace.Replace(r.commands.text) + fmt.Sprintf("printf '\\n%s %d\\n'\n", mark, i)
	}
	file := filepath.Join(s.dir, "commands.sh")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", file)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.dir, environment(), &out, &errs
	err := cmd.Run()
	rest := out.String()
	for i, r := range runs {
		printed, after, ended := strings.Cut(rest, fmt.Sprintf("\n%s %d\n", mark, i))
		if !ended {
			t.Fatalf("%s:%d: the commands failed: %v\n%s\n%s", doc.path, r.commands.line, err, printed, errs.String())
		}
		rest = after
		r.check(t, doc.path, printed)
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", doc.path, err, errs.String())
	}
}

// check looks at what the commands printed: each answer is a success, and the last one
// is what the document shows.
func (r pair) check(t *testing.T, path, printed string) {
	t.Helper()
	where := fmt.Sprintf("%s:%d", path, r.commands.line)
	var answers []any
	for line := range strings.SplitSeq(printed, "\n") {
		if strings.HasPrefix(line, "{") {
			answers = append(answers, decode(t, where, line)...)
		}
	}
	for i, a := range answers {
		status, enveloped := a.(map[string]any)["status"].(float64)
		shown := r.answer != nil && i == len(answers)-1
		if enveloped && !shown && status != 200 {
			t.Errorf("%s: answer %d is a failure: %v", where, i+1, a)
		}
	}
	if r.answer == nil {
		return
	}
	where = fmt.Sprintf("%s:%d", path, r.answer.line)
	if len(answers) == 0 {
		t.Errorf("%s: the commands answered no JSON: %s", where, printed)
		return
	}
	for _, d := range differences("", decode(t, where, r.answer.text)[0], answers[len(answers)-1]) {
		t.Errorf("%s: %s", where, d)
	}
}

// decode returns the values of a JSON text, which follow one another.
func decode(t *testing.T, where, text string) []any {
	t.Helper()
	var values []any
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) && len(values) > 0 {
			return values
		}
		if err != nil {
			t.Fatalf("%s: %v in %s", where, err, text)
		}
		values = append(values, v)
	}
}

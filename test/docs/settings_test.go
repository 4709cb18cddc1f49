package docs_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"parlor/internal/config"
)

func TestSettings(t *testing.T) {
	doc := parse(t, "docs/configuration.md")
	tab := doc.table(t, "Settings", "name")
	help, err := exec.Command(binary, "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	defaults := printed(t, config.Default())
	var settings []string
	for _, s := range config.Settings() {
		settings = append(settings, s.Name)
		i := slices.IndexFunc(tab.rows, func(row []string) bool { return tab.cell(row, "name") == "`"+s.Name+"`" })
		if i < 0 {
			continue // reported below
		}
		want := []string{"`" + s.Name + "`", "`" + s.Env() + "`", "`--" + s.Name + "`", "`" + defaults[s.Name] + "`"}
		if s.Secret {
			want[2] = "none"
		} else if !strings.Contains(string(help), " --"+s.Name+"=") {
			t.Errorf("`parlor serve` has no flag for %s", s.Name)
		}
		if defaults[s.Name] == "" {
			want[3] = "empty"
		}
		if !slices.Equal(tab.rows[i], want) {
			t.Errorf("row %v, want %v", tab.rows[i], want)
		}
		if !strings.Contains(read(t, doc.path), "\n- **"+s.Name+"**: ") {
			t.Errorf("the text does not explain %s", s.Name)
		}
	}
	same(t, "settings", tab.names("name"), settings)
}

func printed(t *testing.T, cfg config.Config) map[string]string {
	t.Helper()
	var out bytes.Buffer
	if err := cfg.Print(&out); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	if err := yaml.Unmarshal(out.Bytes(), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

// TestSettingsFile loads the settings files that documents show.
func TestSettingsFile(t *testing.T) {
	found := false
	for _, b := range parse(t, "docs/configuration.md").blocks {
		if b.lang != "yaml" {
			continue
		}
		found = true
		file := filepath.Join(t.TempDir(), "parlor.yaml")
		if err := os.WriteFile(file, []byte(b.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(file, nil, nil); err != nil {
			t.Errorf("docs/configuration.md:%d: %v", b.line, err)
		}
	}
	if !found {
		t.Error("there is no example of a settings file")
	}
}

var metric = regexp.MustCompile(`\bparlor_[a-z_]+`)

func TestMetrics(t *testing.T) {
	var real []string
	for _, file := range files(t, ".go") {
		if strings.HasPrefix(file, "internal/") && !strings.HasSuffix(file, "_test.go") {
			for _, m := range regexp.MustCompile(`(?:Name: |NewDesc\()"(parlor_[a-z_]+)"`).FindAllStringSubmatch(read(t, file), -1) {
				real = append(real, m[1])
			}
		}
	}
	doc := parse(t, "docs/operations.md")
	same(t, "metrics", doc.table(t, "Metrics", "metric").names("metric"), real)
	// Those in queries have endings of their own.
	for _, used := range metric.FindAllString(read(t, doc.path), -1) {
		base := used
		for _, end := range []string{"_bucket", "_sum", "_count"} {
			base = strings.TrimSuffix(base, end)
		}
		if !slices.Contains(real, used) && !slices.Contains(real, base) {
			t.Errorf("there is no metric %s", used)
		}
	}
}

// TestLogLines looks for the lines that the operator is told of.
func TestLogLines(t *testing.T) {
	code := ""
	for _, file := range files(t, ".go") {
		code += read(t, file)
	}
	doc := parse(t, "docs/operations.md")
	for _, line := range doc.table(t, "Logs", "level").names("line") {
		if !strings.Contains(code, `"`+line+`"`) {
			t.Errorf("nothing logs %q", line)
		}
	}
	for _, text := range doc.table(t, "Overload", "text").names("text") {
		if !strings.Contains(code, `"`+text+`"`) {
			t.Errorf("nothing answers %q", text)
		}
	}
}

func TestMakeTargets(t *testing.T) {
	var real []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):.*## `).FindAllStringSubmatch(read(t, "Makefile"), -1) {
		if m[1] != "help" {
			real = append(real, "make "+m[1])
		}
	}
	same(t, "make targets", parse(t, "CONTRIBUTING.md").table(t, "Make targets", "target").names("target"), real)
}

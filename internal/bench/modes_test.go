package bench_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/internal/bench"
	"parlor/test/env/servertest"
)

// program runs parlor-bench and returns what it has printed.
func program(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bench.Programs.Bench, args...)
	cmd.Env = append(os.Environ(), env...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, said.String())
	}
	return string(out)
}

func TestCompare(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { compare(t, quick(t), bench.CompareNames()) })
	t.Run("postgres", func(t *testing.T) {
		o := quick(t)
		o.Database = servertest.Postgres(t).Database
		o.Only = []string{"send", "idle"}
		compare(t, o, o.Only)
	})
}

func compare(t *testing.T, o bench.Options, want []string) {
	found, err := bench.Compare(t.Context(), o, o.Executable, [2]string{"v1", "v2"})
	if err != nil {
		t.Fatal(err)
	}
	checkNothingLeft(t, o.Dir)
	var names []string
	for _, row := range found.Rows {
		names = append(names, row.Name)
		if row.Base <= 0 && row.Name != "idle" || len(row.Ratios.All) != 2 || row.Verdict != "no difference shown" {
			t.Errorf("%+v", row)
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("rows %v, want %v", names, want)
	}
	var text strings.Builder
	if err := found.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range append(names, "base v1, new v2") {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
}

// What the base cannot do is left out; what the new one cannot do ends the comparison.
func TestCompareWithWhatFails(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "parlor")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho no such flag >&2; exit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	o := quick(t)
	o.Only = []string{"send", "idle"}
	found, err := bench.Compare(t.Context(), o, broken, [2]string{})
	if err != nil || len(found.Rows) != 0 || len(found.LeftOut) != 2 || !strings.Contains(found.LeftOut[0], "no such flag") {
		t.Errorf("%v, %+v, want both rows left out", err, found)
	}
	o.Executable, broken = broken, o.Executable
	if _, err := bench.Compare(t.Context(), o, broken, [2]string{}); err == nil || !strings.Contains(err.Error(), "no such flag") {
		t.Errorf("error %v, want that of the new one", err)
	}
	o.Only = []string{"no-such-row"}
	if _, err := bench.Compare(t.Context(), o, broken, [2]string{}); err == nil || !strings.Contains(err.Error(), "no row") {
		t.Errorf("error %v, want one of the row", err)
	}
	checkNothingLeft(t, o.Dir)
}

// A database is filled once and measured more than once.
func TestOldDatabase(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "old")
		program(t, nil, "fill", "--rooms", "100", "--messages", "500", "--data", dir)
		o := quick(t)
		o.Old = dir
		measureOld(t, o)
		measureOld(t, o)
	})
	t.Run("postgres", func(t *testing.T) {
		o := quick(t)
		o.Database = servertest.Postgres(t).Database
		o.Old = o.Database
		program(t, []string{"PARLOR_BENCH_DATABASE=" + o.Database}, "fill", "--rooms", "100", "--messages", "500")
		measureOld(t, o)
	})
}

func measureOld(t *testing.T, o bench.Options) {
	t.Helper()
	o.Rounds, o.Only = 1, []string{"old"}
	report, err := bench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	// It has not made one of 2,000 messages, as a quick run does that is given none.
	if title := report.Rows[0].Title; strings.Contains(title, " 2,000 ") || strings.Contains(title, " 0 messages") {
		t.Errorf("it measured %s", title)
	}
	checkNothingLeft(t, o.Dir)
}

func TestWrongFill(t *testing.T) {
	for _, args := range [][]string{
		{"fill"},
		{"fill", "--data", "x", "--database", "postgres://x"},
		{"fill", "--data", "x", "--messages=-1"},
		{"fill", "--data", "x", "--rooms", "5"},
	} {
		cmd := exec.CommandContext(t.Context(), bench.Programs.Bench, args...)
		cmd.Dir = t.TempDir()
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%v succeeded: %s", args, out)
		}
	}
}

// From the figures of a run come a document and its charts.
func TestReportAndCharts(t *testing.T) {
	dir := t.TempDir()
	figures, document, charts := filepath.Join(dir, "f.json"), filepath.Join(dir, "d.md"), filepath.Join(dir, "charts")
	temporary := t.TempDir()
	program(t, nil, "--quick", "--only", "growth", "--duration", "50ms", "--rounds", "1", "--dir", temporary, "--json", figures)
	checkNothingLeft(t, temporary)
	head := "# Performance\n\n<!-- made by parlor-bench report -->\n<!-- end of what is made -->\n"
	if err := os.WriteFile(document, []byte(head), 0o600); err != nil {
		t.Fatal(err)
	}
	drawn := program(t, nil, "charts", figures, "--dir", charts)
	program(t, nil, "report", figures, "--into", document, "--charts", "charts")
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if got := program(t, nil, "report", figures, "--markdown", "--charts", "charts"); !strings.Contains(string(text), got) {
		t.Errorf("the document has other sections than were printed:\n%s", text)
	}
	for _, name := range []string{"history", "members", "rooms", "sockets"} {
		if _, err := os.Stat(filepath.Join(charts, name+".svg")); err != nil || !strings.Contains(drawn, name+".svg") {
			t.Errorf("%s: %v; drawn:\n%s", name, err, drawn)
		}
		if !strings.Contains(string(text), "(charts/"+name+".svg)") {
			t.Errorf("the document does not show %s", name)
		}
	}
	if got := program(t, nil, "report", figures); !strings.Contains(got, "goals") {
		t.Errorf("the text is %q", got)
	}
}

// A profile of each kind of work becomes one that go build takes.
func TestProfile(t *testing.T) {
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "default.pgo")
	env := []string{"PARLOR_BENCH_DATABASE=" + servertest.Postgres(t).Database}
	start := time.Now()
	said := program(t, env, "profile", "--quick", "--duration", "300ms", "--dir", dir, "--out", out)
	checkNothingLeft(t, dir)
	if !strings.Contains(said, "of 10 profiles") {
		t.Errorf("after %v: %q, want 5 of each engine", time.Since(start), said)
	}
	top, err := exec.CommandContext(t.Context(), "go", "tool", "pprof", "-raw", out).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"parlor/internal/service.Backend.Send", "sqlite3"} {
		if !strings.Contains(string(top), want) {
			t.Errorf("the profile does not know %s", want)
		}
	}
}

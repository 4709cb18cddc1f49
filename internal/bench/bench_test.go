package bench_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/internal/bench"
	"parlor/test/env/servertest"
)

// What is measured here means nothing: the tests look at whether everything is measured
// and nothing is left behind.

func quick(t *testing.T) bench.Options {
	return bench.Options{
		Executable: bench.Programs.Parlor, Self: bench.Programs.Bench, Version: "test", Command: []string{"parlor-bench"},
		Quick: true, Duration: 60 * time.Millisecond, Dir: t.TempDir(), Progress: t.Output(),
	}
}

func TestEverything(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { measure(t, quick(t), bench.Names()) })
	// These make every use of a database that there is: they are filled, written to raw, made
	// old, and opened again. The other rows do nothing more with PostgreSQL than that.
	t.Run("postgres", func(t *testing.T) {
		o := quick(t)
		o.Database = servertest.Postgres(t).Database
		o.Only = []string{"create", "room", "socket-send", "list", "flood", "startup", "old", "growth"}
		measure(t, o, o.Only)
	})
}

func measure(t *testing.T, o bench.Options, rows []string) {
	report, err := bench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	checkNothingLeft(t, o.Dir)
	if got := rowNames(report); !slices.Equal(got, rows) {
		t.Errorf("rows %v, want %v", got, rows)
	}
	for _, row := range report.Rows {
		if len(row.Goals) == 0 {
			t.Errorf("%s has no goal", row.Name)
		}
		rounds := 2
		if row.Name == "backlog" {
			rounds = 1 // it is made before, and gone after
		}
		for _, m := range row.Measurements {
			checkMeasurement(t, row.Name, m, rounds)
		}
	}
	checkWritten(t, report)
}

func rowNames(r *bench.Report) (names []string) {
	for _, row := range r.Rows {
		names = append(names, row.Name)
	}
	return names
}

func checkMeasurement(t *testing.T, row string, m bench.Measurement, rounds int) {
	t.Helper()
	if len(m.Rounds) != rounds || m.Name == "" || m.What == "" || m.Workers < 1 {
		t.Errorf("%s: incomplete: %+v", row, m)
	}
	for _, r := range m.Rounds {
		if r.Operations < 1 || r.PerSecond <= 0 || r.P50 <= 0 || r.P95 < r.P50 || r.P99 < r.P95 || r.Max < r.P99 {
			t.Errorf("%s, %s: %+v", row, m.Name, r)
		}
	}
}

// checkWritten reads the report back from both of its forms.
func checkWritten(t *testing.T, report *bench.Report) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	if err := report.WriteJSON(file); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var again bench.Report
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rowNames(&again), rowNames(report)) {
		t.Errorf("the JSON has rows %v", rowNames(&again))
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	t.Log(text.String())
	for _, row := range report.Rows {
		for _, want := range append([]string{row.Title}, measurementNames(row)...) {
			if !strings.Contains(text.String(), want) {
				t.Errorf("the text lacks %q", want)
			}
		}
		for _, g := range row.Goals {
			if !strings.Contains(text.String(), g.Work) {
				t.Errorf("the text lacks the goal of %q", g.Work)
			}
		}
	}
}

func measurementNames(row bench.Row) (names []string) {
	for _, m := range row.Measurements {
		names = append(names, m.Name)
	}
	return names
}

func TestRunningServer(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	o := quick(t)
	o.URL, o.Key, o.Rounds = s.URL+"/", servertest.ServerKey, 1
	report, err := bench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := rowNames(report), []string{"room-get", "create", "room", "send"}; !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
	if want := len(bench.Names()) - len(report.Rows); len(report.LeftOut) != want {
		t.Errorf("left out: %q, want %d rows", report.LeftOut, want)
	}
	for _, row := range report.Rows {
		for _, m := range row.Measurements {
			checkMeasurement(t, row.Name, m, 1)
		}
	}
	checkWritten(t, report)
}

// An error answer ends the run with its text, and the report holds what came before.
func TestWrongKey(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	o := quick(t)
	o.URL, o.Key = s.URL, "nobody:knows this key"
	report, err := bench.Run(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "There is no key with this id") {
		t.Errorf("error %v, want the server's text", err)
	}
	if report == nil || report.Failure == "" || len(report.Rows) != 0 {
		t.Errorf("report %+v, want one of a failure", report)
	}
}

func TestRefusedOptions(t *testing.T) {
	tests := []struct {
		name   string
		change func(*bench.Options)
		want   string
	}{
		{"unknown row", func(o *bench.Options) { o.Only = []string{"no-such-row"} }, "no row"},
		{"no address", func(o *bench.Options) { o.URL = "localhost:8080" }, "http://"},
		{"an address with a path", func(o *bench.Options) { o.URL = "http://localhost:8080/v1" }, "http://"},
		{"no key", func(o *bench.Options) { o.URL = "http://localhost:8080" }, "id:secret"},
		{"two databases", func(o *bench.Options) {
			o.URL, o.Key, o.Database = "http://localhost:8080", "a:b", "postgres://localhost/x"
		}, "exclude"},
		{"an endless soak", func(o *bench.Options) { o.Soak = 48 * time.Hour }, "soak"},
		{"a soak of a row", func(o *bench.Options) { o.Soak, o.Only = time.Minute, []string{"send"} }, "run of its own"},
		{"too many scheduled messages", func(o *bench.Options) { o.Scheduled = 10_000_000 }, "scheduled"},
		{"too large a backlog", func(o *bench.Options) { o.Backlog = 100_000_000 }, "backlog"},
		{"too many sockets", func(o *bench.Options) { o.Sockets = 10_000_000 }, "sockets"},
		{"no time", func(o *bench.Options) { o.Duration = -time.Second }, "negative"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := quick(t)
			tt.change(&o)
			if _, err := bench.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestKeep(t *testing.T) {
	o := quick(t)
	o.Only, o.Rounds, o.Keep = []string{"send"}, 1, true
	if _, err := bench.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(o.Dir, "parlor-bench-send-*", "data", "parlor.db"))
	if err != nil || len(kept) != 1 {
		t.Errorf("kept %v, %v, want the server's database", kept, err)
	}
}

func TestSoak(t *testing.T) {
	o := quick(t)
	o.Soak = 1500 * time.Millisecond
	report, err := bench.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	checkNothingLeft(t, o.Dir)
	if got := rowNames(report); !slices.Equal(got, []string{"soak"}) || report.Soak != 1.5 {
		t.Fatalf("rows %v of a soak of %v s", got, report.Soak)
	}
	if row := report.Rows[0]; len(row.Goals) != 3 || len(row.Values) != 5 || len(row.Notes) != 1 {
		t.Errorf("%+v", row)
	}
	checkWritten(t, report)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := quick(t)
	if _, err := bench.Run(ctx, o); err == nil {
		t.Error("a cancelled run succeeded")
	}
	checkNothingLeft(t, o.Dir)
}

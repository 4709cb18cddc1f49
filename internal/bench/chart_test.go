package bench

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// wholeOf is a round that does one piece.
func wholeOf(do func()) func(context.Context) (time.Duration, []time.Duration, error) {
	return func(context.Context) (time.Duration, []time.Duration, error) {
		do()
		return time.Millisecond, []time.Duration{time.Millisecond}, nil
	}
}

func chartOf(rates ...float64) Chart {
	c := Chart{Curve: Curve{Name: "history", Title: "sends <&> more", Axis: "messages", Unit: "messages a second"}}
	for i, engine := range []string{"SQLite", "PostgreSQL"} {
		s := Series{Label: engine}
		for k, r := range rates {
			s.Points = append(s.Points, Point{X: int64(10 * (k + i)), Rate: r, Low: r * 0.9, High: r * 1.1})
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// A chart is XML, stays in its frame, and says in words what it shows.
func TestSVG(t *testing.T) {
	for _, rates := range [][]float64{{12041, 11900, 0}, {0.004}, {0, 0}, {1, 1e9}, {}} {
		c := chartOf(rates...)
		svg := c.SVG()
		circles := 0
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v: %v\n%s", rates, err, svg)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
				circles++
			}
		}
		if want := 2*len(rates) + 2; circles != want { // a legend has one for each line
			t.Errorf("%v: %d circles, want %d", rates, circles, want)
		}
		for _, wrong := range []string{"NaN", "Inf", "%!", `"-`} {
			if strings.Contains(svg, wrong) {
				t.Errorf("%v: it holds %q:\n%s", rates, wrong, svg)
			}
		}
	}
	for _, want := range []string{"Sends &lt;&amp;&gt; more over messages", "12,041 at 0", "PostgreSQL", "prefers-color-scheme: dark"} {
		if svg := chartOf(12041).SVG(); !strings.Contains(svg, want) {
			t.Errorf("the chart lacks %q:\n%s", want, svg)
		}
	}
}

func TestScale(t *testing.T) {
	for most, want := range map[float64][2]float64{
		0: {1, 1}, 1: {1, 0.2}, 7: {8, 2}, 12041: {15000, 5000}, 100: {100, 20}, 101: {150, 50}, 5000: {5000, 1000},
	} {
		c := Chart{Series: []Series{{Points: []Point{{Rate: most}}}}}
		top, step := c.scale()
		if top != want[0] || step != want[1] {
			t.Errorf("up to %v: %v in steps of %v, want %v", most, top, step, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	cpu := 0.5
	report := func(database string, rate float64) *Report {
		r := newReport(Options{Version: "v1|2", Rounds: 3})
		r.Machine.Database = database
		r.LeftOut = []string{"idle: no files"}
		r.Rows = []Row{{
			Name: "send", Measurements: []Measurement{{Name: "parlor", Median: Round{PerSecond: rate, P99: 9.5, CPU: &cpu}}},
			Values: []Value{newValue("memory", "KiB", "", 10, 12)},
			Goals:  []Goal{atLeast(80, "% of it", "sends", []float64{70, 79})},
			Curves: []Curve{{Name: "history", Title: "sends", Axis: "messages", Unit: "a second", Points: []Point{{X: 1000, Rate: rate}}}},
		}}
		return r
	}
	text := Markdown([]*Report{report("embedded SQLite", 12041), report("PostgreSQL 15, fsync on", 5000)}, "performance/")
	for _, want := range []string{
		"## SQLite: goals", "## PostgreSQL: figures", `v1\|2`, "| send: sends | at least 80 % of it | 74.5 | 70.0 to 79.0 | **missed** |",
		"| send: parlor | 12,041 | 0.00 | 0.00 | 9.50 | 0.500 |", "| send: memory | 11.0 KiB | 10.0 to 12.0 |",
		"![Sends over messages](performance/history.svg)", "- idle: no files",
		"| messages | SQLite: a second | p99 ms | PostgreSQL: a second | p99 ms |", "| 1,000 | 12,041",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the sections lack %q:\n%s", want, text)
		}
	}
}

func TestInto(t *testing.T) {
	document := "# Head\n\n" + madeFrom + "\nold\n" + madeTo + "\nfoot\n"
	for range 2 { // it may be done again
		got, err := Into([]byte(document), "## New\n")
		if err != nil {
			t.Fatal(err)
		}
		document = string(got)
	}
	if want := "# Head\n\n" + madeFrom + "\n\n## New\n\n" + madeTo + "\nfoot\n"; document != want {
		t.Errorf("%q, want %q", document, want)
	}
	for _, poor := range []string{"", madeFrom + "\n", madeTo + "\n" + madeFrom + "\n", document + document} {
		if _, err := Into([]byte(poor), "x"); err == nil {
			t.Errorf("%q was written to", poor)
		}
	}
}

package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// ReadReport reads what Report.WriteJSON has written.
func ReadReport(file string) (*Report, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var r Report
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(r.Rows) == 0 {
		return nil, fmt.Errorf("%s: this is no report with rows", file)
	}
	return &r, nil
}

// Engine names the database in one word.
func (r *Report) Engine() string {
	engine, _, _ := strings.Cut(strings.TrimPrefix(r.Machine.Database, "embedded "), " ")
	return or(engine, "running server")
}

// Markdown writes reports, one for each engine, as sections of a document. charts is the folder
// of their charts as the document calls it, "" for none.
func Markdown(reports []*Report, charts string) string {
	var b strings.Builder
	for _, r := range reports {
		r.sections(&b)
	}
	for _, c := range Charts(reports) {
		fmt.Fprintf(&b, "## %s over %s\n\n", capital(c.Title), c.Axis)
		if charts != "" {
			fmt.Fprintf(&b, "![%s over %s](%s/%s.svg)\n\n", capital(c.Title), c.Axis, strings.TrimSuffix(charts, "/"), c.Name)
		}
		c.table(&b)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (r *Report) sections(b *strings.Builder) {
	m := r.Machine
	fmt.Fprintf(b, "## %s: the run\n\n", r.Engine())
	fmt.Fprintf(b, "- Parlor %s, %s, %s.\n", cell(r.Version), r.Started.Format("2006-01-02"), cell(or(m.Database, "of a running server")))
	fmt.Fprintf(b, "- Machine: %s, %d cores, %s MB, %s, kernel %s, %s. Load before the run: %s.\n",
		cell(or(m.CPU, "unknown processor")), m.Cores, thousands(m.MemoryMB), or(m.Filesystem, "unknown file system"),
		cell(m.Kernel), m.Go, or(m.Load, "unknown"))
	fmt.Fprintf(b, "- %d rounds of %g s per measurement, in turn. Figures are medians of the rounds, and ratios of the "+
		"rounds' ratios. The run took %v.\n", r.Rounds, r.Seconds, time.Duration(r.Took*float64(time.Second)).Round(time.Second))
	if r.Quick {
		b.WriteString("- A quick run, to see that everything works: **the figures mean nothing**.\n")
	}
	if r.Failure != "" {
		fmt.Fprintf(b, "- The run ended early: %s\n", cell(r.Failure))
	}
	fmt.Fprintf(b, "\n## %s: goals\n\n| work | wanted | measured | lowest to highest | |\n| --- | --- | --- | --- | --- |\n", r.Engine())
	for _, row := range r.Rows {
		for _, g := range row.Goals {
			verdict := "met"
			if !g.Met {
				verdict = "**missed**"
			}
			fmt.Fprintf(b, "| %s: %s | %s | %s | %s to %s | %s |\n", row.Name, cell(g.Work), cell(g.want()), number(g.Value),
				number(g.Low), number(g.High), verdict)
		}
	}
	r.figures(b)
	r.values(b)
	if len(r.LeftOut) > 0 {
		b.WriteString("\nLeft out:\n\n")
		for _, l := range r.LeftOut {
			fmt.Fprintf(b, "- %s\n", cell(l))
		}
	}
	b.WriteString("\n")
}

func (r *Report) figures(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s: figures\n\n| measurement | per second | p50 ms | p95 ms | p99 ms | CPU s per 1,000 |\n"+
		"| --- | --- | --- | --- | --- | --- |\n", r.Engine())
	for _, row := range r.Rows {
		for _, m := range row.Measurements {
			cpu := "–"
			if m.Median.CPU != nil {
				cpu = fmt.Sprintf("%.3f", *m.Median.CPU)
			}
			fmt.Fprintf(b, "| %s: %s | %s | %.2f | %.2f | %.2f | %s |\n", row.Name, cell(m.Name),
				tick(m.Median.PerSecond), m.Median.P50, m.Median.P95, m.Median.P99, cpu)
		}
	}
}

func (r *Report) values(b *strings.Builder) {
	head := "\n| figure | median | lowest to highest |\n| --- | --- | --- |\n"
	for _, row := range r.Rows {
		for _, v := range row.Values {
			if len(v.All) == 0 {
				continue
			}
			g := newGoal("", 0, "", "", v.All)
			show := number
			if g.High >= 1000 {
				show = tick
			}
			fmt.Fprintf(b, "%s| %s: %s | %s %s | %s to %s |\n", head, row.Name, cell(v.Name), show(v.Median), cell(v.Unit),
				show(g.Low), show(g.High))
			head = ""
		}
	}
}

// table shows the figures of a chart.
func (c Chart) table(b *strings.Builder) {
	fmt.Fprintf(b, "| %s |", c.Axis)
	line := "\n| --- |"
	for _, s := range c.Series {
		fmt.Fprintf(b, " %s: %s | p99 ms |", s.Label, c.Unit)
		line += " --- | --- |"
	}
	b.WriteString(line + "\n")
	for _, x := range c.sizes() {
		fmt.Fprintf(b, "| %s |", thousands(x))
		for _, s := range c.Series {
			if p, ok := s.at(x); ok {
				fmt.Fprintf(b, " %s (%s to %s) | %.1f |", tick(p.Rate), tick(p.Low), tick(p.High), p.P99)
			} else {
				b.WriteString(" – | – |")
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

// cell is text that stays in its place in a table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(s)
}

// Between these lines stands what Into writes.
const (
	madeFrom = "<!-- made by parlor-bench report -->"
	madeTo   = "<!-- end of what is made -->"
)

// Into puts text between the lines of a document that are for it. It fails when they are not
// there, once each and in this order.
func Into(document []byte, text string) ([]byte, error) {
	before, rest, from := bytes.Cut(document, []byte(madeFrom+"\n"))
	_, after, to := bytes.Cut(rest, []byte(madeTo+"\n"))
	if !from || !to || bytes.Contains(rest, []byte(madeFrom)) || bytes.Contains(after, []byte(madeTo)) {
		return nil, fmt.Errorf("want a line %q and a line %q behind it, once each", madeFrom, madeTo)
	}
	return bytes.Join([][]byte{before, []byte(madeFrom + "\n\n" + text + "\n" + madeTo + "\n"), after}, nil), nil
}

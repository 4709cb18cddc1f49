package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// WriteText writes the report for people to read.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	r.writeHead(&b)
	for _, row := range r.Rows {
		row.write(&b)
	}
	r.writeGoals(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) writeHead(b *strings.Builder) {
	m := r.Machine
	fmt.Fprintf(b, "parlor bench, version %s, %s, took %s\n", r.Version, r.Started.Format(time.RFC3339),
		time.Duration(r.Took*float64(time.Second)).Round(time.Second))
	fmt.Fprintf(b, "machine   %s, %d cores, %s MB, kernel %s, %s, %s\n", or(m.CPU, "unknown processor"), m.Cores,
		thousands(m.MemoryMB), or(m.Kernel, "unknown"), m.OS, m.Go)
	fmt.Fprintf(b, "          load before the run %s\n", or(m.Load, "unknown"))
	if r.URL != "" {
		fmt.Fprintf(b,
			"server    %s, which was running and keeps the rooms made here; no ceilings: they need processes of their own\n",
			r.URL)
	} else {
		fmt.Fprintf(b, "database  %s; temporary folders on %s\n", m.Database, or(m.Filesystem, "an unknown file system"))
	}
	fmt.Fprintf(b, "command   %s\n", strings.Join(r.Command, " "))
	if r.Soak > 0 {
		fmt.Fprintf(b,
			"method    figures are medians of all readings, with the lowest and highest; "+
				"the server may not have grown in the last third\n"+
				"          over the second by more than %.0f %% and %.1f MB, in goroutines %.0f %% and %d; "+
				"an error would have ended the run\n",
			100*(memoryFactor-1), memoryExtra, 100*(goroutineFactor-1), goroutineExtra)
	} else {
		r.writeMethod(b)
	}
	if m.Filesystem == "tmpfs" {
		fmt.Fprint(b, "WARNING   the temporary folders are in memory: durable figures mean nothing; use --dir\n")
	}
	if r.Quick {
		fmt.Fprint(b, "WARNING   --quick: little data, short times; the figures mean nothing\n")
	}
}

func (r *Report) writeMethod(b *strings.Builder) {
	fmt.Fprintf(b,
		"method    %d rounds of %g s per measurement, in turn; figures are medians of the rounds, ratios too, each\n"+
			"          with the lowest and highest of its round; every caller waits for its answer before it calls again;\n"+
			"          the callers share the machine's processors with what they measure; CPU is the time of the process\n"+
			"          that does the work, for the raw commits the bench itself; an error would have ended the run\n",
		r.Rounds, r.Seconds)
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

func (row Row) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s  %s; it took %.0f s\n", row.Name, row.Title, row.Took)
	if len(row.Measurements) > 0 {
		t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprint(t, "\tper second\tp50 ms\tp95 ms\tp99 ms\tCPU s/1,000\terrors\t \n")
		for _, m := range row.Measurements {
			r := m.Median
			cpu := "-"
			if r.CPU != nil {
				cpu = fmt.Sprintf("%.3f", *r.CPU)
			}
			fmt.Fprintf(t, "%s\t%s\t%.2f\t%.2f\t%.2f\t%s\t%d\t \n", leftAligned(m.Name, row.Measurements),
				thousands(int64(r.PerSecond+0.5)), r.P50, r.P95, r.P99, cpu, r.Errors)
		}
		_ = t.Flush() // a Builder takes everything
	}
	for _, v := range row.Values {
		fmt.Fprintf(b, "  %s: %s %s", v.Name, number(v.Median), v.Unit)
		if n := len(v.All); n > 1 {
			g := newGoal("", 0, "", "", v.All)
			fmt.Fprintf(b, ", median of %d (%s to %s)", n, number(g.Low), number(g.High))
		}
		fmt.Fprintf(b, "; %s\n", v.What)
	}
	var names []string
	for i, m := range row.Measurements {
		names = append(names, m.Name)
		// Neighbours that do the same are explained together.
		if i == len(row.Measurements)-1 || row.Measurements[i+1].What != m.What {
			fmt.Fprintf(b, "  %s: %s\n", strings.Join(names, "; "), m.What)
			names = nil
		}
	}
	for _, n := range row.Notes {
		fmt.Fprintf(b, "  note: %s\n", n)
	}
}

// leftAligned fills a name up to the longest one's length: the table aligns to the right.
func leftAligned(name string, all []Measurement) string {
	longest := 0
	for _, m := range all {
		longest = max(longest, len(m.Name))
	}
	return fmt.Sprintf("  %-*s", longest, name)
}

func (r *Report) writeGoals(b *strings.Builder) {
	missed, all := r.Missed()
	if all > 0 {
		fmt.Fprint(b, "\n")
		t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
		fmt.Fprint(t, "goals\twork\twanted\tmeasured\tlowest to highest\t\n")
		for _, row := range r.Rows {
			for _, g := range row.Goals {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s to %s\t%s\n", row.Name, g.Work, g.want(),
					number(g.Value), number(g.Low), number(g.High), g.verdict())
			}
		}
		_ = t.Flush() // a Builder takes everything
		fmt.Fprintf(b, "%d of %d goals met\n", all-missed, all)
	}
	for _, l := range r.LeftOut {
		fmt.Fprintf(b, "left out  %s\n", l)
	}
	if r.Failure != "" {
		fmt.Fprintf(b, "FAILED    %s\n", r.Failure)
	}
}

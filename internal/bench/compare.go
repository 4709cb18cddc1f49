package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Comparison is what a comparison of two programs has found out.
type Comparison struct {
	Base     string          `json:"base"` // their versions
	New      string          `json:"new"`
	Started  time.Time       `json:"started"`
	Took     float64         `json:"took_seconds"`
	Slice    float64         `json:"seconds_per_slice"`
	Machine  Machine         `json:"machine"`
	Database string          `json:"database"`
	Rows     []ComparisonRow `json:"rows"`
	LeftOut  []string        `json:"left_out"`
}

// ComparisonRow is one way to work.
type ComparisonRow struct {
	Name string  `json:"name"`
	Unit string  `json:"unit"`
	Base float64 `json:"base"` // medians
	New  float64 `json:"new"`
	// Ratios are new by base; CPU those of the server's processor time per operation.
	Ratios  Ratios  `json:"ratios"`
	CPU     Ratios  `json:"cpu_ratios"`
	Verdict string  `json:"verdict"` // of the rates, and of the processor time if that differs
	Took    float64 `json:"took_seconds"`
}

// The defaults of a comparison: all rows take about three minutes.
const (
	comparePairs = 12
	compareSlice = 450 * time.Millisecond
)

// Compare measures o.Executable beside an older one, base, row by row: a short slice of one
// and of the other in turn, on two servers that are both alive, so that what happens to the
// machine happens to both. o.Rounds is the number of pairs, and o.Duration the length of a
// slice; 0 means 12, and 0.45 s. A row that the base cannot do is left out.
func Compare(ctx context.Context, o Options, base string, versions [2]string) (*Comparison, error) {
	for _, name := range o.Only {
		if !slices.Contains(CompareNames(), name) {
			return nil, fmt.Errorf("there is no row %q to compare; there are %s", name, strings.Join(CompareNames(), ", "))
		}
	}
	only := o.Only
	o.Only = nil
	if !o.Quick && o.Duration == 0 {
		o.Duration = compareSlice
	}
	if !o.Quick && o.Rounds == 0 {
		o.Rounds = comparePairs
	}
	if err := o.complete(); err != nil {
		return nil, err
	}
	start := time.Now()
	c := &Comparison{
		Base: versions[0], New: versions[1], Started: start.UTC().Truncate(time.Second), Slice: o.Duration.Seconds(),
		Machine: thisMachine(), LeftOut: []string{},
	}
	defer func() { c.Took = time.Since(start).Seconds() }()
	show := &progress{w: o.Progress, terminal: o.Terminal}
	for _, s := range subjects() {
		if len(only) > 0 && !slices.Contains(only, s.name) {
			continue
		}
		if err := c.row(ctx, o, base, s, show); err != nil {
			return c, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return c, nil
}

// baseError is one of the older program.
type baseError struct{ error }

func (e baseError) Unwrap() error { return e.error }

// row compares one way to work.
func (c *Comparison) row(ctx context.Context, o Options, base string, s subject, show *progress) (err error) {
	start := time.Now()
	g, err := newRig(o, "compare-"+s.name, show)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close(ctx)) }()
	g.sizes = g.sizes.compared()
	if c.Database == "" {
		if c.Database, err = g.databaseVersion(ctx); err != nil {
			return err
		}
	}
	row, err := s.compare(ctx, g, base)
	var older baseError
	switch {
	case errors.As(err, &older) && ctx.Err() == nil:
		c.LeftOut = append(c.LeftOut, s.name+": the base cannot: "+older.Error())
		return nil
	case err != nil:
		return err
	}
	row.Name, row.Took = s.name, time.Since(start).Seconds()
	c.Rows = append(c.Rows, row)
	show.say("%s: %s, %s", g.row, row.Ratios, row.Verdict)
	return nil
}

// WriteText writes the comparison for people to read.
func (c *Comparison) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "base %s, new %s, %s, took %s\n", c.Base, c.New, c.Started.Format(time.RFC3339),
		time.Duration(c.Took*float64(time.Second)).Round(time.Second))
	fmt.Fprintf(&b, "%s, %d cores; %s; load before the run %s\n", or(c.Machine.CPU, "unknown processor"), c.Machine.Cores,
		c.Database, or(c.Machine.Load, "unknown"))
	fmt.Fprintf(&b, "pairs of slices of %g s, a coin says which comes first; ratios are new by base: median (lower to upper quartile)\n\n", c.Slice)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "row\tbase\tnew\tunit\tratio\tCPU per operation\t\n")
	for _, r := range c.Rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Name, number(r.Base), number(r.New), r.Unit, r.Ratios, r.CPU, r.Verdict)
	}
	_ = t.Flush() // a Builder takes everything
	fmt.Fprintf(&b, "\nA verdict has a chance of at most %g %% where there is no difference: so many pairs must agree.\n",
		100*sureEnough)
	for _, l := range c.LeftOut {
		fmt.Fprintf(&b, "left out  %s\n", l)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJSON writes the comparison, with the ratio of every pair, to a file.
func (c *Comparison) WriteJSON(file string) error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644) //nolint:gosec // G306: figures for everybody to read
}

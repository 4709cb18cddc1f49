package main

import (
	"fmt"
	"os"
	"path/filepath"

	"parlor/internal/bench"
)

type reportCmd struct {
	Files    []string `arg:"" help:"Reports that measure --json has written, one for each engine." type:"existingfile"`
	Markdown bool     `help:"Print sections of a document instead of text."`
	Into     string   `help:"Put the sections into a document, between the two lines that are for them." type:"existingfile" placeholder:"FILE"`
	Charts   string   `help:"Folder of the charts, as the document calls it (default performance)." default:"performance" placeholder:"DIR"`
}

// Run prints the reports, or puts them into a document.
func (c reportCmd) Run() error {
	reports, err := readReports(c.Files)
	if err != nil {
		return err
	}
	sections := bench.Markdown(reports, c.Charts)
	switch {
	case c.Into != "":
		was, err := os.ReadFile(c.Into)
		if err != nil {
			return err
		}
		is, err := bench.Into(was, sections)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Into, err)
		}
		return os.WriteFile(c.Into, is, 0o644) //nolint:gosec,forbidigo // G306: a document for everybody to read
	case c.Markdown:
		_, err := os.Stdout.WriteString(sections)
		return err
	}
	for _, r := range reports {
		if err := r.WriteText(os.Stdout); err != nil {
			return err
		}
	}
	return nil
}

type chartsCmd struct {
	Files []string `arg:"" help:"Reports that measure --json has written, one for each engine." type:"existingfile"`
	Dir   string   `help:"Where to write NAME.svg (default docs/performance)." default:"docs/performance" type:"path" placeholder:"DIR"`
}

// Run draws the curves of the reports.
func (c chartsCmd) Run() error {
	reports, err := readReports(c.Files)
	if err != nil {
		return err
	}
	charts := bench.Charts(reports)
	if len(charts) == 0 {
		return fmt.Errorf("no report has curves: measure with --only growth")
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil { //nolint:gosec,forbidigo // G301: pictures for everybody to see
		return err
	}
	for _, chart := range charts {
		file := filepath.Join(c.Dir, chart.Name+".svg")
		if err := os.WriteFile(file, []byte(chart.SVG()), 0o644); err != nil { //nolint:gosec,forbidigo // G306: likewise
			return err
		}
		fmt.Println(file)
	}
	return nil
}

func readReports(files []string) (reports []*bench.Report, err error) {
	for _, file := range files {
		r, err := bench.ReadReport(file)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

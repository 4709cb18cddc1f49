package bench

import (
	"encoding/json"
	"os"
	"time"
)

// Report is everything that a run has found out. Its JSON holds every round.
type Report struct {
	Version string    `json:"version"` // of the parlor that was measured
	Started time.Time `json:"started"`
	Took    float64   `json:"took_seconds"` // the whole run
	Command []string  `json:"command"`
	URL     string    `json:"url"` // of the running server, if one was given
	Seconds float64   `json:"seconds_per_measurement"`
	Rounds  int       `json:"rounds"`
	Soak    float64   `json:"soak_seconds"` // 0 when it was no soak
	Quick   bool      `json:"quick"`        // the figures mean nothing
	Machine Machine   `json:"machine"`      // that the bench ran on
	Rows    []Row     `json:"rows"`         // in the order in which they were measured
	LeftOut []string  `json:"left_out"`     // rows that could not be measured, and why
	Failure string    `json:"failure"`      // why the run ended early, "" if it did not
}

func newReport(o Options) *Report {
	return &Report{
		Version: o.Version, Started: time.Now().UTC().Truncate(time.Second), Command: o.Command, URL: o.URL,
		Seconds: o.Duration.Seconds(), Rounds: o.Rounds, Soak: o.Soak.Seconds(), Quick: o.Quick, Machine: thisMachine(),
		Rows: []Row{}, LeftOut: []string{},
	}
}

// WriteJSON writes the report, with every round, to a file.
func (r *Report) WriteJSON(file string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644) //nolint:gosec // G306: figures for everybody to read
}

// Missed counts the goals that were not met.
func (r *Report) Missed() (missed, all int) {
	for _, row := range r.Rows {
		for _, g := range row.Goals {
			all++
			if !g.Met {
				missed++
			}
		}
	}
	return missed, all
}

// Row is one way to work, measured beside what it is compared with.
type Row struct {
	Name         string        `json:"name"`
	Title        string        `json:"title"`
	Took         float64       `json:"took_seconds"` // with all that it made before
	Measurements []Measurement `json:"measurements"`
	Values       []Value       `json:"values"`
	Curves       []Curve       `json:"curves,omitempty"`
	Goals        []Goal        `json:"goals"`
	Notes        []string      `json:"notes"`
}

// Measurement is one load, round by round.
type Measurement struct {
	Name    string  `json:"name"`
	What    string  `json:"what"`
	Workers int     `json:"workers"` // connections or goroutines at once
	Rounds  []Round `json:"rounds"`
	// Median takes the median of each figure by itself.
	Median Round `json:"median"`
}

// Value is something that was read several times, other than a load.
type Value struct {
	Name   string    `json:"name"`
	Unit   string    `json:"unit"`
	What   string    `json:"what"`
	Median float64   `json:"median"`
	All    []float64 `json:"all"`
}

func newValue(name, unit, what string, all ...float64) Value {
	return Value{Name: name, Unit: unit, What: what, Median: median(all), All: all}
}

// costs is the processor time of each round, in seconds per 1,000 operations times factor;
// nil when it is not known of all.
func (m Measurement) costs(factor float64) (v []float64) {
	for _, r := range m.Rounds {
		if r.CPU == nil {
			return nil
		}
		v = append(v, *r.CPU*factor)
	}
	return v
}

// each takes one figure from every round.
func (m Measurement) each(figure func(Round) float64) []float64 {
	var v []float64
	for _, r := range m.Rounds {
		v = append(v, figure(r))
	}
	return v
}

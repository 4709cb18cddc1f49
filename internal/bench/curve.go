package bench

// Curve is a rate over something that grows.
type Curve struct {
	Name   string  `json:"name"`  // a word, for files
	Title  string  `json:"title"` // what is done
	Axis   string  `json:"axis"`  // what grows
	Unit   string  `json:"unit"`  // of the rate
	Points []Point `json:"points"`
}

// Point is one size.
type Point struct {
	X    int64   `json:"x"`
	Rate float64 `json:"rate"` // a second, the median of the rounds
	Low  float64 `json:"low"`  // of a round
	High float64 `json:"high"`
	P99  float64 `json:"p99_ms"`
}

// points are what was measured at sizes.
func points(sizes []int64, all []Measurement) (list []Point) {
	for i, m := range all {
		g := newGoal("", 0, "", "", m.each(func(r Round) float64 { return r.PerSecond }))
		list = append(list, Point{X: sizes[i], Rate: g.Value, Low: g.Low, High: g.High, P99: m.Median.P99})
	}
	return list
}

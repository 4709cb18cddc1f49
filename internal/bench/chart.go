package bench

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// Series is one line of a chart: a curve of one report.
type Series struct {
	Label  string // such as the engine
	Points []Point
}

// Chart is the same curve of several reports.
type Chart struct {
	Curve
	Series []Series
}

// Charts are the curves of reports, each with a line for every report that has it.
func Charts(reports []*Report) (all []Chart) {
	for _, r := range reports {
		for _, row := range r.Rows {
			for _, c := range row.Curves {
				i := slices.IndexFunc(all, func(o Chart) bool { return o.Name == c.Name })
				if i < 0 {
					i, all = len(all), append(all, Chart{Curve: c})
				}
				all[i].Series = append(all[i].Series, Series{r.Engine(), c.Points})
			}
		}
	}
	return all
}

// sizes are the values of the axis that any line has, rising.
func (c Chart) sizes() (all []int64) {
	for _, s := range c.Series {
		for _, p := range s.Points {
			all = append(all, p.X)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// at is the point of a size, if there is one.
func (s Series) at(x int64) (Point, bool) {
	i := slices.IndexFunc(s.Points, func(p Point) bool { return p.X == x })
	if i < 0 {
		return Point{}, false
	}
	return s.Points[i], true
}

// Where what stands in a chart, in pixels.
const (
	chartWidth, chartHeight = 640, 340
	plotLeft, plotRight     = 76, 616
	plotTop, plotBottom     = 64, 272
	gridLines               = 5 // at most, above zero
)

// The colours of a chart. A page that is dark has it dark as well, also as a picture. What
// knows nothing of style sheets gets those for light pages.
const chartStyle = `<style>
svg { color-scheme: light dark; font: 13px system-ui, sans-serif; background: #ffffff }
text { fill: #1f2328 } .quiet { fill: #59636e } .title { font-weight: 600; font-size: 15px }
.grid { stroke: #d1d9e0 } .axis { stroke: #59636e } .line { fill: none; stroke-width: 2.5 } .spread { stroke-width: 1.5 }
.s0 { stroke: #0969da } .f0 { fill: #0969da } .s1 { stroke: #bc4c00 } .f1 { fill: #bc4c00 }
.s2 { stroke: #1a7f37 } .f2 { fill: #1a7f37 } .s3 { stroke: #8250df } .f3 { fill: #8250df }
@media (prefers-color-scheme: dark) {
svg { background: #0d1117 } text { fill: #f0f6fc } .quiet { fill: #9198a1 } .grid { stroke: #3d444d } .axis { stroke: #9198a1 }
.s0 { stroke: #4493f8 } .f0 { fill: #4493f8 } .s1 { stroke: #f0883e } .f1 { fill: #f0883e }
.s2 { stroke: #3fb950 } .f2 { fill: #3fb950 } .s3 { stroke: #ab7df8 } .f3 { fill: #ab7df8 }
}
</style>
`

// colours is how many lines can be told apart.
const colours = 4

// SVG draws the chart. The sizes stand at equal distances, whatever lies between them, since
// they mostly differ by factors; the rates begin at zero. Each point has the lowest and the
// highest of its rounds.
func (c Chart) SVG() string {
	var b strings.Builder
	title := fmt.Sprintf("%s over %s", capital(c.Title), c.Axis)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img">
<title>%s</title>
<desc>%s</desc>
%s<text class="title" x="%d" y="24">%[3]s</text>
`, chartWidth, chartHeight, html.EscapeString(title), html.EscapeString(c.describe()), chartStyle, plotLeft)
	top, step := c.scale()
	y := func(v float64) float64 { return plotBottom - v/top*(plotBottom-plotTop) }
	for v := 0.0; v <= top*1.0001; v += step {
		fmt.Fprintf(&b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text class="quiet" x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			plotLeft, plotRight, y(v), y(v), plotLeft-8, y(v)+4, html.EscapeString(tick(v)))
	}
	fmt.Fprintf(&b, `<text class="quiet" x="%d" y="48">%s</text>`+"\n", plotLeft, html.EscapeString(c.Unit))
	fmt.Fprintf(&b, `<line class="axis" x1="%d" x2="%d" y1="%d" y2="%[3]d"/>`+"\n", plotLeft, plotRight, plotBottom)
	sizes := c.sizes()
	x := func(size int64) float64 {
		i := slices.Index(sizes, size)
		return plotLeft + (float64(i)+0.5)*(plotRight-plotLeft)/float64(len(sizes))
	}
	for _, s := range sizes {
		fmt.Fprintf(&b, `<text class="quiet" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x(s), plotBottom+20, thousands(s))
	}
	fmt.Fprintf(&b, `<text class="quiet" x="%d" y="%d" text-anchor="middle">%s</text>`+"\n",
		(plotLeft+plotRight)/2, plotBottom+42, html.EscapeString(c.Axis))
	for i, s := range c.Series {
		s.draw(&b, i%colours, x, y)
		fmt.Fprintf(&b, `<circle class="f%d" cx="%d" cy="%d" r="5"/><text x="%d" y="%d">%s</text>`+"\n",
			i%colours, plotLeft+6+150*i, chartHeight-14, plotLeft+18+150*i, chartHeight-10, html.EscapeString(s.Label))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (s Series) draw(b *strings.Builder, colour int, x func(int64) float64, y func(float64) float64) {
	points := slices.SortedFunc(slices.Values(s.Points), func(p, q Point) int { return int(p.X - q.X) })
	var line []string
	for _, p := range points {
		line = append(line, fmt.Sprintf("%.1f,%.1f", x(p.X), y(p.Rate)))
	}
	fmt.Fprintf(b, `<polyline class="line s%d" points="%s"/>`+"\n", colour, strings.Join(line, " "))
	for _, p := range points {
		fmt.Fprintf(b, `<line class="spread s%d" x1="%.1f" x2="%[2]f" y1="%.1f" y2="%.1f"/>`, colour, x(p.X), y(p.Low), y(p.High))
		fmt.Fprintf(b, `<circle class="f%d" cx="%.1f" cy="%.1f" r="4"><title>%s</title></circle>`+"\n",
			colour, x(p.X), y(p.Rate), html.EscapeString(fmt.Sprintf("%s: %s at %s", s.Label, tick(p.Rate), thousands(p.X))))
	}
}

// scale is how high the plot reaches, and after which steps there are lines: 1, 2 or 5 and zeros.
func (c Chart) scale() (top, step float64) {
	most := 0.0
	for _, s := range c.Series {
		for _, p := range s.Points {
			most = max(most, p.High, p.Rate)
		}
	}
	if most <= 0 {
		return 1, 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(most/gridLines)))
	for _, factor := range []float64{1, 2, 5, 10} {
		if step = unit * factor; most/step <= gridLines {
			break
		}
	}
	return step * math.Ceil(most/step), step
}

// describe says the same as the lines, for those who do not see them.
func (c Chart) describe() string {
	var all []string
	for _, s := range c.Series {
		var list []string
		for _, p := range s.Points {
			list = append(list, fmt.Sprintf("%s at %s", tick(p.Rate), thousands(p.X)))
		}
		all = append(all, s.Label+": "+strings.Join(list, ", "))
	}
	return c.Unit + "; " + strings.Join(all, "; ")
}

// tick writes a rate as its size allows.
func tick(v float64) string {
	if v >= 10 || v == 0 {
		return thousands(int64(v + 0.5))
	}
	return number(v)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

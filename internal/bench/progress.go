package bench

import (
	"fmt"
	"io"
	"time"
)

// How often a task's line is written: a terminal's is overwritten, a log's grows.
const (
	redrawEvery = 200 * time.Millisecond
	logEvery    = 15 * time.Second
)

// progress shows what is under way, one task after the other.
type progress struct {
	w        io.Writer
	terminal bool
}

// say writes a line of its own.
func (p *progress) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.w, format+"\n", args...) // nobody has to watch
}

// task shows one line about what is under way until done is called with the result, or
// with "" when there is none.
func (p *progress) task(label string, state func() string) (done func(result string)) {
	clearLine, lineEnd, every := "", "\n", logEvery
	if p.terminal {
		clearLine, lineEnd, every = "\r\x1b[K", "", redrawEvery
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // ends with done
		defer close(stopped)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				_, _ = fmt.Fprintf(p.w, "%s%s: %s%s", clearLine, label, state(), lineEnd)
			}
		}
	}()
	return func(result string) {
		close(stop)
		<-stopped
		_, _ = io.WriteString(p.w, clearLine)
		if result != "" {
			p.say("%s: %s", label, result)
		}
	}
}

// thousands writes a number with its digits in groups: 1,234,567.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

package httpapi

import (
	"sync"
	"time"
)

// calmInterval is the time for which one log line stands for all of its kind.
const calmInterval = time.Second

// calm keeps an overload from flooding the log: it lets one line pass per interval and
// counts the others.
type calm struct {
	mu     sync.Mutex
	held   int
	passed time.Time
}

// count notes one event. now says that a line is due, which stands for n events.
func (c *calm) count() (n int, now bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held++
	if time.Since(c.passed) < calmInterval {
		return 0, false
	}
	n, c.held, c.passed = c.held, 0, time.Now()
	return n, true
}

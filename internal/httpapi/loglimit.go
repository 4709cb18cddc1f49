package httpapi

import (
	"sync"
	"time"
)

// logInterval is the time for which one log line stands for all of its kind.
const logInterval = time.Second

// logLimit keeps an overload from flooding the log: it lets one line pass per interval and
// counts the others.
type logLimit struct {
	mu     sync.Mutex
	held   int
	passed time.Time
}

// count counts one event. now says that a line is due, which stands for n events.
func (l *logLimit) count() (n int, now bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held++
	if time.Since(l.passed) < logInterval {
		return 0, false
	}
	n, l.held, l.passed = l.held, 0, time.Now()
	return n, true
}

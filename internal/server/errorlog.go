package server

import (
	"log"
	"log/slog"
	"strings"
)

// newErrorLog is where net/http reports trouble. Most of it is callers who drop the connection,
// which nobody needs to see; the server's own faults are logged as errors.
func newErrorLog(to *slog.Logger) *log.Logger {
	return log.New(errorLog{to}, "", 0)
}

type errorLog struct{ to *slog.Logger }

// Write takes one line.
func (l errorLog) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	if strings.Contains(text, "panic serving") || strings.Contains(text, "Accept error") {
		l.to.Error("http", "error", text)
	} else {
		l.to.Debug("http", "error", text)
	}
	return len(line), nil
}

package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"parlor/internal/chat"
)

// retention counts what rules of retention have removed.
type retention struct{ messages, files, bytes prometheus.Counter }

func newRetention(registry *prometheus.Registry) retention {
	counter := func(what, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "parlor_retention_" + what + "_total", Help: help})
		registry.MustRegister(c)
		return c
	}
	return retention{
		messages: counter("messages", "Messages that rules of retention have removed on this node."),
		files:    counter("files", "Files that nothing names any more because of that; they go a day later."),
		bytes:    counter("bytes", "Bytes of those messages' texts and data, and of those files."),
	}
}

// freed counts one step.
func (r retention) freed(f chat.Freed) {
	r.messages.Add(float64(f.Messages))
	r.files.Add(float64(f.Files))
	r.bytes.Add(float64(f.Bytes))
}

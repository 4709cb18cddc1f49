package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"parlor/internal/chat"
)

// retention counts what rules of retention have removed.
type retention struct{ messages, files, bytes prometheus.Counter }

func newRetention(registry *prometheus.Registry) retention {
	r := retention{
		messages: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parlor_retention_messages_total", Help: "Messages that rules of retention have removed on this node.",
		}),
		files: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parlor_retention_files_total", Help: "Files that nothing names any more because of that; they go a day later.",
		}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parlor_retention_bytes_total", Help: "Bytes of those messages' texts and data, and of those files.",
		}),
	}
	registry.MustRegister(r.messages, r.files, r.bytes)
	return r
}

// freed counts one step.
func (r retention) freed(f chat.Freed) {
	r.messages.Add(float64(f.Messages))
	r.files.Add(float64(f.Files))
	r.bytes.Add(float64(f.Bytes))
}

package server

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/store"
)

// job counts one try of a job.
func (m *metrics) job(kind chat.JobKind, how job.Outcome) {
	m.jobs.WithLabelValues(string(kind), string(how)).Inc()
}

// backlog shows what durable work there is to do. It is the same on every node.
type backlog struct {
	of                func(context.Context, chat.JobKind) (store.JobCounts, error)
	kinds             []job.Kind
	due, oldest, dead *prometheus.Desc
}

// watchJobs shows what of says of each kind.
func (m *metrics) watchJobs(of func(context.Context, chat.JobKind) (store.JobCounts, error), kinds []job.Kind) {
	m.registry.MustRegister(&backlog{
		of: of, kinds: kinds,
		due: prometheus.NewDesc("parlor_jobs_due",
			"Durable work that is due and that nobody is at, by kind; 10000 stands for more.", []string{"kind"}, nil),
		oldest: prometheus.NewDesc("parlor_jobs_oldest_seconds",
			"For how long the earliest of it has been due, by kind.", []string{"kind"}, nil),
		dead: prometheus.NewDesc("parlor_jobs_dead", "Durable work that was given up and is kept, by kind.", []string{"kind"}, nil),
	})
}

// Describe names the metrics.
func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	to <- b.due
	to <- b.oldest
	to <- b.dead
}

// Collect asks the database. While it does not answer, nothing is shown.
func (b *backlog) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	for _, k := range b.kinds {
		c, err := b.of(ctx, k.Name)
		if err != nil {
			return
		}
		for desc, v := range map[*prometheus.Desc]float64{
			b.due: float64(c.Due), b.oldest: c.Oldest.Seconds(), b.dead: float64(c.Dead),
		} {
			to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, string(k.Name))
		}
	}
}

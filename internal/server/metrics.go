package server

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parlor/internal/chat"
	"parlor/internal/push"
	"parlor/internal/store"
)

// metrics is what /metrics shows; docs/operations.md lists it.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	writes    prometheus.Histogram
	commits   prometheus.Histogram
	taken     *prometheus.CounterVec
	ignored   *prometheus.CounterVec
	dropped   prometheus.Counter
	refused   *prometheus.CounterVec
	pushes    *prometheus.CounterVec
	jobs      *prometheus.CounterVec
	pictures  *prometheus.CounterVec
	webhooks  *prometheus.CounterVec
	retention retention
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parlor_requests_total", Help: "API calls by endpoint and error code; an empty code is a success.",
		}, []string{"path", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "parlor_request_seconds", Help: "Time to serve an API call.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
		}, []string{"path"}),
		writes: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parlor_commit_writes", Help: "Writes that shared one commit.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parlor_commit_seconds", Help: "Time to run and durably commit one group of writes.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
		}),
	}
	m.taken = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parlor_frames_total", Help: "Frames of clients that were taken, by event.",
	}, []string{"event"})
	m.ignored = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parlor_frames_ignored_total", Help: "Frames of clients that had no effect, by reason.",
	}, []string{"reason"})
	m.dropped = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "parlor_events_dropped_total", Help: "Events that came faster than sessions could be told; messages among them are read again.",
	})
	m.refused = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parlor_refused_total", Help: "Requests refused because a share was used up, by share and kind of caller.",
	}, []string{"share", "caller"})
	m.jobs = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parlor_jobs_total", Help: "Tries of durable work on this node, by kind and how they ended.",
	}, []string{"kind", "outcome"})
	m.pushes = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parlor_push_total", Help: "Push notifications to devices, by kind of device and by what became of them.",
	}, []string{"kind", "outcome"})
	m.pictures = newRefusedPictures()
	m.retention = newRetention(m.registry)
	m.webhooks = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parlor_webhook_events_total", Help: "Events that webhooks were told on this node, by what became of them.",
	}, []string{"outcome"})
	m.registry.MustRegister(m.pictures, m.pushes, m.webhooks, m.taken, m.ignored, m.dropped, m.refused, m.jobs)
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "parlor_build_info", Help: "Always 1; the version is in the label.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, m.writes, m.commits, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) request(path, code string, took time.Duration) {
	m.requests.WithLabelValues(path, code).Inc()
	m.seconds.WithLabelValues(path).Observe(took.Seconds())
}

func (m *metrics) commit(writes int, took time.Duration) {
	m.writes.Observe(float64(writes))
	m.commits.Observe(took.Seconds())
}

func (m *metrics) refusal(share, caller string) { m.refused.WithLabelValues(share, caller).Inc() }

func (m *metrics) push(kind chat.PushKind, outcome push.Outcome) {
	m.pushes.WithLabelValues(string(kind), string(outcome)).Inc()
}

// FrameTaken counts a client's frame that was taken.
func (m *metrics) FrameTaken(event string) { m.taken.WithLabelValues(event).Inc() }

// FrameIgnored counts one that had no effect.
func (m *metrics) FrameIgnored(reason string) { m.ignored.WithLabelValues(reason).Inc() }

// watch shows how many sessions there are.
func (m *metrics) watch(sessions func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "parlor_sessions", Help: "Devices that are connected to this node.",
	}, func() float64 { return float64(sessions()) }))
}

// space shows what an embedded database takes of its disk.
type space struct {
	of   func(context.Context) (store.Space, bool, error)
	desc *prometheus.Desc
}

// watchSpace shows what of says, if it says anything.
func (m *metrics) watchSpace(of func(context.Context) (store.Space, bool, error)) {
	m.registry.MustRegister(&space{of, prometheus.NewDesc("parlor_database_bytes",
		"What the embedded database takes of its disk, by part.", []string{"part"}, nil)})
}

// Describe names the metric.
func (s *space) Describe(to chan<- *prometheus.Desc) { to <- s.desc }

// Collect asks the database. While it does not answer, nothing is shown.
func (s *space) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	is, ok, err := s.of(ctx)
	if err != nil || !ok {
		return
	}
	for part, n := range map[string]int64{"data": is.Data, "free": is.Free, "log": is.Log} {
		to <- prometheus.MustNewConstMetric(s.desc, prometheus.GaugeValue, float64(n), part)
	}
}

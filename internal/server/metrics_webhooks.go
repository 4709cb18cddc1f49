package server

import (
	"context"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"parlor/internal/store"
)

// untold shows what webhooks have not been told. It is the same on every node.
type untold struct {
	of                    func(context.Context) ([]store.WebhookBacklog, error)
	waiting, oldest, dead *prometheus.Desc
}

// watchWebhooks shows what of says.
func (m *metrics) watchWebhooks(of func(context.Context) ([]store.WebhookBacklog, error)) {
	by := []string{"webhook"}
	m.registry.MustRegister(&untold{
		of: of,
		waiting: prometheus.NewDesc("parlor_webhook_waiting",
			"Events that wait to be told to a webhook again, and those behind them; 1000 stands for more.", by, nil),
		oldest: prometheus.NewDesc("parlor_webhook_oldest_seconds",
			"How long ago the first event has happened that a webhook was not told.", by, nil),
		dead: prometheus.NewDesc("parlor_webhook_dead",
			"Events of a webhook that were given up and are kept; 1000 stands for more.", by, nil),
	})
}

// Describe names the metrics.
func (u *untold) Describe(to chan<- *prometheus.Desc) {
	to <- u.waiting
	to <- u.oldest
	to <- u.dead
}

// Collect asks the database. While it does not answer, nothing is shown.
func (u *untold) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	list, err := u.of(ctx)
	if err != nil {
		return
	}
	for _, b := range list {
		id := strconv.FormatInt(int64(b.Webhook), 10)
		for desc, v := range map[*prometheus.Desc]float64{
			u.waiting: float64(b.Waiting), u.oldest: b.Oldest.Seconds(), u.dead: float64(b.Dead),
		} {
			to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, id)
		}
	}
}

package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"parlor/internal/service"
)

// searchState shows how far this node is with the index of messages.
type searchState struct {
	of                              func() (service.Search, bool)
	indexed, lag, building, builtTo *prometheus.Desc
}

// watchSearch shows what of says, if it says anything.
func (m *metrics) watchSearch(of func() (service.Search, bool)) {
	m.registry.MustRegister(&searchState{
		of:       of,
		indexed:  prometheus.NewDesc("parlor_search_indexed_total", "Messages that this node has put into the search index.", nil, nil),
		lag:      prometheus.NewDesc("parlor_search_lag_seconds", "For how long this node has known of something that the search index does not have yet.", nil, nil),
		building: prometheus.NewDesc("parlor_search_building", "1 while this node makes the search index.", nil, nil),
		builtTo:  prometheus.NewDesc("parlor_search_built_ratio", "How far the making of the search index is, by the ids of messages.", nil, nil),
	})
}

// Describe names the metrics.
func (s *searchState) Describe(to chan<- *prometheus.Desc) {
	to <- s.indexed
	to <- s.lag
	to <- s.building
	to <- s.builtTo
}

// Collect asks the service.
func (s *searchState) Collect(to chan<- prometheus.Metric) {
	is, ok := s.of()
	if !ok {
		return
	}
	building, ratio := 0.0, 1.0
	if is.Building {
		building, ratio = 1, float64(is.Position)/float64(max(is.Until, 1))
	}
	to <- prometheus.MustNewConstMetric(s.indexed, prometheus.CounterValue, float64(is.Indexed))
	to <- prometheus.MustNewConstMetric(s.lag, prometheus.GaugeValue, is.Lag.Seconds())
	to <- prometheus.MustNewConstMetric(s.building, prometheus.GaugeValue, building)
	to <- prometheus.MustNewConstMetric(s.builtTo, prometheus.GaugeValue, ratio)
}

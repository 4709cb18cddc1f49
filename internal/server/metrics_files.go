package server

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"parlor/internal/chat"
	"parlor/internal/picture"
	"parlor/internal/store"
)

// storedFiles shows what files take, all together and of those Apps that have a bound.
type storedFiles struct {
	store                     *store.Store
	quotas                    chat.Quotas
	files, bytes, used, quota *prometheus.Desc
}

// watchFiles shows what the files in a store take, beside the quotas of the settings.
func (m *metrics) watchFiles(st *store.Store, q chat.Quotas) {
	app := []string{"app"}
	m.registry.MustRegister(&storedFiles{
		store: st, quotas: q,
		files: prometheus.NewDesc("parlor_files", "Files and photos that are stored.", nil, nil),
		bytes: prometheus.NewDesc("parlor_files_bytes", "What they take, small pictures included.", nil, nil),
		used:  prometheus.NewDesc("parlor_app_files_bytes", "What the files of an app with a quota take.", app, nil),
		quota: prometheus.NewDesc("parlor_app_files_quota_bytes", "What they may take.", app, nil),
	})
}

// Describe names the metrics.
func (s *storedFiles) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.files, s.bytes, s.used, s.quota} {
		to <- d
	}
}

// Collect asks the database. While it does not answer, nothing is shown.
func (s *storedFiles) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	files, bytes, err := s.store.StoredFiles(ctx)
	if err != nil {
		return
	}
	gauge := func(d *prometheus.Desc, n int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	gauge(s.files, files)
	gauge(s.bytes, bytes)
	apps, err := s.store.AppUsages(ctx)
	if err != nil {
		return
	}
	for _, u := range apps {
		if quota := s.quotas.For(u.App).App; quota > 0 {
			gauge(s.used, u.Bytes, u.App.Name)
			gauge(s.quota, quota, u.App.Name)
		}
	}
}

// newRefusedPictures counts uploads of which no small picture was made. Those who send bombs show there.
func newRefusedPictures() *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parlor_pictures_refused_total", Help: "Pictures that were not decoded, or not to the end, by reason.",
	}, []string{"reason"})
	for _, reason := range []picture.Refusal{picture.TooLarge, picture.Damaged} {
		c.WithLabelValues(string(reason)) // a rate needs the 0 before the first
	}
	return c
}

func (m *metrics) pictureRefused(reason picture.Refusal) {
	m.pictures.WithLabelValues(string(reason)).Inc()
}

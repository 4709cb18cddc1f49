package server

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"parlor/internal/picture"
)

// storedFiles shows what the files of all Apps take.
type storedFiles struct {
	of           func(context.Context) (files, bytes int64, err error)
	files, bytes *prometheus.Desc
}

// watchFiles shows what of says.
func (m *metrics) watchFiles(of func(context.Context) (files, bytes int64, err error)) {
	m.registry.MustRegister(&storedFiles{
		of:    of,
		files: prometheus.NewDesc("parlor_files", "Files and photos that are stored.", nil, nil),
		bytes: prometheus.NewDesc("parlor_files_bytes", "What they take, small pictures included.", nil, nil),
	})
}

// Describe names the metrics.
func (s *storedFiles) Describe(to chan<- *prometheus.Desc) {
	to <- s.files
	to <- s.bytes
}

// Collect asks the database. While it does not answer, nothing is shown.
func (s *storedFiles) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	files, bytes, err := s.of(ctx)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(s.files, prometheus.GaugeValue, float64(files))
	to <- prometheus.MustNewConstMetric(s.bytes, prometheus.GaugeValue, float64(bytes))
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

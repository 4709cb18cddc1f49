package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// ServeBare serves on listen until ctx ends: it reads each POST's body and answers an
// envelope of size bytes. This is what any API over net/http costs at least. Like a
// Parlor it shows its processor time at /metrics and is ready at /readyz.
func ServeBare(ctx context.Context, listen string, size int) error {
	return serveBare(ctx, listen, bareHandler(size))
}

// serveBare serves a ceiling until ctx ends.
func serveBare(ctx context.Context, listen string, h http.Handler) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })() // nobody waits for what is cut off
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func bareHandler(size int) http.Handler {
	const head, end = envelopeOK + `"filler":"`, `"}`
	filler := bytes.Repeat([]byte{'x'}, max(0, size-len(head)-len(end)))
	answer := []byte(head + string(filler) + end)
	length, contentType := []string{strconv.Itoa(len(answer))}, []string{"application/json"}
	metrics := processMetrics()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			if r.URL.Path == "/metrics" {
				metrics.ServeHTTP(w, r)
			}
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return // the connection is broken
		}
		h := w.Header()
		h["Content-Type"], h["Content-Length"] = contentType, length
		_, _ = w.Write(answer) // a caller that has left needs no answer
	})
}

func processMetrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"parlor/api"
	"parlor/internal/apidocs"
	"parlor/internal/chat"
	"parlor/internal/powertalk"
)

// readyTimeout bounds what /readyz waits for the database.
const readyTimeout = 3 * time.Second

// routes puts the operator's pages before the API. A ServeMux would redirect paths with
// a double slash, and a redirected POST loses its body; so paths are compared as they are.
func routes(serve http.Handler, b *built, m *metrics) http.Handler {
	docs := sync.OnceValues(func() (*apidocs.Docs, error) { return apidocs.New(api.OpenAPI) })
	page := func(of func(*apidocs.Docs) http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			d, err := docs() // rendered at the first request, so that a start does not wait for it
			if err != nil {
				http.Error(w, "the API description cannot be rendered", http.StatusInternalServerError)
				return
			}
			of(d).ServeHTTP(w, r)
		})
	}
	operator := map[string]http.Handler{
		"/healthz":                 http.HandlerFunc(healthz),
		"/readyz":                  readyz(b),
		"/metrics":                 m.handler(),
		"/openapi.json":            page((*apidocs.Docs).JSON),
		"/postman_collection.json": apidocs.Collection(api.Postman),
		"/docs":                    page((*apidocs.Docs).Page),
	}
	open := powertalk.CORS(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if powertalk.IsConnect(r.URL.Path) {
			b.sockets.ServeHTTP(w, r)
			return
		}
		if b.files.Serves(r.URL.Path) {
			b.files.ServeHTTP(w, r)
			return
		}
		serve.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			home(w, r)
			return
		}
		if h, ok := operator[strings.TrimSuffix(r.URL.Path, "/")]; ok {
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				w.Header().Set("Allow", "GET, HEAD")
				http.Error(w, "use GET", http.StatusMethodNotAllowed)
				return
			}
			h.ServeHTTP(w, r)
			return
		}
		open.ServeHTTP(w, r)
	})
}

// home is for people who open the address in a browser.
func home(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	_, _ = io.WriteString(w, `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Parlor</title></head>
<body><p>This is Parlor, a chat server. Its calls, with examples: <a href="docs">/docs</a></p></body></html>
`) // a caller that has left needs no answer
}

// healthz says that the process is up.
func healthz(w http.ResponseWriter, _ *http.Request) {
	writeStatus(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether requests can be served, durable writes included.
func readyz(b *built) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		type readiness struct {
			Ready  bool              `json:"ready"`
			Checks map[string]string `json:"checks"`
		}
		answer := readiness{true, map[string]string{"database": "ok"}}
		if err := b.service.Ready(ctx); err != nil {
			answer.Ready, answer.Checks["database"] = false, unready(err)
		}
		if b.bus != nil {
			answer.Checks["bus"] = "ok"
			if b.bus.Healthy() != nil {
				answer.Ready, answer.Checks["bus"] = false, "the bus between nodes is not connected"
			}
		}
		status := http.StatusOK
		if !answer.Ready {
			status = http.StatusServiceUnavailable
		}
		writeStatus(w, status, answer)
	})
}

// unready says only what is meant to be shown: the page is open to everybody.
func unready(err error) string {
	var shown *chat.Error
	if errors.As(err, &shown) {
		return shown.Message
	}
	return "the database does not answer"
}

func writeStatus(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a caller that has left needs no answer
}

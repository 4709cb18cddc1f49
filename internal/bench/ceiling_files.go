package bench

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
)

// The paths of ServeBareFiles.
const (
	bareUpload   = "/upload"
	bareDownload = "/download"
)

// ServeBareFiles serves on listen until ctx ends: a POST to /upload is stored in a file of its own
// below dir, fsynced, before it is answered; one to /download is answered with the first of them.
// This is what any file over net/http costs at least.
func ServeBareFiles(ctx context.Context, listen, dir string) error {
	return serveBare(ctx, listen, bareFiles(dir))
}

func bareFiles(dir string) http.Handler {
	var count atomic.Int64
	name := func(n int64) string { return filepath.Join(dir, strconv.FormatInt(n, 10)) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("GET /metrics", processMetrics())
	mux.HandleFunc("POST "+bareUpload, func(w http.ResponseWriter, r *http.Request) {
		if err := writeSynced(name(count.Add(1)), r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(envelopeOK + `"data":{}}`)) // a caller that has left needs no answer
	})
	mux.HandleFunc("POST "+bareDownload, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if err := send(w, name(1)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}

// writeSynced stores what it reads in a new file that is on the disk when it returns.
func writeSynced(name string, r io.Reader) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	return f.Sync()
}

func send(w http.ResponseWriter, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	_, _ = io.Copy(w, f) // a caller that has left needs no answer
	return nil
}
